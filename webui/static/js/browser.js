// The file browser: navigate, upload, create folders, rename, move, delete with undo, import.
import { get, Problem, post, remove, send, treeAddress } from "./api.js";
import { confirm, prompt } from "./dialog.js";
import { find as findIn, h, icon } from "./dom.js";
import { dropZone, filesOf } from "./drop.js";
import { ago, bytes, dateTime, plural } from "./format.js";
import { follow } from "./jobs.js";
import { pageAddress, pageSignal } from "./page.js";
import { canPreview, fileAddress, preview } from "./preview.js";
import { shell } from "./shell.js";
import { attempt, showError, toast } from "./toast.js";

const EXISTS = [409, 412]; // statuses of an upload whose target exists
const signal = pageSignal();
const main = findIn("main");
/** @type {typeof findIn} */
const find = (selector, root = main) => findIn(selector, root); // also once the page is left
let folder = folderAt(pageAddress());
let undoable = false;

/** @param {...string} names */
const join = (...names) => names.join("/").replace(/\/+/g, "/");

/**
 * The folder of the tree that an address names.
 * @param {URL | Location} address */
function folderAt({ pathname }) {
  return decodeURIComponent(pathname.replace(/^\/browser/, "")) || "/";
}

/**
 * Shows a folder, with a new entry of the browser's history if `push`.
 * @param {string} path
 * @param {{push?: boolean}} [options]
 */
async function open(path, { push = true } = {}) {
  /** @type {Api.Listing | undefined} */
  const listing = await attempt(() => get("/api/webdav/browse", { path }));
  if (!listing) {
    if (path !== "/" && !find("[data-entries]").children.length) open("/", { push: false });
    return;
  }
  folder = listing.path;
  undoable = listing.can_undo;
  if (push) history.pushState(null, "", treeAddress(folder));
  document.title = `${folder === "/" ? "Files" : folder.split("/").at(-1)} · davproxy`;
  const names = folder.split("/").filter(Boolean);
  const crumbs = [["Library", "/"], ...names.map((name, at) => [name, `/${names.slice(0, at + 1).join("/")}`])];
  find("[data-crumbs]").replaceChildren(
    ...crumbs.map(([name, target], at) => h("li", {}, link(name, target, at === crumbs.length - 1))),
  );
  find("[data-caption]").textContent = `Entries of ${folder}`;
  find("[data-entries]").replaceChildren(...listing.entries.map(row));
  find("[data-empty]").hidden = listing.entries.length > 0;
  find("[data-actions]").hidden = folder === "/"; // the top folders are fixed
}

const reload = () => open(folder, { push: false });

/**
 * A link that opens a folder without loading the page again.
 * @param {string} name
 * @param {string} path
 */
function link(name, path, current = false) {
  const onclick = (/** @type {MouseEvent} */ event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    open(path);
  };
  return h("a", { href: treeAddress(path), "aria-current": current ? "page" : null, onclick }, name);
}

/**
 * The row of an entry.
 * @param {Api.EntryShape} entry
 */
function row(entry) {
  const songPage = `/songs/${entry.song}`;
  const name = entry.is_folder ? link("", entry.path) : entry.song ? h("a", { href: songPage }) : fileLink(entry);
  name.className = `entry-name${entry.is_folder ? " folder" : ""}`;
  name.replaceChildren(icon(entry.is_folder ? (entry.song ? "music" : "folder") : "file"), entry.name);
  const actions = h("div.entry-actions");
  if (entry.song) {
    const label = `Play the song ${entry.name}`;
    const properties = { href: songPage, "aria-label": label, title: "Play the song" };
    actions.append(h("a.button.ghost.icon-only", properties, icon("music")));
  }
  if (!entry.is_folder) {
    const label = `Download ${entry.name}`;
    const properties = { href: fileAddress(entry.path, true), download: entry.name, "aria-label": label, title: label };
    actions.append(h("a.button.ghost.icon-only", properties, icon("download")));
  }
  if (folder !== "/")
    actions.append(
      action(entry, "Rename", "edit", rename),
      action(entry, "Move", "move", move),
      action(entry, "Delete", "trash", deleteEntry),
    );
  return h(
    "tr",
    {},
    h("td", {}, name),
    h("td.narrow", {}, entry.is_folder ? "" : bytes(entry.size)),
    h("td.narrow", { title: entry.modified ? dateTime(entry.modified) : "" }, ago(entry.modified)),
    h("td", {}, actions),
  );
}

/**
 * A link that shows a file, or downloads it where a browser cannot.
 * @param {Api.EntryShape} entry
 */
function fileLink({ name, path }) {
  if (!canPreview(name)) return h("a", { href: fileAddress(path, true), download: name });
  const onclick = (/** @type {MouseEvent} */ event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    attempt(() => preview(path));
  };
  return h("a", { href: fileAddress(path), onclick });
}

/**
 * A button that calls `act` with an entry.
 * @param {Api.EntryShape} entry
 * @param {string} label
 * @param {string} picture
 * @param {(entry: Api.EntryShape) => unknown} act
 */
function action(entry, label, picture, act) {
  const properties = { type: "button", "aria-label": `${label} ${entry.name}`, title: label };
  return h("button.button.ghost.icon-only", { ...properties, onclick: () => act(entry) }, icon(picture));
}

/** @param {string} source @param {string} target */
const moved = (source, target) => attempt(() => post("/api/webdav/move", { source, target }));

/** @param {Api.EntryShape} entry */
async function rename(entry) {
  const name = await prompt(`Rename “${entry.name}”`, "New name", entry.name, "Rename");
  if (name && name !== entry.name && (await moved(entry.path, join(folder, name)))) reload();
}

/** @param {Api.EntryShape} entry */
async function move(entry) {
  const target = await prompt(`Move “${entry.name}”`, "Into the folder", folder, "Move");
  if (!target || !(await moved(entry.path, join(target, entry.name)))) return;
  toast(`Moved to ${target}.`);
  reload();
}

/** @param {Api.EntryShape} entry */
async function deleteEntry(entry) {
  const words = undoable
    ? "It goes to the trash bin; you can bring it back."
    : "This server has no trash bin: it cannot be brought back.";
  if (!(await confirm(`Delete “${entry.name}”?`, words, "Delete"))) return;
  /** @type {Api.Deleted | undefined} */
  const deleted = await attempt(() => remove("/api/webdav/delete", { path: entry.path }));
  if (!deleted) return;
  await reload();
  const restore = async () => {
    await post("/api/webdav/restore", { key: deleted.restore });
    await reload();
  };
  const undo = deleted.restore ? { action: "Undo", seconds: 15, onAction: () => attempt(restore) } : {};
  toast(`Deleted ${entry.name}.`, undo);
}

/** @param {import("./drop.js").Dropped[]} files */
async function upload(files) {
  if (folder === "/") {
    toast("Open one of the folders first.", { bad: true });
    return;
  }
  let stored = 0;
  for (const [at, { file, folder: below }] of files.entries()) {
    find("[data-sending]").hidden = false;
    find("[data-sending-name]").textContent =
      `Uploading ${file.name}${files.length > 1 ? `, ${at + 1} of ${files.length}` : ""}`;
    if (await uploadFile(file, join(folder, below))) stored += 1;
  }
  find("[data-sending]").hidden = true;
  if (stored) toast(`Uploaded ${plural(stored, "file")}.`);
  reload();
}

/**
 * Uploads a file to a folder; asks first where one of its name exists. Whether it is stored.
 * @param {File} file
 * @param {string} target
 * @returns {Promise<boolean>}
 */
async function uploadFile(file, target, replace = false) {
  const form = new FormData();
  form.append("file", file, file.name);
  try {
    const sending = send(
      `/api/webdav/upload?wait=false&path=${encodeURIComponent(target)}&replace=${replace}`,
      form,
      (part) => {
        find("progress", find("[data-sending]")).value = part;
      },
    );
    find("button", find("[data-sending]")).onclick = sending.abort;
    await sending.promise;
    return true;
  } catch (error) {
    if (replace || !(error instanceof Problem) || !EXISTS.includes(error.status)) {
      showError(error);
      return false;
    }
    const title = `“${file.name}” is there already`;
    const yes = await confirm(title, "Replace it with the file you chose?", "Replace", "primary");
    return yes && uploadFile(file, target, true);
  }
}

async function createFolder() {
  const name = await prompt("New folder", "Name", "", "Make");
  if (name && (await attempt(() => post("/api/webdav/mkdir", { path: join(folder, name) })))) reload();
}

async function importFolder() {
  const job = await follow((await post("/api/webdav/import?wait=false", { path: folder })).id);
  const words = job.state === "done" ? "The folder's songs are up to date." : (job.error ?? "Stopped.");
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
window.addEventListener(
  "popstate",
  () => location.pathname.startsWith("/browser") && open(folderAt(location), { push: false }),
  { signal },
);

shell();
open(folder, { push: false });
