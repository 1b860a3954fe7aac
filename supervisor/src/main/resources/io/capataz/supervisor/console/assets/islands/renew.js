// A page whose parts are asked for again when a job has moved: data-parts names them, data-run the
// workflow run whose jobs matter; without it, every job does. data-every says after how many
// milliseconds it is asked for anyway, because what it shows has no events of its own.
import { calm, follow } from "./live.js";
import { lamp, times } from "./page.js";

export function start(place) {
  if (place.dataset.ended === "true") {
    lamp("over");
    return;
  }
  const run = place.dataset.run;
  const renew = calm(async () => {
    const answer = await fetch(location.href, { headers: { "HX-Request": "true" } });
    if (!answer.ok) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const id of place.dataset.parts.split(" ")) {
      const now = page.getElementById(id);
      const before = document.getElementById(id);
      // Nothing moves under the reader's focus.
      if (now && before && !before.contains(document.activeElement) && now.innerHTML !== before.innerHTML) {
        before.replaceWith(now);
        times(now);
      }
    }
    if (page.querySelector("[data-island=renew]")?.dataset.ended === "true") {
      events.close();
      clearInterval(asking);
      lamp("over");
    }
  }, run ? 700 : 3000);
  const every = Number(place.dataset.every ?? 0);
  const asking = every > 0 ? setInterval(() => { if (!document.hidden) renew(); }, every) : 0;
  let begun = false;
  const events = follow("/events", {
    snapshot: () => { if (begun || run) renew(); begun = true; },
    resync: renew,
    job: job => { if (!run || job.workflow_run === run) renew(); },
  });
}
