// The page of a job: what the server says of it changes in place.
import { calm, follow } from "./live.js";
import { lamp, times } from "./page.js";

const CHANGING = ["state", "rail", "result"];

export function start(place) {
  if (place.dataset.ended === "true") {
    lamp("over");
    return;
  }
  const renew = calm(async () => {
    const answer = await fetch(location.pathname, { headers: { "HX-Request": "true" } });
    if (!answer.ok) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const id of CHANGING) {
      const now = page.getElementById(id);
      const before = document.getElementById(id);
      if (now && before && now.innerHTML !== before.innerHTML) {
        const held = before.contains(document.activeElement) ? document.activeElement : null;
        before.replaceWith(now);
        times(now);
        // The reader stays on the button that they were on.
        if (held) {
          [...now.querySelectorAll(held.tagName)].find(it => it.textContent.trim() === held.textContent.trim())?.focus();
        }
      }
    }
    if (page.querySelector("[data-island=job]")?.dataset.ended === "true") {
      document.getElementById("cancel")?.close();
      lamp("over");
    }
  }, 500);
  follow(`/job/${place.dataset.job}/events`, {
    snapshot: renew,
    resync: renew,
    job: renew,
    progress: renew,
    end: (_, events) => {
      events.close();
      renew();
    },
  });
}
