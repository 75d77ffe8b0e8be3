// Titles may hold the tags of TextMesh Pro. Colours and what HTML knows become elements, the others go, all else stays text.
import { h } from "./dom.js";

const NAMES =
  "align allcaps alpha b br color cspace font font-weight gradient i indent line-height line-indent link lowercase margin mark mspace nobr noparse page pos rotate s size smallcaps space sprite strikethrough style sub sup u uppercase voffset width"; // as in davproxy/formats/rich_text.py
const TAG = new RegExp(`<\\s{0,4}(/?)\\s{0,4}(#|(?:${NAMES.replaceAll(" ", "|")})(?![\\w-]))([^<>]*)>`, "gi");
const COLOUR = /^#(?:[0-9a-f]{3}|[0-9a-f]{6}|[0-9a-f]{8})$/i;
const NAMED = new Set([
  "aqua",
  "black",
  "blue",
  "brown",
  "cyan",
  "fuchsia",
  "green",
  "grey",
  "lightblue",
  "lime",
  "magenta",
  "maroon",
  "navy",
  "olive",
  "orange",
  "purple",
  "red",
  "silver",
  "teal",
  "white",
  "yellow",
]);
const SHOWN = { b: "b", i: "i", u: "u", s: "s", strikethrough: "s", sup: "sup", sub: "sub" };

/** A span with the text of `source` in its colours. */
export function richText(source) {
  const root = h("span");
  let open = [{ tag: "", element: root }];
  let last = 0;
  const add = (text) => text && open.at(-1).element.append(text);
  for (const found of source.matchAll(TAG)) {
    const [whole, closing, name, rest] = found;
    const tag = name === "#" ? "color" : name.toLowerCase();
    add(source.slice(last, found.index));
    last = found.index + whole.length;
    if (tag === "br") {
      add(" ");
      continue;
    }
    if (closing) {
      const at = open.findLastIndex((each) => each.tag === tag);
      if (at > 0) open = open.slice(0, at);
      continue;
    }
    const element = h(SHOWN[tag] ?? "span");
    if (tag === "color") {
      const colour = (name === "#" ? `#${rest}` : rest).replace(/[="\s]/g, "").toLowerCase();
      if (COLOUR.test(colour) || NAMED.has(colour)) element.style.color = legible(colour);
    }
    open.at(-1).element.append(element);
    open.push({ tag, element });
  }
  add(source.slice(last));
  return root;
}

/** The colour, as light or dark as it must be to be read on the page's ground. */
function legible(colour) {
  return `oklch(from ${colour} clamp(var(--rich-darkest), l, var(--rich-lightest)) c h / 1)`;
}
