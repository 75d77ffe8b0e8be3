// The list of songs. The page's URL holds the view; the list holds the part of it that is on screen.
import { get, post } from "./api.js";
import { chosenColumns, columnMenu, columnWidths, showHeads } from "./columns.js";
import { prompt } from "./dialog.js";
import { control, debounce, findAll, find as findIn, h, icon } from "./dom.js";
import { on } from "./events.js";
import { facetPanel } from "./facets.js";
import { arrivedBy, isSamePage, pageAddress, pageSignal, rememberList } from "./page.js";
import { readingWords } from "./reading.js";
import { Selection } from "./selection.js";
import { shell } from "./shell.js";
import { songCard } from "./song_card.js";
import { defaultView, FILTERS, isSearch, queryOf, viewAt } from "./song_view.js";
import { attempt, toast } from "./toast.js";
import { t, tn } from "./translate.js";
import { WindowedList } from "./windowed_list.js";

const PAGE = 100;
const signal = pageSignal();
const main = findIn("main");
/** @type {typeof findIn} */
const find = (selector, root = main) => findIn(selector, root); // also once the page is left
const form = find("form[data-view]");
const searchBox = find("input[name=search]", form);
const filters = find("fieldset[id=filters]");
const heads = find("[data-heads]");
const filtersButton = find("button[data-filters]");

const groupHead = main.querySelector("[data-group]");
const group = groupHead instanceof HTMLElement ? groupHead : null;
const groupName = pageAddress().searchParams.get("name") ?? "";
/** What every song of this page has: {artist: "Abba"}. @type {Record<string, string>} */
const fixed = group ? { [group.dataset.group ?? ""]: groupName } : {};

/** @type {View} */
let view = viewAt(pageAddress());
let address = pageAddress().href; // of this page, also once another is shown
let generation = 0; // of the view; the response to an earlier one is dropped
let isRestored = false; // the position at which this view was left

/** @typedef {import("./song_view.js").View} View */

/** What the library was like last. @type {import("./events.js").Library | null} */
let library = null;

const selection = new Selection(find("[data-selection]"), {
  allIds: async () => (await get("/api/songs/ids", query())).ids,
  between: async (first, last) => {
    const songs = await list.between(
      ({ id }) => id === first,
      ({ id }) => id === last,
    );
    return songs.map(({ id }) => id);
  },
  redraw: () => list.redraw(),
  reload: () => load(),
});

/** @type {WindowedList<Api.SongSummary>} */
const list = new WindowedList(find("[data-songs]"), {
  size: PAGE,
  draw: (song) => songCard(song, selection),
  load: async (offset) => {
    const requested = generation;
    /** @type {Api.SongPage | undefined} */
    const page = await attempt(() => get("/api/songs", { ...query(), limit: PAGE, offset }));
    if (!page || requested !== generation) return null;
    if (!page.total) library ??= await get("/api/library/status");
    const found = isSearch(view)
      ? tn("{count} song found", "{count} songs found", page.total)
      : page.total
        ? tn("{count} song", "{count} songs", page.total)
        : "";
    find("[data-total]").textContent = found;
    return { total: page.total, items: page.songs };
  },
  empty: () => (isSearch(view) ? nothingFound() : noSongs()),
});

function nothingFound() {
  const onclick = () => {
    form.reset();
    searchBox.focus();
  };
  return [
    h("h2", {}, t("Nothing found")),
    h("p.muted", {}, t("Try fewer letters, or look at everything again.")),
    h("button.button", { type: "button", onclick }, t("Clear search and filters")),
  ];
}

function noSongs() {
  const reading = library && readingWords(library);
  if (reading) return [h("h2", {}, t("One moment")), h("p.muted", { role: "status" }, reading)];
  return [
    h("h2", {}, t("No songs yet")),
    h("p.muted", {}, t("Give it the archives you have, or make a chart of a song you like.")),
    h(
      "div.actions",
      {},
      h("a.button.primary", { href: "/upload" }, icon("upload"), t("Add songs")),
      h("a.button", { href: "/generator" }, icon("wand"), t("Make a chart")),
    ),
  ];
}

/** The view as the API takes it. */
const query = () => ({ ...queryOf(view), ...fixed });

/**
 * Puts the view into the page's URL.
 * @param {boolean} replace Whether to replace the entry of the browser's history.
 */
function writeUrl(replace) {
  const usual = defaultView();
  const changed = Object.entries(view).filter(([name, value]) => value && value !== usual[name]);
  const named = group ? [["name", groupName], ...changed] : changed;
  const url = named.length ? `?${new URLSearchParams(named)}` : location.pathname;
  history[replace ? "replaceState" : "pushState"](null, "", url);
  address = location.href;
}

/** Shows the view in the form's controls. */
function showView() {
  for (const name of ["search", "sort", ...FILTERS]) {
    if (!form.querySelector(`[name="${name}"]`)) continue;
    const element = control(form, name);
    const value = view[name] ?? "";
    if (element instanceof HTMLInputElement && element.type === "checkbox") element.checked = value === "true";
    else if (element.value !== value) element.value = value;
  }
  const filtered = FILTERS.filter((name) => view[name]).length;
  const badge = find("[data-filter-count]");
  badge.hidden = !filtered;
  badge.textContent = String(filtered);
  const [order, ascending] = [find("[data-order]"), view.order === "asc"];
  const label = ascending ? t("Ascending order; change to descending") : t("Descending order; change to ascending");
  order.setAttribute("aria-label", label);
  order.classList.toggle("primary", !ascending);
  for (const button of findAll("[data-layout]", main))
    button.setAttribute("aria-pressed", String(button.dataset.layout === view.layout));
  showHeads(heads, { sort: view.sort, order: view.order }, sortBy);
  list.container.style.setProperty("--columns", columnWidths());
  list.container.dataset.columns = chosenColumns().join(" ");
  heads.style.setProperty("--columns", columnWidths());
  find("details[data-columns]").hidden = heads.hidden = view.layout !== "list";
  list.layout(view.layout);
}

/** @param {string} sort */
function sortBy(sort) {
  change({ sort, order: view.sort === sort && view.order === "asc" ? "desc" : "asc" });
}

/** @param {{stay?: boolean}} [options] */
async function load(options) {
  generation += 1;
  showFacets();
  await list.reset(options);
  if (!list.loaded || isRestored || signal.aborted) return; // the songs may come with a later load only
  isRestored = true;
  restorePosition();
}

/**
 * @param {View} changes
 * @param {{replace?: boolean}} [options]
 */
function change(changes, { replace = false } = {}) {
  view = { ...view, ...changes };
  writeUrl(replace);
  showView();
  load();
}

const panel = facetPanel(filters, (changes) => change(changes));
const showFacets = debounce(60, () => filters.hidden || signal.aborted || attempt(() => panel.show(view, query())));

/** @param {boolean} open */
function showFilters(open) {
  filters.hidden = !open;
  showFacets();
  filtersButton.setAttribute("aria-expanded", String(open));
}

/** @param {string} name */
function filterValue(name) {
  const element = control(form, name);
  if (element instanceof HTMLInputElement && element.type === "checkbox") return element.checked ? "true" : "";
  return element.value.trim();
}

let typing = false; // each word typed replaces the last in the browser's history
const search = debounce(120, () => {
  change({ search: searchBox.value.trim() }, { replace: typing });
  typing = true;
});
searchBox.addEventListener("input", search);
searchBox.addEventListener("blur", () => {
  typing = false;
});
form.addEventListener("submit", (event) => event.preventDefault());
const typed = FILTERS.filter((name) => form.querySelector(`[name="${name}"]`));
const filter = debounce(200, () => change(Object.fromEntries(typed.map((name) => [name, filterValue(name)]))));
filters.addEventListener("input", filter);
form.addEventListener("reset", (event) => {
  event.preventDefault();
  change(Object.fromEntries([...FILTERS, "search"].map((name) => [name, ""])));
});
control(form, "sort").addEventListener("change", () => change({ sort: control(form, "sort").value }));
find("[data-order]").addEventListener("click", () => change({ order: view.order === "asc" ? "desc" : "asc" }));
for (const button of findAll("button[data-layout]", main))
  button.addEventListener("click", () => {
    const layout = button.dataset.layout ?? "grid";
    try {
      localStorage.setItem("layout", layout);
    } catch {
      /* a private window has no storage */
    }
    view = { ...view, layout };
    writeUrl(true);
    showView();
  });
find("[data-keep]").addEventListener("click", async () => {
  const name = (await prompt(t("Keep this search as a smart list"), t("Name"), view.search ?? "", t("Keep")))?.trim();
  if (!name) return;
  const { sort, ...rest } = /** @type {View} */ (query());
  const chosen = Object.entries({ ...rest, sort: sort === "relevance" ? "" : sort }).filter(([, value]) => value);
  const kept = await attempt(() => post("/api/smart-lists", { name, ...Object.fromEntries(chosen) }));
  if (kept) toast(t("“{name}” is on the page Lists.", { name: kept.name }));
});
filtersButton.addEventListener("click", () => showFilters(Boolean(filters.hidden)));
window.addEventListener(
  "popstate",
  () => {
    if (!isSamePage(location.href, address)) return;
    view = viewAt(location);
    showView();
    load();
  },
  { signal },
);
window.addEventListener("pageshow", (event) => event.persisted && load({ stay: true }), { signal });
const keepPosition = () => sessionStorage.setItem("left", JSON.stringify({ address, top: scrollY }));
window.addEventListener("pagehide", keepPosition, { signal });
window.addEventListener("pageturn", keepPosition, { signal });

find("[data-songs]").addEventListener("click", ({ target }) => {
  const link = target instanceof Element ? target.closest("a") : null;
  const item = link?.closest("[data-at]");
  if (item instanceof HTMLElement) rememberList({ query: query(), at: Number(item.dataset.at) });
});

/** Offers to restore a song that was deleted in its editor. */
function offerUndo() {
  const deleted = JSON.parse(sessionStorage.getItem("deleted") ?? "null");
  sessionStorage.removeItem("deleted");
  const restore = async () => {
    await post("/api/webdav/restore", { key: deleted.key });
    await load();
  };
  if (deleted)
    toast(t("Deleted {title}.", { title: deleted.title }), {
      action: t("Undo"),
      seconds: 15,
      onAction: () => attempt(restore),
    });
}

/**
 * Scrolls to where the page was left, which takes some frames until the list has its height.
 * @param {number} top
 * @param {number} frames
 */
function scrollBack(top, frames) {
  scrollTo({ top });
  if (scrollY < top - 1 && frames) requestAnimationFrame(() => scrollBack(top, frames - 1));
}

/** Scrolls to where this very view was left, unless the browser opened it from elsewhere. */
function restorePosition() {
  const left = JSON.parse(sessionStorage.getItem("left") ?? "null");
  const [navigation] = performance.getEntriesByType("navigation");
  const isOpened = navigation instanceof PerformanceNavigationTiming && navigation.type === "navigate";
  if (left?.address === address && !(isOpened && arrivedBy() === "load")) scrollBack(left.top, 30);
}

columnMenu(find("[data-column-menu]"), showView);
shell();
showView();
if (group) import("./group.js").then(({ showGroup }) => showGroup(group, group.dataset.group ?? "", groupName));
showFilters(innerWidth >= 860 && FILTERS.some((name) => view[name]));
offerUndo();
history.scrollRestoration = "manual"; // the browser would scroll before the songs are there
load({ stay: true });
const refresh = debounce(400, () => document.hidden || signal.aborted || load({ stay: true }));
const follow = (/** @type {import("./events.js").Library} */ now) => {
  library = now;
  refresh();
};
on("library", follow, signal);
on("reload", refresh, signal);
document.addEventListener("visibilitychange", refresh, { signal });
