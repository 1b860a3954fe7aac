// What a script prints, live and afterwards. Lines are in blocks; only the blocks near the eye are
// filled, so that 300,000 lines are no more work than 3,000.
import { classes, parse, PLAIN } from "./ansi.js";
import { organization } from "./live.js";

const BLOCK = 100;
const LINE = 19;
const LONGEST = 20_000;
const BAD = /\b(error|exception|fatal|traceback|panic)\b/i;

export function start(place) {
  new Output(place).run();
}

class Output {
  constructor(place) {
    this.place = place;
    this.log = this.part("log");
    this.list = this.part("lines");
    this.lines = [];
    this.open = {};
    this.style = {};
    this.shown = "";
    this.view = [];
    this.blocks = [];
    this.attempt = 0;
    this.hits = [];
    this.hit = -1;
    this.following = true;
    this.isOver = false;
    this.near = new IntersectionObserver(seen => this.seen(seen), { root: this.log, rootMargin: "900px" });
  }

  part(role) {
    return this.place.querySelector(`[data-role="${role}"]`);
  }

  run() {
    this.buttons();
    this.keys();
    this.told();
    this.log.addEventListener("scroll", () => this.scrolled(), { passive: true });
    const events = new EventSource(`/console/live/${encodeURIComponent(organization)}/job/${this.place.dataset.job}/output`);
    events.onopen = () => this.lamp("live");
    events.onerror = () => this.isOver || this.lamp("trying");
    events.addEventListener("state", event => this.begin(JSON.parse(event.data).attempt));
    events.addEventListener("output", event => {
      const piece = JSON.parse(event.data);
      this.begin(piece.attempt);
      this.add(piece);
    });
    events.addEventListener("end", () => {
      this.isOver = true;
      events.close();
      this.lamp("over");
      this.paint();
    });
    addEventListener("pagehide", () => events.close());
  }

  lamp(state) {
    const lamp = this.part("lamp");
    lamp.className = "live" + (state === "live" ? "" : state === "over" ? " over" : " off");
    lamp.textContent = lamp.dataset[state];
  }

  /** Another attempt begins with nothing. */
  begin(attempt) {
    if (attempt === this.attempt) return;
    this.attempt = attempt;
    this.lines = [];
    this.open = {};
    this.style = {};
    this.filter();
  }

  add(piece) {
    const texts = piece.text.split("\n");
    texts.forEach((text, at) => {
      const last = at === texts.length - 1;
      let line = this.open[piece.stream];
      if (!line) {
        if (last && !text) return;
        line = { n: this.lines.length, stream: piece.stream, after: piece.after, text: "", style: this.style[piece.stream] ?? PLAIN };
        this.open[piece.stream] = line;
        this.lines.push(line);
        if (!this.shown || this.shown === line.stream) this.view.push(line.n);
      }
      if (line.text.length < LONGEST) line.text += text;
      line.changed = true;
      if (!last) {
        if (line.text.includes("\x1b")) this.style[piece.stream] = parse(line.text, line.style).style;
        else this.style[piece.stream] = line.style;
        this.open[piece.stream] = null;
      }
    });
    this.later();
  }

  later() {
    if (this.frame) return;
    this.frame = requestAnimationFrame(() => {
      this.frame = null;
      this.paint();
    });
  }

  filter() {
    this.near.disconnect();
    this.list.replaceChildren();
    this.blocks = [];
    this.view = this.lines.filter(line => !this.shown || line.stream === this.shown).map(line => line.n);
    this.search(this.part("search").value);
    this.paint();
  }

  paint() {
    while (this.blocks.length * BLOCK < this.view.length) {
      const element = document.createElement("li");
      element.className = "block";
      const block = { element, at: this.blocks.length, full: false, count: 0 };
      element.block = block;
      this.blocks.push(block);
      this.list.append(element);
      this.near.observe(element);
    }
    for (const block of this.blocks.slice(-3)) {
      const count = Math.min(BLOCK, this.view.length - block.at * BLOCK);
      const stale = this.view.slice(block.at * BLOCK, block.at * BLOCK + count).some(n => this.lines[n].changed);
      if (block.count !== count || stale) {
        block.count = count;
        if (block.full) this.fill(block);
        else block.element.style.height = `${count * LINE}px`;
      }
    }
    for (const name of Object.keys(this.open)) if (this.open[name]) this.open[name].changed = false;
    this.told();
    if (this.following) this.log.scrollTop = this.log.scrollHeight;
  }

  seen(entries) {
    for (const { target, isIntersecting } of entries) {
      const block = target.block;
      if (isIntersecting && !block.full) {
        block.full = true;
        this.fill(block);
      } else if (!isIntersecting && block.full) {
        block.full = false;
        target.style.height = `${target.offsetHeight}px`;
        target.replaceChildren();
      }
    }
    if (this.following) this.log.scrollTop = this.log.scrollHeight;
  }

  fill(block) {
    const list = document.createElement("ol");
    for (let i = block.at * BLOCK; i < Math.min(this.view.length, (block.at + 1) * BLOCK); i++) {
      const line = this.lines[this.view[i]];
      line.changed = false;
      list.append(this.row(line));
    }
    block.element.style.height = "";
    block.element.replaceChildren(list);
  }

  row(line) {
    const row = document.createElement("li");
    row.id = `L${line.n + 1}`;
    row.className = (line.stream === "stderr" ? "e" : "") + (line.n === this.chosen ? " on" : "");
    const link = document.createElement("a");
    link.href = `#L${line.n + 1}`;
    link.textContent = (line.n + 1).toLocaleString(document.documentElement.lang);
    const time = document.createElement("i");
    time.textContent = after(line.after);
    const text = document.createElement("span");
    for (const part of parse(overwritten(line.text), line.style).parts) this.marked(text, part);
    if (line.text.length >= LONGEST) {
      const cut = document.createElement("em");
      cut.className = "dimmer";
      cut.textContent = ` ${this.place.dataset.cut}`;
      text.append(cut);
    }
    row.append(link, time, text);
    return row;
  }

  marked(into, part) {
    const style = classes(part.style);
    const needle = this.needle;
    let rest = part.text;
    const put = (text, mark) => {
      if (!text) return;
      const element = document.createElement(mark ? "mark" : "span");
      if (style) element.className = style;
      element.textContent = text;
      into.append(style || mark ? element : document.createTextNode(text));
    };
    while (needle) {
      const at = rest.toLowerCase().indexOf(needle);
      if (at < 0) break;
      put(rest.slice(0, at), false);
      put(rest.slice(at, at + needle.length), true);
      rest = rest.slice(at + needle.length);
    }
    put(rest, false);
  }

  told() {
    const count = this.lines.length.toLocaleString(document.documentElement.lang);
    this.part("count").textContent = this.lines.length
      ? this.place.dataset.lines.replace("{0}", count)
      : this.isOver ? this.place.dataset.none : this.place.dataset.waiting;
    const below = this.part("below");
    const left = Math.round((this.log.scrollHeight - this.log.scrollTop - this.log.clientHeight) / LINE);
    below.hidden = this.following || left < 2;
    below.textContent = this.place.dataset.below.replace("{0}", left.toLocaleString(document.documentElement.lang));
    this.rule();
  }

  /** Where errors and hits are, beside the scroll bar. */
  rule() {
    const ruler = this.part("ruler");
    const places = new Map();
    const all = Math.max(1, this.view.length);
    const add = (i, kind) => places.set(`${kind}${Math.round((i / all) * 250)}`, [Math.round((i / all) * 1000), kind]);
    if (this.view.length < 50_000) {
      this.view.forEach((n, i) => { if (this.lines[n].stream === "stderr") add(i, "failed"); });
    }
    for (const i of this.hits) add(i, "tone");
    ruler.replaceChildren(...[...places.values()].slice(0, 600).map(([y, kind]) => {
      const mark = document.createElementNS("http://www.w3.org/2000/svg", "rect");
      mark.setAttribute("class", kind);
      mark.setAttribute("y", y);
      mark.setAttribute("width", 8);
      mark.setAttribute("height", 4);
      return mark;
    }));
  }

  scrolled() {
    const atEnd = this.log.scrollHeight - this.log.scrollTop - this.log.clientHeight < 2 * LINE;
    if (this.following && !atEnd && this.scrolledUp()) this.setFollowing(false);
    this.last = this.log.scrollTop;
    this.told();
  }

  scrolledUp() {
    return this.log.scrollTop < (this.last ?? 0) - 2;
  }

  setFollowing(on) {
    this.following = on;
    this.part("follow").setAttribute("aria-pressed", on);
    if (on) this.log.scrollTop = this.log.scrollHeight;
    this.told();
  }

  search(text) {
    this.needle = text.toLowerCase();
    this.hits = [];
    this.hit = -1;
    if (this.needle) {
      this.view.forEach((n, i) => {
        if (overwritten(this.lines[n].text).toLowerCase().includes(this.needle)) this.hits.push(i);
      });
    }
    for (const block of this.blocks) if (block.full) this.fill(block);
    this.step(1);
    this.told();
  }

  step(by) {
    const hits = this.part("hits");
    if (!this.needle) {
      hits.textContent = "";
      return;
    }
    if (this.hits.length) {
      this.hit = (this.hit + by + this.hits.length) % this.hits.length;
      this.go(this.view[this.hits[this.hit]]);
    }
    hits.textContent = this.place.dataset.hits.replace("{0}", this.hits.length ? this.hit + 1 : 0).replace("{1}", this.hits.length);
  }

  /** Shows a line, and marks it. */
  go(n) {
    const at = this.view.indexOf(n);
    if (at < 0) return;
    this.setFollowing(false);
    const before = this.chosen;
    this.chosen = n;
    const block = this.blocks[Math.floor(at / BLOCK)];
    if (!block) return;
    if (!block.full) {
      block.full = true;
    }
    this.fill(block);
    if (before !== undefined && before !== n) document.getElementById(`L${before + 1}`)?.classList.remove("on");
    const row = document.getElementById(`L${n + 1}`);
    if (row) this.log.scrollTop += row.getBoundingClientRect().top - this.log.getBoundingClientRect().top - this.log.clientHeight / 3;
    this.last = this.log.scrollTop;
  }

  firstError() {
    const found = this.lines.find(line => BAD.test(line.text)) ?? this.lines.find(line => line.stream === "stderr");
    if (found) this.go(found.n);
  }

  buttons() {
    let typing = null;
    this.part("search").addEventListener("input", event => {
      clearTimeout(typing);
      typing = setTimeout(() => this.search(event.target.value), 120);
    });
    this.part("search").addEventListener("keydown", event => {
      if (event.key === "Enter") {
        this.step(event.shiftKey ? -1 : 1);
        event.preventDefault();
      }
    });
    this.part("next").addEventListener("click", () => this.step(1));
    this.part("before").addEventListener("click", () => this.step(-1));
    this.part("error").addEventListener("click", () => this.firstError());
    this.part("follow").addEventListener("click", () => this.setFollowing(!this.following));
    this.part("below").addEventListener("click", () => this.setFollowing(true));
    for (const name of ["times", "wrap"]) {
      this.part(name).addEventListener("click", event => {
        const button = event.currentTarget;
        const on = button.getAttribute("aria-pressed") !== "true";
        button.setAttribute("aria-pressed", on);
        this.log.classList.toggle(name === "times" ? "no-time" : "no-wrap", !on);
      });
    }
    for (const button of this.place.querySelectorAll("[data-stream]")) {
      button.addEventListener("click", () => {
        for (const each of this.place.querySelectorAll("[data-stream]")) each.setAttribute("aria-pressed", each === button);
        this.shown = button.dataset.stream;
        this.filter();
      });
    }
    const linked = () => {
      const n = Number(/^#L(\d+)$/.exec(location.hash)?.[1]) - 1;
      if (n >= 0 && this.lines[n]) this.go(n);
    };
    addEventListener("hashchange", linked);
    if (/^#L\d+$/.test(location.hash)) {
      this.setFollowing(false);
      const waiting = setInterval(() => {
        const n = Number(location.hash.slice(2)) - 1;
        if (this.lines[n] || this.isOver) {
          clearInterval(waiting);
          linked();
        }
      }, 100);
    }
  }

  keys() {
    document.addEventListener("keydown", event => {
      if (event.target.closest("input, select, textarea") || event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
      const act = { n: () => this.step(1), N: () => this.step(-1), e: () => this.firstError(), f: () => this.setFollowing(!this.following) }[event.key];
      if (act) {
        act();
        event.preventDefault();
      }
    });
  }
}

/** Seconds since the script began. */
function after(seconds) {
  const minutes = Math.floor(seconds / 60);
  const rest = (seconds - minutes * 60).toFixed(2);
  return minutes ? `+${minutes}:${rest.padStart(5, "0")}` : `+${rest}`;
}

/** A carriage return goes back to the start of the line, as progress bars do. */
function overwritten(text) {
  const line = text.endsWith("\r") ? text.slice(0, -1) : text;
  const at = line.lastIndexOf("\r");
  return at < 0 ? line : line.slice(at + 1);
}
