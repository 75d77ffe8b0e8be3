// The bulk edit: choose fields, see every change, then write them, in steps that show the progress.
import { post } from "./api.js";
import { ask, CANCEL, progressDialog } from "./dialog.js";
import { find, h, icon } from "./dom.js";
import { plural } from "./format.js";
import { attempt, toast } from "./toast.js";

const FIELDS = {
  artist: "Artist",
  album: "Album",
  genre: "Genre",
  year: "Year",
  charter: "Charter",
  playlist: "Playlist",
  sub_playlist: "Playlist inside it",
  icon: "Icon",
  loading_phrase: "Loading phrase",
  diff_guitar: "Guitar intensity",
  diff_drums: "Drums intensity",
};
const STEP = 50; // songs in one request
const SHOWN = 100; // songs in the list of changes

/** @typedef {Record<string, string | null>} Metadata New values by key of song.ini; null removes the key. */

/**
 * Edits songs in dialogs. Returns whether any may have changed.
 * @param {number[]} ids
 */
export async function bulkEdit(ids) {
  const metadata = await askFields(ids.length);
  const preview = metadata && (await attempt(() => editInSteps(ids, metadata, true)));
  if (!preview) return false;
  const changing = preview.songs.filter((song) => song.changes.length && !song.error);
  const failing = preview.songs.filter((song) => song.error);
  if (!(await askChanges(changing, failing))) return false;
  const changingIds = changing.map((song) => song.id);
  const result = await attempt(() => editInSteps(changingIds, metadata, false));
  if (result) showResult(result);
  return true;
}

/**
 * Asks for new values of some fields; null if the person cancels.
 * @param {number} count
 * @returns {Promise<Metadata | null>}
 */
async function askFields(count) {
  const rows = h("div.bulk-fields");
  rows.append(fieldRow("genre"));
  const add = () => {
    const row = fieldRow("year");
    rows.append(row);
    find("select", row).focus();
  };
  const more = h("button.button", { type: "button", onclick: add }, icon("plus"), "Another field");
  const show = { label: "Show the changes", value: "show", kind: "primary" };
  const title = `Edit ${plural(count, "song")}`;
  if (!(await ask(title, [rows, h("div", {}, more)], [CANCEL, show], { large: true }))) return null;
  return Object.fromEntries(
    [...rows.children].map((row) => [find("select", row).value, find("input", row).value.trim() || null]),
  );
}

/**
 * A row with a field, its new value, and a button that removes all but the last row.
 * @param {string} key The field at first.
 */
function fieldRow(key) {
  const options = Object.entries(FIELDS).map(([name, label]) =>
    h("option", { value: name, selected: name === key }, label),
  );
  const row = h("div.bulk-row");
  const onclick = () => row.parentElement && row.parentElement.children.length > 1 && row.remove();
  row.append(
    h("select", { name: "key", "aria-label": "Field" }, options),
    h("input", { name: "value", "aria-label": "New value", placeholder: "empty removes it", autocomplete: "off" }),
    h("button.button.ghost.icon-only", { type: "button", "aria-label": "Remove this field", onclick }, icon("close")),
  );
  return row;
}

/**
 * Shows the changes and asks whether to write them.
 * @param {Api.SongChange[]} changing
 * @param {Api.SongChange[]} failing
 */
function askChanges(changing, failing) {
  const note = h(
    "p.muted",
    { role: "status" },
    changing.length ? `${plural(changing.length, "song")} will change.` : "Nothing would change.",
    failing.length ? ` ${plural(failing.length, "song")} cannot be edited.` : "",
  );
  const label = `Change ${plural(changing.length, "song")}`;
  const change = { label, value: "change", kind: "primary", disabled: !changing.length };
  const content = [note, changeTable([...failing, ...changing])];
  return ask("These are the changes", content, [CANCEL, change], { large: true });
}

/** @param {Api.BulkResult} result */
function showResult({ changed, failed, songs }) {
  const error = songs.find((song) => song.error)?.error;
  const failures = failed ? `; ${failed} could not be changed: ${error}` : ".";
  toast(`Changed ${plural(changed, "song")}${failures}`, { bad: failed > 0 });
}

/**
 * Edits the songs, or lists what would change, with a progress bar where it takes several requests.
 * @param {number[]} ids
 * @param {Metadata} metadata
 * @param {boolean} dry
 */
async function editInSteps(ids, metadata, dry) {
  /** @type {Api.BulkResult} */
  const all = { dry_run: dry, changed: 0, failed: 0, songs: [] };
  const dialog = ids.length > STEP ? progressDialog(dry ? "Looking…" : "Changing…", ids.length) : null;
  try {
    for (let at = 0; at < ids.length; at += STEP) {
      /** @type {Api.BulkResult} */
      const part = await post("/api/songs/bulk", { ids: ids.slice(at, at + STEP), metadata, dry_run: dry });
      all.changed += part.changed;
      all.failed += part.failed;
      all.songs.push(...part.songs);
      dialog?.at(at + STEP);
    }
  } finally {
    dialog?.close();
  }
  return all;
}

/** @param {Api.SongChange[]} songs */
function changeTable(songs) {
  const rows = songs.slice(0, SHOWN).flatMap(changeRows);
  if (songs.length > SHOWN) rows.push(h("tr", {}, h("td", { colSpan: 3 }, `… and ${songs.length - SHOWN} more`)));
  const titles = ["Song", "Field", "Change"].map((title) => h("th", { scope: "col" }, title));
  const table = h("table", {}, h("thead", {}, h("tr", {}, titles)), h("tbody", {}, rows));
  return h("div.bulk-preview", { tabIndex: 0, role: "region", "aria-label": "Changes" }, table);
}

/** @param {Api.SongChange} song */
function changeRows({ title, changes, error }) {
  if (error) return [h("tr", {}, h("td", {}, title), h("td", { colSpan: 2 }, error))];
  return changes.map(({ key, before, after }) => {
    const change = h("td", {}, h("del", {}, before ?? "—"), " ", h("ins", {}, after ?? "—"));
    return h("tr", {}, h("td", {}, title), h("td", {}, key), change);
  });
}
