// The trash bin, and what was changed lately: both with a way back.
import { get, post } from "./api.js";
import { find as findIn, h, icon } from "./dom.js";
import { ago, bytes, dateTime } from "./format.js";
import { jobRow } from "./job_row.js";
import { watch } from "./jobs.js";
import { pageSignal } from "./page.js";
import { shell } from "./shell.js";
import { attempt, toast } from "./toast.js";
import { t } from "./translate.js";

const signal = pageSignal();
const main = findIn("main");
/** @type {typeof findIn} */
const find = (selector, root = main) => findIn(selector, root); // also once the page is left

async function showTrash() {
  /** @type {Api.Trash | undefined} */
  const trash = await attempt(() => get("/api/webdav/trash"));
  find("[data-below]").hidden = false; // what stands below does not move once it is seen
  if (!trash) return;
  find("[data-entries]").replaceChildren(...trash.entries.map(row));
  find("[data-empty]").hidden = trash.entries.length > 0;
  find("[data-table]").hidden = trash.entries.length === 0;
}

/** @param {Api.TrashedShape} entry */
function row({ key, path, is_folder: isFolder, size, deleted }) {
  const [name, folder] = [path.split("/").at(-1) ?? path, path.split("/").slice(0, -1).join("/")];
  const restore = async () => {
    await post("/api/webdav/restore", { key });
    toast(t("Restored {path}.", { path }));
    await showTrash();
  };
  const button = { type: "button", "aria-label": t("Restore {name}", { name }), onclick: () => attempt(restore) };
  const label = h("span.entry-name", {}, icon(isFolder ? "folder" : "file"), name);
  return h(
    "tr",
    {},
    h("td", {}, label, h("span.muted.trash-path", {}, folder)),
    h("td.narrow", {}, size ? bytes(size) : ""),
    h("td.narrow", { title: dateTime(deleted) }, ago(deleted)),
    h("td", {}, h("button.button", button, icon("undo"), t("Restore"))),
  );
}

/** @param {Api.JobShape[]} jobs */
function showChanges(jobs) {
  const isChange = (/** @type {Api.JobShape} */ { result }) => result?.can_undo !== undefined;
  const changes = jobs.filter(isChange).map((job) => jobRow(job, jobs));
  const nothing = h(
    "p.muted",
    {},
    t("Nothing yet. Edits and deletions of many songs are listed here, each with its undo."),
  );
  find("[data-changes]").replaceChildren(changes.length ? h("div.jobs", {}, changes) : nothing);
}

shell();
showTrash();
watch(showChanges, signal);
