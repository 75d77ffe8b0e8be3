// The trash bin, and what was changed lately: both with a way back.
import { get, post } from "./api.js";
import { find as findIn, h, icon } from "./dom.js";
import { ago, bytes, dateTime } from "./format.js";
import { jobRow } from "./job_row.js";
import { watch } from "./jobs.js";
import { pageSignal } from "./page.js";
import { shell } from "./shell.js";
import { attempt, errorLine, toast } from "./toast.js";
import { t } from "./translate.js";

const signal = pageSignal();
const main = findIn("main");
/** @type {typeof findIn} */
const find = (selector, root = main) => findIn(selector, root); // also once the page is left

/** Shows the trash bin below the changes, which are known here at once: the server of the library may take long. */
async function showTrash() {
  try {
    /** @type {Api.Trash} */
    const trash = await get("/api/webdav/trash");
    find("[data-entries]").replaceChildren(...trash.entries.map(row));
    find("[data-empty]").hidden = trash.entries.length > 0;
    find("[data-table]").hidden = trash.entries.length === 0;
    find("[data-wrong]").replaceChildren();
  } catch (error) {
    find("[data-wrong]").replaceChildren(errorLine(error));
  }
  await changes;
  find("[data-deleted]").hidden = false; // it does not move once it is seen
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
  const rows = jobs.filter(isChange).map((job) => jobRow(job, jobs));
  const nothing = h(
    "p.muted",
    {},
    t("Nothing yet. Edits and deletions of many songs are listed here, each with its undo."),
  );
  find("[data-changes]").replaceChildren(rows.length ? h("div.jobs", {}, rows) : nothing);
}

shell();
/** Read here too, because the list of jobs comes only with the stream of events. */
const changes = attempt(async () => showChanges((await get("/api/jobs")).jobs));
watch(showChanges, signal);
showTrash();
