// The rows of a folder's entries: what each is, what is going on with it, and what can be done.
import { treeAddress } from "./api.js";
import { h, icon } from "./dom.js";
import { ago, bytes, dateTime } from "./format.js";
import { canPreview, fileAddress, preview } from "./preview.js";
import { attempt } from "./toast.js";
import { t } from "./translate.js";

/** What a state is called, how it looks, and what it means. @type {Record<string, [string, string, string]>} */
const STATES = {
  song: [t("Song"), "good", t("It is in the library and plays.")],
  waiting: [t("Waiting"), "", t("It waits for its turn to be imported.")],
  running: [t("Importing"), "", t("It is being imported now.")],
  failed: [t("Not imported"), "bad", t("The text file beside it says why.")],
  in_doubt: [t("In doubt"), "warn", t("A change of it failed. The next sync looks at what it is now.")],
};

/** @typedef {"name" | "size" | "modified" | "state"} Column */
const NAMES = new Intl.Collator("en", { numeric: true, sensitivity: "base" });

/**
 * The order of entries: folders first, then by a column.
 * @param {Column} column
 * @param {boolean} descending
 * @returns {(one: Api.EntryShape, other: Api.EntryShape) => number}
 */
export function orderBy(column, descending) {
  return (one, other) => {
    if (one.is_folder !== other.is_folder) return one.is_folder ? -1 : 1;
    const [a, b] = [one[column], other[column]];
    const order = typeof a === "number" && typeof b === "number" ? a - b : NAMES.compare(String(a), String(b));
    return (descending ? -order : order) || NAMES.compare(one.name, other.name);
  };
}

/** @param {string} text @returns It without accents, in lower case. */
const plain = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();

/**
 * The entries whose name or state has each word of `words`.
 * @param {Api.EntryShape[]} entries
 * @param {string} words
 */
export function filterEntries(entries, words) {
  const wanted = plain(words).split(/\s+/).filter(Boolean);
  const textOf = (/** @type {Api.EntryShape} */ { name, state }) => plain(`${name} ${STATES[state]?.[0] ?? ""}`);
  return wanted.length ? entries.filter((entry) => wanted.every((word) => textOf(entry).includes(word))) : entries;
}

/**
 * @typedef {Object} Actions What the page does with an entry.
 * @property {(path: string) => unknown} open
 * @property {(entry: Api.EntryShape) => unknown} rename
 * @property {(paths: string[]) => unknown} move
 * @property {(paths: string[]) => unknown} remove
 */

/**
 * The row of an entry.
 * @param {Api.EntryShape} entry
 * @param {Actions} actions
 * @param {boolean} isFixed Whether it stays as it is: a folder at the top.
 */
export function fileRow(entry, actions, isFixed) {
  const { path, name, is_folder: isFolder, size, modified } = entry;
  const box = h("input", { type: "checkbox", "aria-label": t("Select {name}", { name }) });
  return h(
    "tr",
    { dataset: { path } },
    h("td.entry-pick", {}, isFixed ? null : box),
    h("td.entry-cell", {}, nameLink(entry, actions)),
    h("td.narrow", {}, stateTag(entry)),
    h("td.narrow", {}, isFolder ? "" : bytes(size)),
    h("td.narrow", { title: modified ? dateTime(modified) : "" }, ago(modified)),
    h("td", {}, buttons(entry, actions, isFixed)),
  );
}

/**
 * @param {Api.EntryShape} entry
 * @param {Actions} actions
 */
function nameLink(entry, actions) {
  const { is_folder: isFolder, song, name, path } = entry;
  const link = isFolder ? folderLink("", path, actions.open) : song ? h("a", { href: `/songs/${song}` }) : file(entry);
  link.className = `entry-name${isFolder ? " folder" : ""}`;
  link.replaceChildren(icon(isFolder ? (song ? "music" : "folder") : "file"), name);
  return link;
}

/**
 * A link that opens a folder without loading the page again.
 * @param {string} name
 * @param {string} path
 * @param {(path: string) => unknown} open
 */
export function folderLink(name, path, open, current = false) {
  const onclick = (/** @type {MouseEvent} */ event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    open(path);
  };
  return h("a", { href: treeAddress(path), "aria-current": current ? "page" : null, onclick }, name);
}

/**
 * A link that shows a file, or downloads it where a browser cannot.
 * @param {Api.EntryShape} entry
 */
function file({ name, path }) {
  if (!canPreview(name)) return h("a", { href: fileAddress(path, true), download: name });
  const onclick = (/** @type {MouseEvent} */ event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    attempt(() => preview(path));
  };
  return h("a", { href: fileAddress(path), onclick });
}

/** @param {Api.EntryShape} entry */
function stateTag({ state }) {
  const [words, kind, title] = STATES[state] ?? [];
  if (!words) return null;
  const tag = h("span.tag", { title }, words);
  if (kind) tag.classList.add(kind);
  return tag;
}

/**
 * @param {Api.EntryShape} entry
 * @param {Actions} actions
 * @param {boolean} isFixed
 */
function buttons(entry, actions, isFixed) {
  const { name, path, song, is_folder: isFolder } = entry;
  /** @param {string} label @param {string} picture @param {() => unknown} onclick */
  const button = (label, picture, onclick) => {
    const properties = { type: "button", "aria-label": `${label} ${name}`, title: label, onclick };
    return h("button.button.ghost.icon-only", properties, icon(picture));
  };
  const play = { href: `/songs/${song}`, "aria-label": t("Play the song {name}", { name }), title: t("Play the song") };
  const label = t("Download {name}", { name });
  const download = { href: fileAddress(path, true), download: name, "aria-label": label, title: label };
  return h(
    "div.entry-actions",
    {},
    song ? h("a.button.ghost.icon-only", play, icon("music")) : null,
    isFolder ? null : h("a.button.ghost.icon-only", download, icon("download")),
    isFixed ? null : button(t("Rename"), "edit", () => actions.rename(entry)),
    isFixed ? null : button(t("Move"), "move", () => actions.move([path])),
    isFixed ? null : button(t("Delete"), "trash", () => actions.remove([path])),
  );
}
