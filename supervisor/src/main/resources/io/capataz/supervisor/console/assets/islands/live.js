// Events of the server, and the lamp that says whether they arrive.
import { lamp } from "./page.js";

export const organization = document.querySelector("meta[name=organization]").content;

/** Follows a route; handlers by the name of the event. */
export function follow(path, handlers) {
  const events = new EventSource(`/console/live/${encodeURIComponent(organization)}${path}`);
  events.onopen = () => lamp("live");
  events.onerror = () => lamp("trying");
  for (const [name, handler] of Object.entries(handlers)) {
    events.addEventListener(name, event => handler(JSON.parse(event.data), events));
  }
  addEventListener("pagehide", () => events.close());
  return events;
}

/** Calls at once, and then at most once in so many milliseconds, but after every call once. */
export function calm(action, pause) {
  let last = 0;
  let timer = null;
  return () => {
    if (timer) return;
    const wait = Math.max(0, last + pause - Date.now());
    timer = setTimeout(() => {
      timer = null;
      last = Date.now();
      action();
    }, wait);
  };
}
