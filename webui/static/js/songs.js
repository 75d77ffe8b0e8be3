// The library page: the address bar holds the view, the window shows the part of it that is on screen.
import { get, post } from "./api.js";
import { find, findAll, h, icon, later } from "./dom.js";
import { plural } from "./format.js";
import { Selection } from "./selection.js";
import { shell } from "./shell.js";
import { songCard } from "./song_card.js";
import { attempt, toast } from "./toast.js";
import { WindowedList } from "./windowed_list.js";

const PAGE = 100;
const FILTERS = [
  "artist",
  "album",
  "genre",
  "year",
  "charter",
  "instrument",
  "difficulty",
  "problem",
  "has_art",
  "has_video",
  "has_lyrics",
  "duplicates",
];
const form = find("[data-view]");
const place = find("[data-songs]");

let view = readAddress();
let generation = 0;

const selection = new Selection(find("[data-selection]"), {
  everyId: async () => {
    const ids = [];
    for (let offset = 0; offset < list.total; offset += 1000)
      ids.push(...(await get("/api/songs", { ...query(), limit: 1000, offset })).songs.map((song) => song.id));
    return ids;
  },
  redraw: () => list.redraw(),
  reload: () => load(),
});

const list = new WindowedList(place, {
  page: PAGE,
  draw: (song) => songCard(song, selection),
  load: async (offset) => {
    const asked = generation;
    const answer = await attempt(() => get("/api/songs", { ...query(), limit: PAGE, offset }));
    if (!answer || asked !== generation) return null;
    find("[data-total]").textContent =
      answer.total || searching() ? `${plural(answer.total, "song")}${searching() ? " found" : ""}` : "";
    return { total: answer.total, items: answer.songs };
  },
  empty: () =>
    searching()
      ? [
          h("h2", {}, "Nothing found"),
          h("p.muted", {}, "Try fewer letters, or look at everything again."),
          h(
            "button.button",
            {
              type: "button",
              onclick: () => {
                form.reset();
                form.elements.search.focus();
              },
            },
            "Clear search and filters",
          ),
        ]
      : [
          h("h2", {}, "No songs yet"),
          h("p.muted", {}, "Give it the archives you have, or make a chart of a song you like."),
          h(
            "div.actions",
            {},
            h("a.button.primary", { href: "/upload" }, icon("upload"), "Add songs"),
            h("a.button", { href: "/generator" }, icon("wand"), "Make a chart"),
          ),
        ],
});

const searching = () => view.search || FILTERS.some((name) => view[name]);
function query() {
  const { layout, ...asked } = view;
  return asked;
}

function readAddress() {
  const asked = Object.fromEntries(new URLSearchParams(location.search));
  return { sort: "title", order: "asc", layout: remembered(), ...asked };
}

function remembered() {
  try {
    return localStorage.getItem("layout") ?? "grid";
  } catch {
    return "grid";
  }
}

function writeAddress(replace) {
  const asked = new URLSearchParams();
  for (const [name, value] of Object.entries(view)) {
    const usual = { sort: "title", order: "asc", layout: remembered() }[name];
    if (value && value !== usual) asked.set(name, value);
  }
  const address = asked.size ? `?${asked}` : location.pathname;
  history[replace ? "replaceState" : "pushState"](null, "", address);
}

function showView() {
  for (const name of ["search", "sort", ...FILTERS]) {
    const control = form.elements[name];
    if (control.type === "checkbox") control.checked = view[name] === "true";
    else if (control.value !== (view[name] ?? "")) control.value = view[name] ?? "";
  }
  const set = FILTERS.filter((name) => view[name]).length;
  const badge = find("[data-filter-count]");
  badge.hidden = !set;
  badge.textContent = set;
  const order = find("[data-order]");
  order.setAttribute(
    "aria-label",
    view.order === "asc" ? "Ascending order; change to descending" : "Descending order; change to ascending",
  );
  order.classList.toggle("primary", view.order === "desc");
  for (const button of findAll("[data-layout]"))
    button.setAttribute("aria-pressed", button.dataset.layout === view.layout);
  list.layout(view.layout);
}

function load(how) {
  generation += 1;
  return list.reset(how);
}

function change(changes, { replace = false } = {}) {
  view = { ...view, ...changes };
  writeAddress(replace);
  showView();
  load();
}

let typing = false;
const search = later(120, () => {
  change({ search: form.elements.search.value.trim() }, { replace: typing });
  typing = true;
});
form.elements.search.addEventListener("input", search);
form.elements.search.addEventListener("blur", () => {
  typing = false;
});
form.addEventListener("submit", (event) => event.preventDefault());
const filter = later(200, () =>
  change(
    Object.fromEntries(
      FILTERS.map((name) => {
        const control = form.elements[name];
        return [name, control.type === "checkbox" ? (control.checked ? "true" : "") : control.value.trim()];
      }),
    ),
  ),
);
find("#filters").addEventListener("input", filter);
form.addEventListener("reset", (event) => {
  event.preventDefault();
  change(Object.fromEntries([...FILTERS, "search"].map((name) => [name, ""])));
});
form.elements.sort.addEventListener("change", () => change({ sort: form.elements.sort.value }));
find("[data-order]").addEventListener("click", () => change({ order: view.order === "asc" ? "desc" : "asc" }));
for (const button of findAll("[data-layout]")) {
  button.addEventListener("click", () => {
    try {
      localStorage.setItem("layout", button.dataset.layout);
    } catch {
      /* a private window forgets it */
    }
    view = { ...view, layout: button.dataset.layout };
    writeAddress(true);
    showView();
  });
}
find("[data-filters]").addEventListener("click", ({ currentTarget }) => {
  const panel = find("#filters");
  panel.hidden = !panel.hidden;
  currentTarget.setAttribute("aria-expanded", !panel.hidden);
});
window.addEventListener("popstate", () => {
  view = readAddress();
  showView();
  load();
});
window.addEventListener("pageshow", (event) => event.persisted && load({ stay: true }));
window.addEventListener("pagehide", () =>
  sessionStorage.setItem("left", JSON.stringify({ address: location.href, top: scrollY })),
);

/** A song deleted in its editor can be brought back here. */
function offerUndo() {
  const deleted = JSON.parse(sessionStorage.getItem("deleted") ?? "null");
  sessionStorage.removeItem("deleted");
  if (deleted)
    toast(`Deleted ${deleted.title}.`, {
      action: "Undo",
      seconds: 15,
      onAction: () =>
        attempt(async () => {
          await post("/api/webdav/restore", { key: deleted.key });
          await load();
        }),
    });
}

shell();
showView();
find("#filters").hidden = innerWidth < 860 || !FILTERS.some((name) => view[name]);
find("[data-filters]").setAttribute("aria-expanded", !find("#filters").hidden);
offerUndo();
history.scrollRestoration = "manual"; // the browser would do it before the songs are there
await load({ stay: true });
const left = JSON.parse(sessionStorage.getItem("left") ?? "null"); // where the person was before opening a song
if (left?.address === location.href && performance.getEntriesByType("navigation")[0]?.type !== "navigate")
  restore(left.top, 30);

/** Scrolls down to `top`, which is possible only some frames after the list has got its height. */
function restore(top, frames) {
  scrollTo({ top });
  if (scrollY < top - 1 && frames) requestAnimationFrame(() => restore(top, frames - 1));
}
