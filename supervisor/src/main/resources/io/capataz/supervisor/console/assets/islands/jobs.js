// The list of jobs: rows in view change in place, new jobs gather behind a line.
import { calm, follow } from "./live.js";
import { times } from "./page.js";

const ENDED = new Set(["succeeded", "failed", "canceled", "expired"]);

export function start(place) {
  const rows = place.querySelector("#rows");
  const more = place.querySelector("#more-new");
  const known = new Set([...place.querySelectorAll("tr[id]")].map(row => row.id));
  const isNewest = place.dataset.live === "true";
  const fresh = new Set();
  const moved = new Set();

  const renew = calm(async () => {
    const ids = [...moved];
    moved.clear();
    for (const id of ids) {
      const row = document.getElementById(`j-${id}`);
      if (!row || row.contains(document.activeElement)) continue;
      await htmx.ajax("GET", `/console/jobs/${id}/row`, { target: `#j-${id}`, swap: "outerHTML" });
      const now = document.getElementById(`j-${id}`);
      if (now) {
        now.classList.add("changed");
        times(now);
      }
    }
  }, 700);

  follow("/events", {
    job: job => {
      if (known.has(`j-${job.id}`)) {
        moved.add(job.id);
        renew();
      } else if (isNewest && job.rev === 0 && !fresh.has(job.id)) {
        fresh.add(job.id);
        more.textContent = place.dataset.new.replace("{0}", fresh.size);
        more.hidden = false;
      }
    },
    // What ended after the page was made and before the first event is not told again.
    snapshot: present => {
      const now = new Map(present.jobs.map(job => [job.id, job.status]));
      for (const row of place.querySelectorAll("tr[id]")) {
        const id = row.id.slice(2);
        if (!ENDED.has(row.dataset.state) && now.get(id) !== row.dataset.state) moved.add(id);
      }
      renew();
    },
    resync: () => {
      for (const id of known) moved.add(id.slice(2));
      renew();
    },
  });
  if (rows) keys(rows);
}

function keys(rows) {
  document.addEventListener("keydown", event => {
    if (event.target.closest("input, select, textarea") || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key !== "j" && event.key !== "k") return;
    const links = [...rows.querySelectorAll("a.name")];
    const at = links.indexOf(document.activeElement);
    links[Math.min(links.length - 1, Math.max(0, at + (event.key === "j" ? 1 : -1)))]?.focus();
  });
}
