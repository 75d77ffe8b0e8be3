// The file browser: navigate, upload, create folders, rename, move, delete with undo, import.
import { get, post, treeAddress } from "./api.js";
import { confirm, prompt } from "./dialog.js";
import { debounce, findAll, find as findIn, h } from "./dom.js";
import { dropZone, filesOf } from "./drop.js";
import { on } from "./events.js";
import { fileRow, filterEntries, folderLink, orderBy } from "./file_rows.js";
import { FileSelection } from "./file_selection.js";
import { chooseFolder } from "./folder_chooser.js";
import { follow } from "./jobs.js";
import { pageAddress, pageSignal } from "./page.js";
import { playedNote } from "./played.js";
import { loadsOf } from "./routes.js";
import { shell } from "./shell.js";
import { followSongJob } from "./song_job.js";
import { attempt, toast } from "./toast.js";
import { allSentences, t, tn } from "./translate.js";
import { addUploads } from "./uploads.js";

const signal = pageSignal();
const main = findIn("main");
/** @type {typeof findIn} */
const find = (selector, root = main) => findIn(selector, root); // also once the page is left
let folder = folderAt(pageAddress());
let asked = 0; // listings so far; the answer to an earlier one is dropped
let leaving = false; // whether another folder is being opened
let undoable = false;
/** The entries of the folder. @type {Api.EntryShape[]} */
let entries = [];
let [column, descending] = storedOrder();
const filter = find("input[data-filter]");
const selection = new FileSelection(find("[data-selection]"), find("[data-entries]"), find("input[data-all]"));
const actions = { open, rename, move, remove: deleteEntries };

/** @param {...string} names */
const join = (...names) => names.join("/").replace(/\/+/g, "/");

/**
 * The folder of the tree that an address names.
 * @param {URL | Location} address
 */
function folderAt({ pathname }) {
  return decodeURIComponent(pathname.replace(/^\/browser/, "")) || "/";
}

/** Whether the entries stay as they are: the top folders, and the texts in Status. */
const isFixed = () => folder === "/" || folder === "/Status";

/** @returns {[import("./file_rows.js").Column, boolean]} How folders are sorted: by which column, and whether descending. */
function storedOrder() {
  try {
    return JSON.parse(localStorage.getItem("files-order") ?? "") ?? ["name", false];
  } catch {
    return ["name", false];
  }
}

/**
 * Shows a folder, with a new entry of the browser's history if `push`.
 * @param {string} path
 * @param {{push?: boolean}} [options]
 */
async function open(path, { push = true } = {}) {
  asked += 1;
  const mine = asked;
  leaving = path !== folder;
  /** @type {Api.Listing | undefined} */
  const listing = await attempt(() => get("/api/webdav/browse", { path }));
  if (signal.aborted || mine !== asked) return;
  leaving = false;
  if (!listing) {
    const isBare = !find("[data-entries]").children.length;
    if (path !== "/" && isBare) open("/", { push: false });
    else find("[data-failed]").hidden = !isBare || !find("[data-empty]").hidden;
    return;
  }
  if (folder !== listing.path) {
    filter.value = "";
    selection.clear();
  }
  folder = listing.path;
  undoable = listing.can_undo;
  entries = listing.entries;
  if (push) history.pushState(null, "", treeAddress(folder));
  document.title = `${folder === "/" ? t("Files") : folder.split("/").at(-1)} · davproxy`;
  const names = folder.split("/").filter(Boolean);
  const crumbs = [[t("Library"), "/"], ...names.map((name, at) => [name, `/${names.slice(0, at + 1).join("/")}`])];
  find("[data-crumbs]").replaceChildren(
    ...crumbs.map(([name, target], at) => h("li", {}, folderLink(name, target, open, at === crumbs.length - 1))),
  );
  find("[data-caption]").textContent = t("Entries of {folder}", { folder });
  find("[data-actions]").hidden = isFixed();
  find("[data-all]").hidden = isFixed();
  show();
}

/** Shows the entries in their order, without those that the filter leaves out. */
function show() {
  const focused = selection.focused?.dataset.path;
  const shown = filterEntries(entries, filter.value).toSorted(orderBy(column, descending));
  find("[data-entries]").replaceChildren(...shown.map((entry) => fileRow(entry, actions, isFixed())));
  selection.update();
  if (focused)
    findAll("tr", main)
      .find((row) => row.dataset.path === focused)
      ?.querySelector("a")
      ?.focus();
  find("[data-failed]").hidden = true;
  find("[data-empty]").hidden = entries.length > 0;
  find("[data-none]").hidden = shown.length > 0 || entries.length === 0;
  find("[data-count]").textContent =
    shown.length === entries.length
      ? tn("{count} entry", "{count} entries", entries.length)
      : tn("{shown} of {count} entry", "{shown} of {count} entries", entries.length, { shown: shown.length });
  for (const head of findAll("th[data-column]", main)) {
    const order = head.dataset.column === column ? (descending ? "descending" : "ascending") : "none";
    head.setAttribute("aria-sort", order);
  }
}

/** @param {string} name Of the column that was chosen. */
function sortBy(name) {
  descending = name === column && !descending;
  column = /** @type {import("./file_rows.js").Column} */ (name);
  try {
    localStorage.setItem("files-order", JSON.stringify([column, descending]));
  } catch {
    /* a private window has no storage */
  }
  show();
}

const reload = () => leaving || open(folder, { push: false });

/** @param {Api.EntryShape} entry */
async function rename({ name, path }) {
  const given = await prompt(t("Rename “{name}”", { name }), t("New name"), name, t("Rename"));
  if (!given || given === name) return;
  if (await attempt(() => post("/api/webdav/move", { source: path, target: join(folder, given) }))) reload();
}

/** @param {string[]} paths */
async function move(paths) {
  const target = await chooseFolder(t("Move {names}", { names: wordsFor(paths) }), t("Move here"), folder, paths);
  if (!target || target === folder) return;
  const job = await attempt(() => post("/api/webdav/entries/move?wait=false", { paths, folder: target }));
  if (job) await followSongJob(job, reload, t("Moved to {folder}.", { folder: target }));
}

/** @param {string[]} paths */
async function deleteEntries(paths) {
  const words = undoable
    ? t("What is in the trash bin can be brought back.")
    : t("This server has no trash bin: nothing can be brought back.");
  const isBelow = (/** @type {string} */ song) => paths.some((path) => song === path || song.startsWith(`${path}/`));
  const hasSongs = paths.some((path) => path.startsWith("/Songs"));
  const scores = hasSongs ? await attempt(() => playedNote(({ path }) => isBelow(path))) : "";
  if (scores === undefined) return;
  const text = `${words} ${scores}`.trim();
  if (!(await confirm(t("Delete {names}?", { names: wordsFor(paths) }), text, t("Delete")))) return;
  const job = await attempt(() => post("/api/webdav/entries/delete?wait=false", { paths }));
  if (job) await followSongJob(job, reload, t("Deleted {names}.", { names: wordsFor(paths) }));
}

/** @param {string[]} paths */
const wordsFor = (paths) =>
  paths.length === 1
    ? t("“{name}”", { name: paths[0].split("/").at(-1) })
    : tn("{count} entry", "{count} entries", paths.length);

/** @param {KeyboardEvent} event */
function press(event) {
  const { target, key, shiftKey } = event;
  const isCommand = event.ctrlKey || event.metaKey;
  if (target instanceof HTMLElement && target.closest("dialog, input:not([type=checkbox]), select")) return;
  const chosen = [...selection.paths];
  const focused = selection.focused?.dataset.path ?? "";
  const entry = entries.find(({ path }) => path === (chosen.length === 1 ? chosen[0] : focused));
  /** @type {Record<string, (() => unknown) | false | undefined>} */
  const acts = {
    ArrowDown: () => selection.move(1, shiftKey),
    ArrowUp: () => selection.move(-1, shiftKey),
    " ": !(target instanceof HTMLInputElement) && focused !== "" && (() => selection.toggleFocused()),
    Escape: chosen.length > 0 && (() => selection.clear()),
    Delete: (chosen.length > 0 || focused !== "") && (() => deleteEntries(chosen.length ? chosen : [focused])),
    F2: entry && (() => rename(entry)),
  };
  const isKept = isFixed() && !key.startsWith("Arrow");
  const act = isCommand ? key === "a" && (() => selection.selectAll()) : acts[key];
  if (!act || isKept || event.altKey || (target instanceof HTMLButtonElement && key === " ")) return;
  event.preventDefault();
  act();
}

/**
 * Uploads to this folder, in the tray; asks first where something of a name is there already.
 * @param {import("./drop.js").Dropped[]} files
 */
async function upload(files) {
  if (isFixed()) {
    toast(t("Open one of the folders first."), { bad: true });
    return;
  }
  const names = new Set(entries.map(({ name }) => name));
  const target = folder;
  const loads = loadsOf(files, "songs");
  const there = loads.filter(({ name }) => names.has(name));
  const title =
    there.length === 1
      ? t("“{name}” is there already", { name: there[0].name })
      : tn("{count} of these is there already", "{count} of these are there already", there.length);
  const text = t("Replace what is there with what you chose?");
  const replace = there.length > 0 && (await confirm(title, text, t("Replace"), "primary"));
  const chosen = replace ? loads : loads.filter((load) => !there.includes(load));
  addUploads(chosen.map((load) => ({ ...load, target: { folder: target, replace } })));
}

async function createFolder() {
  const name = await prompt(t("New folder"), t("Name"), "", t("Make"));
  if (name && (await attempt(() => post("/api/webdav/mkdir", { path: join(folder, name) })))) reload();
}

async function importFolder() {
  const job = await follow((await post("/api/webdav/import?wait=false", { path: folder })).id);
  const words =
    job.state === "done" ? t("The folder's songs are up to date.") : allSentences(job.error ?? t("Stopped."));
  toast(words, { bad: job.state === "failed" });
  reload();
}

const input = find("input[data-files]");
find("[data-new-folder]").addEventListener("click", createFolder);
find("[data-import]").addEventListener("click", () => attempt(importFolder));
find("[data-upload]").addEventListener("click", () => input.click());
input.addEventListener("change", () => {
  upload(filesOf(input));
  input.value = "";
});
dropZone(find("[data-browser]"), upload);
filter.addEventListener("input", show);
for (const head of findAll("th[data-column]", main))
  find("button", head).addEventListener("click", () => sortBy(head.dataset.column ?? "name"));
find("[data-rename]").addEventListener("click", () => {
  const entry = entries.find(({ path }) => selection.paths.has(path));
  if (entry) rename(entry);
});
find("[data-move]").addEventListener("click", () => move([...selection.paths]));
find("[data-delete]").addEventListener("click", () => deleteEntries([...selection.paths]));
window.addEventListener("keydown", press, { signal });
const refresh = debounce(400, () => document.hidden || signal.aborted || reload());
on("library", refresh, signal);
on("job", refresh, signal);
on("reload", refresh, signal);
document.addEventListener("visibilitychange", refresh, { signal });
window.addEventListener(
  "popstate",
  () => location.pathname.startsWith("/browser") && open(folderAt(location), { push: false }),
  { signal },
);

shell();
open(folder, { push: false });
