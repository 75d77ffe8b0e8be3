// The tab of a song's files: look at them, download them, delete the song.
import { get, remove, treeAddress } from "./api.js";
import { confirm } from "./dialog.js";
import { find as findIn, h, icon } from "./dom.js";
import { bytes } from "./format.js";
import { visit } from "./navigate.js";
import { pageSignal } from "./page.js";
import { canPreview, fileAddress, preview } from "./preview.js";
import { shell } from "./shell.js";
import { showHead, startHead } from "./song_head.js";
import { attempt } from "./toast.js";
import { t, tn } from "./translate.js";

const signal = pageSignal();
const main = findIn("main");
/** @type {typeof findIn} */
const find = (selector, root = main) => findIn(selector, root); // also once the page is left
const url = `/api/songs/${find("[data-song]").dataset.song}`;

/** @param {Api.SongDetail} song */
function show(song) {
  showHead(song);
  find("a[data-folder]").href = treeAddress(song.path.replace(/\/[^/]+\.sng$/i, ""));
  find("[data-path]").textContent = song.path;
  const isPacked = /\.sng$/i.test(song.path);
  const rows = Object.entries(song.files).map(([name, size]) =>
    row(name, size, isPacked ? "" : `${song.path}/${name}`),
  );
  find("[data-files]").replaceChildren(...rows);
  find("[data-delete]").addEventListener("click", () => deleteSong(song));
}

/**
 * @param {string} name
 * @param {number} size
 * @param {string} path In the tree; empty for what is inside an .sng.
 */
function row(name, size, path) {
  const label = [icon("file"), name];
  const [download, title] = [fileAddress(path, true), t("Download {name}", { name })];
  const look = (/** @type {MouseEvent} */ event) => {
    event.preventDefault();
    attempt(() => preview(path));
  };
  return h(
    "tr",
    {},
    h(
      "td",
      {},
      path && canPreview(name)
        ? h("a.entry-name", { href: fileAddress(path), onclick: look }, label)
        : h("span.entry-name", {}, label),
    ),
    h("td.narrow", {}, bytes(size)),
    h(
      "td",
      {},
      path &&
        h("a.button.ghost.icon-only", { href: download, download: name, "aria-label": title, title }, icon("download")),
    ),
  );
}

/** @param {Api.SongDetail} song */
async function deleteSong({ title, plays }) {
  /** @type {Api.Connection | undefined} */
  const status = await attempt(() => get("/api/webdav/status"));
  if (!status) return;
  const undoable = status.can_undo;
  const words = undoable
    ? t("It goes to the trash bin; you can bring it back.")
    : t("This server has no trash bin: it cannot be brought back.");
  const scores = plays
    ? tn(
        "It was played {count} time; the scores stay in the game.",
        "It was played {count} times; the scores stay in the game.",
        plays,
      )
    : "";
  if (!(await confirm(t("Delete “{title}”?", { title }), `${words} ${scores}`.trim(), t("Delete")))) return;
  /** @type {Api.Deleted | undefined} */
  const deleted = await attempt(() => remove(url));
  if (!deleted) return;
  const undo = { title, key: deleted.restore };
  if (deleted.restore) sessionStorage.setItem("deleted", JSON.stringify(undo)); // the list of songs offers it
  await visit("/songs");
}

shell();
startHead();
attempt(async () => {
  const song = await get(url);
  if (!signal.aborted) show(song);
});
