// Text with the colours of a terminal: the sixteen colours, bold and dim, by class. Everything else
// that a terminal would obey is left out; nothing of it reaches the page but text.

const NAMES = ["black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"];
// Control sequences (CSI), operating system commands and other strings (OSC, DCS, PM, APC, SOS), other escapes.
const SEQUENCE = /\x1b\[([0-9;:?<=>!]*)([ -/]*)([@-~])|\x1b[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\)?|\x1b[ -/]*[0-~]?|[\x00-\x08\x0b-\x1a\x1c-\x1f\x7f\x80-\x9f]/g;

export const PLAIN = Object.freeze({ fg: "", bg: "", bold: false, dim: false });

function select(style, codes) {
  let next = { ...style };
  for (let i = 0; i < codes.length; i++) {
    const code = codes[i];
    if (code === 0) next = { ...PLAIN };
    else if (code === 1) next.bold = true;
    else if (code === 2) next.dim = true;
    else if (code === 22) next = { ...next, bold: false, dim: false };
    else if (code >= 30 && code <= 37) next.fg = NAMES[code - 30];
    else if (code >= 90 && code <= 97) next.fg = NAMES[code - 90];
    else if (code === 39) next.fg = "";
    else if (code >= 40 && code <= 47) next.bg = NAMES[code - 40];
    else if (code >= 100 && code <= 107) next.bg = NAMES[code - 100];
    else if (code === 49) next.bg = "";
    else if (code === 38 || code === 48) {
      // Of 256 colours the first sixteen are these; others are shown without.
      const which = codes[i + 1] === 5 ? codes[i + 2] : -1;
      const name = which >= 0 && which < 16 ? NAMES[which % 8] : "";
      if (code === 38) next.fg = name;
      else next.bg = name;
      i += codes[i + 1] === 5 ? 2 : codes[i + 1] === 2 ? 4 : 0;
    }
  }
  return next;
}

/** Parts of a line, each with one style; and the style in which the next line begins. */
export function parse(text, begin) {
  let style = begin;
  if (!/[\x00-\x08\x0b-\x1f\x7f-\x9f]/.test(text)) return { parts: [{ text, style }], style };
  const parts = [];
  let at = 0;
  for (const found of text.matchAll(SEQUENCE)) {
    if (found.index > at) parts.push({ text: text.slice(at, found.index), style });
    at = found.index + found[0].length;
    if (found[3] === "m" && !found[2]) {
      style = select(style, found[1].split(/[;:]/).map(Number));
    }
  }
  if (at < text.length) parts.push({ text: text.slice(at), style });
  return { parts, style };
}

export function classes(style) {
  return [
    style.fg && `ansi-${style.fg}-fg`,
    style.bg && `ansi-${style.bg}-bg`,
    style.bold && "ansi-bold",
    style.dim && "ansi-dim",
  ].filter(Boolean).join(" ");
}
