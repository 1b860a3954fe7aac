// What every page has: times in the reader's zone, copying, dialogs, and the islands that it names.
// Islands set attributes, classes and text; they never make markup from data.

const exact = new Intl.DateTimeFormat(document.documentElement.lang, {
  weekday: "short", day: "numeric", month: "short", year: "numeric",
  hour: "2-digit", minute: "2-digit", second: "2-digit", timeZoneName: "short", hour12: false,
});
const clock = new Intl.DateTimeFormat(document.documentElement.lang, {
  hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false,
});
const axes = {
  hour: new Intl.DateTimeFormat(document.documentElement.lang, { hour: "2-digit", minute: "2-digit", hour12: false }),
  week: new Intl.DateTimeFormat(document.documentElement.lang, { weekday: "short", day: "numeric" }),
  exact,
};
axes.day = axes.hour;
function ago(instant) {
  const seconds = Math.round((Date.now() - instant) / 1000);
  const size = Math.abs(seconds);
  const [unit, one] = size < 60 ? ["Second", 1] : size < 3600 ? ["Minute", 60] : size < 86400 ? ["Hour", 3600] : ["Day", 86400];
  const said = document.body.dataset[(seconds >= 0 ? "ago" : "in") + unit] ?? "{0}";
  return said.replace("{0}", Math.floor(size / one));
}

export function times(root) {
  for (const time of root.querySelectorAll("time[datetime]")) {
    const instant = new Date(time.dateTime);
    if (Number.isNaN(instant.getTime())) continue;
    time.dataset.exact = exact.format(instant);
    const axis = axes[time.dataset.axis];
    time.textContent = axis ? axis.format(instant) : time.hasAttribute("data-clock") ? clock.format(instant) : ago(instant);
  }
}

/** How long something took, as the server says it. */
export function span(seconds) {
  const two = n => String(n).padStart(2, "0");
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  const whole = Math.floor(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} m ${two(whole % 60)} s`;
  if (whole < 86400) return `${Math.floor(whole / 3600)} h ${two(Math.floor((whole % 3600) / 60))} m`;
  return `${Math.floor(whole / 86400)} d ${Math.floor((whole % 86400) / 3600)} h`;
}

/** What runs is counted on. */
function running() {
  for (const place of document.querySelectorAll("[data-since]")) {
    place.textContent = span(Math.max(0, (Date.now() - new Date(place.dataset.since)) / 1000));
  }
}

/** The lamp in the top bar. */
export function lamp(state) {
  const place = document.getElementById("live");
  if (!place) return;
  place.hidden = false;
  place.className = "live" + (state === "live" ? "" : state === "over" ? " over" : " off");
  place.textContent = place.dataset[state];
}

export function toast(text) {
  const place = document.createElement("div");
  place.className = "toast";
  const said = document.createElement("span");
  said.textContent = text;
  place.append(said);
  document.getElementById("toasts")?.append(place);
  setTimeout(() => place.remove(), 6000);
}

document.addEventListener("click", event => {
  const copy = event.target.closest("[data-copy]");
  if (copy) {
    const text = copy.dataset.copy ? document.getElementById(copy.dataset.copy).textContent : copy.dataset.text;
    navigator.clipboard.writeText(text).then(() => {
      copy.classList.add("changed-once");
      setTimeout(() => copy.classList.remove("changed-once"), 1600);
    });
    return;
  }
  const opens = event.target.closest("[data-opens]");
  if (opens) {
    document.getElementById(opens.dataset.opens).showModal();
    return;
  }
  const closes = event.target.closest("[data-closes]");
  if (closes) {
    closes.closest("dialog").close();
    return;
  }
  for (const open of document.querySelectorAll("details.menu-up[open]")) {
    if (!open.contains(event.target)) open.open = false;
  }
});

document.addEventListener("keydown", event => {
  if (event.key === "Escape") {
    for (const open of document.querySelectorAll("details.menu-up[open]")) open.open = false;
  }
  const field = event.target.closest("input, select, textarea, [contenteditable]");
  if ((event.ctrlKey || event.metaKey) && event.key === "Enter" && field?.form?.dataset.keys === "enter") {
    field.form.requestSubmit();
  }
  if (field || event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
  go(event);
});

let afterG = 0;
const places = { h: "/console", j: "/console/jobs", t: "/console/tasks", o: "/console/hosts", w: "/console/workflows", i: "/console/inbox" };

function go(event) {
  if (Date.now() - afterG < 1200 && places[event.key] && document.querySelector(`a[href="${places[event.key]}"]`)) {
    location.assign(places[event.key]);
    event.preventDefault();
    return;
  }
  afterG = event.key === "g" ? Date.now() : 0;
  if (event.key === "/") {
    const search = document.querySelector("main input[type=search]");
    if (search) {
      search.focus();
      search.select();
      event.preventDefault();
    }
  }
}

/** Requests of htmx carry the form token. */
document.addEventListener("htmx:config:request", event => {
  event.detail.ctx.request.headers["X-Form-Token"] = document.querySelector("meta[name=form-token]").content;
});
document.addEventListener("htmx:after:swap", () => times(document));

document.querySelector(".note[role=alert], .field.bad .input, .field.bad .select")?.focus?.();
times(document);
running();
setInterval(() => { times(document); }, 20_000);
setInterval(running, 1000);
for (const island of document.querySelectorAll("[data-island]")) {
  import(`./${island.dataset.island}.js`).then(module => module.start(island));
}
