// Rich text of titles, in the tags of TextMesh Pro. Tags that HTML has an element for, and colours, are shown; the other
// tags are removed; everything else is text.
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
/** @type {Record<string, string>} */
const ELEMENTS = { b: "b", i: "i", u: "u", s: "s", strikethrough: "s", sup: "sup", sub: "sub" };

/**
 * A span with the text of `source`, without tags.
 * @param {string} source
 */
export function richText(source) {
  const root = h("span");
  /** Open tags and their elements, outermost first. @type {[string, HTMLElement][]} */
  let open = [["", root]];
  let element = root;
  let last = 0;
  for (const match of source.matchAll(TAG)) {
    const [whole, closing, name, rest] = match;
    const tag = name === "#" ? "color" : name.toLowerCase();
    element.append(source.slice(last, match.index));
    last = match.index + whole.length;
    if (tag === "br") element.append(" ");
    else if (closing) {
      const at = open.findLastIndex(([each]) => each === tag);
      if (at > 0) open = open.slice(0, at);
    } else {
      const inner = h(ELEMENTS[tag] ?? "span");
      if (tag === "color") inner.style.color = colourOf(name === "#" ? `#${rest}` : rest);
      element.append(inner);
      open.push([tag, inner]);
    }
    element = open[open.length - 1][1];
  }
  element.append(source.slice(last));
  return root;
}

/**
 * The CSS colour of a tag's value, with a lightness that can be read on the page; empty if it is no colour.
 * @param {string} value
 */
function colourOf(value) {
  const colour = value.replace(/[="\s]/g, "").toLowerCase();
  if (!COLOUR.test(colour) && !NAMED.has(colour)) return "";
  /** @param {number} darkest @param {number} lightest */
  const within = (darkest, lightest) => `oklch(from ${colour} clamp(${darkest}, l, ${lightest}) c h / 1)`;
  return `light-dark(${within(0, 0.48)}, ${within(0.74, 1)})`;
}
