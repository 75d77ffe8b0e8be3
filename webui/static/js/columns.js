// The columns of the list of songs: which are shown, and heads that sort by them.
import { findAll, h } from "./dom.js";
import { count, date, duration, tenths } from "./format.js";
import { intensities } from "./instruments.js";
import { t } from "./translate.js";

/**
 * Each column: its head, its width, what it sorts by, and what it shows of a song.
 * @type {Record<string, {label: string, width: string, sort?: string, cell: (song: Api.SongSummary) => Node | string}>}
 */
const COLUMNS = {
  artist: {
    label: t("Artist"),
    width: "minmax(0, 2fr)",
    sort: "artist",
    cell: (song) => linked("artist", song.artist),
  },
  album: { label: t("Album"), width: "minmax(0, 2fr)", sort: "album", cell: (song) => linked("album", song.album) },
  year: { label: t("Year"), width: "60px", sort: "year", cell: (song) => song.year },
  genre: { label: t("Genre"), width: "minmax(0, 1fr)", sort: "genre", cell: (song) => linked("genre", song.genre) },
  charter: {
    label: t("Charter"),
    width: "minmax(0, 1fr)",
    sort: "charter",
    cell: (song) => linked("charter", song.charter),
  },
  length: { label: t("Length"), width: "72px", sort: "length", cell: ({ length }) => (length ? duration(length) : "") },
  nps: { label: t("Notes/s"), width: "76px", sort: "nps", cell: ({ nps }) => (nps ? tenths(nps) : "") },
  added: { label: t("Added"), width: "96px", sort: "added", cell: (song) => date(song.created_at) },
  problems: { label: t("Problems"), width: "88px", cell: ({ problems }) => (problems ? count(problems) : "") },
  instruments: { label: t("Instruments"), width: "minmax(0, 176px)", cell: (song) => intensities(song.instruments) },
};
const USUAL = ["artist", "album", "year", "length", "instruments"];

/** @param {string} kind @param {string} name */
const linked = (kind, name) => (name ? h("a", { href: groupAddress(kind, name), tabIndex: -1 }, name) : "");

/**
 * The page of an artist, album, genre or charter.
 * @param {string} kind
 * @param {string} name
 */
export const groupAddress = (kind, name) => `/${kind}?${new URLSearchParams({ name })}`;

/** The names of the columns that are shown. */
export function chosenColumns() {
  try {
    const stored = JSON.parse(localStorage.getItem("columns") ?? "null");
    return Array.isArray(stored) ? Object.keys(COLUMNS).filter((name) => stored.includes(name)) : USUAL;
  } catch {
    return USUAL; // a private window has no storage
  }
}

/** The width of each chosen column, as CSS has it. */
export const columnWidths = () =>
  chosenColumns()
    .map((name) => COLUMNS[name].width)
    .join(" ");

/** @param {Api.SongSummary} song */
export const cells = (song) =>
  chosenColumns().map((name) => h("div.song-cell", { dataset: { column: name } }, COLUMNS[name].cell(song)));

/**
 * Shows the heads in `root`. `sortBy` is called with the name of an order.
 * @param {HTMLElement} root
 * @param {{sort: string, order: string}} view
 * @param {(sort: string) => void} sortBy
 */
export function showHeads(root, { sort, order }, sortBy) {
  const title = { label: t("Title"), sort: "title" };
  const heads = [title, ...chosenColumns().map((name) => COLUMNS[name])].map(({ label, sort: by }) => {
    if (!by) return h("span", {}, label);
    const sorted = by === sort ? (order === "asc" ? t("ascending") : t("descending")) : "";
    const sign = by === sort ? (order === "asc" ? " ▴" : " ▾") : "";
    const head = {
      type: "button",
      "aria-label": [t("Sort by {label}", { label }), sorted].filter(Boolean).join(", "),
      onclick: () => sortBy(by),
    };
    return h("button", head, label, h("span", { "aria-hidden": "true" }, sign));
  });
  root.replaceChildren(...heads);
}

/**
 * Fills the menu that chooses columns.
 * @param {HTMLElement} menu
 * @param {() => void} changed
 */
export function columnMenu(menu, changed) {
  const shown = chosenColumns();
  const boxes = Object.entries(COLUMNS).map(([name, { label }]) => {
    const box = h("input", { type: "checkbox", value: name, checked: shown.includes(name) });
    return h("label.check", {}, box, label);
  });
  menu.replaceChildren(...boxes);
  menu.addEventListener("change", () => {
    const chosen = findAll("input:checked", menu).map((box) => /** @type {HTMLInputElement} */ (box).value);
    try {
      localStorage.setItem("columns", JSON.stringify(chosen));
    } catch {
      /* a private window has no storage */
    }
    changed();
  });
}
