// The first page: what it says is asked for again when something has happened.
import { calm, follow } from "./live.js";
import { times } from "./page.js";

export function start() {
  const renew = calm(async () => {
    const answer = await fetch(location.pathname + location.search, { headers: { "HX-Request": "true" } });
    if (!answer.ok) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const id of ["counts", "charts", "now"]) {
      const now = page.getElementById(id);
      const before = document.getElementById(id);
      if (now && before && !before.contains(document.activeElement) && !before.matches(":hover")) {
        before.replaceWith(now);
        times(now);
      }
    }
    const title = page.querySelector("h1");
    if (title) document.querySelector("h1").textContent = title.textContent;
  }, 3000);
  follow("/events", {
    snapshot: renew,
    resync: renew,
    job: renew,
  });
}
