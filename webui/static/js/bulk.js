// The bulk edit: choose fields, see every change, then start the job that writes them.
import { post } from "./api.js";
import { ask, CANCEL, progressDialog } from "./dialog.js";
import { find, findAll, h, icon } from "./dom.js";
import { attempt } from "./toast.js";
import { allSentences, t, tn } from "./translate.js";

const FIELDS = {
  artist: t("Artist"),
  album: t("Album"),
  genre: t("Genre"),
  year: t("Year"),
  charter: t("Charter"),
  playlist: t("Playlist"),
  sub_playlist: t("Playlist inside it"),
  icon: t("Icon"),
  loading_phrase: t("Loading phrase"),
  diff_guitar: t("Guitar intensity"),
  diff_drums: t("Drums intensity"),
};
const STEP = 100; // songs in one request for a list of changes
const SHOWN = 100; // songs in the list of changes

/** @typedef {Record<string, string | null>} Metadata New values by key of song.ini; null removes the key. */

/**
 * Asks in dialogs what to edit. Returns the job that does it; undefined if there is none.
 * @param {number[]} ids
 * @returns {Promise<Api.JobShape | undefined>}
 */
export async function bulkEdit(ids) {
  const metadata = await askFields(ids.length);
  const songs = metadata && (await attempt(() => listChanges(ids, metadata)));
  if (!songs) return undefined;
  const changing = songs.filter((song) => song.changes.length && !song.error);
  const failing = songs.filter((song) => song.error);
  if (!(await askChanges(changing, failing))) return undefined;
  const changingIds = changing.map((song) => song.id);
  return attempt(() => post("/api/songs/bulk?wait=false", { ids: changingIds, metadata }));
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
  const more = h("button.button", { type: "button", onclick: add }, icon("plus"), t("Another field"));
  const show = { label: t("Show the changes"), value: "show", kind: "primary" };
  const title = tn("Edit {count} song", "Edit {count} songs", count);
  if (!(await ask(title, [rows, h("div", {}, more)], [CANCEL, show], { large: true }))) return null;
  return Object.fromEntries(
    findAll("div.bulk-row", rows).map((row) => {
      const removes = find("input[type=checkbox]", row).checked;
      return [find("select", row).value, removes ? null : find("input[name=value]", row).value.trim()];
    }),
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
  const value = h("input", { name: "value", "aria-label": t("New value"), required: true, autocomplete: "off" });
  value.placeholder = t("new value");
  const removes = h("input", { type: "checkbox", name: "removes" });
  removes.addEventListener("change", () => {
    value.disabled = removes.checked;
  });
  row.append(
    h("select", { name: "key", "aria-label": t("Field") }, options),
    value,
    h("label.check", {}, removes, h("span", {}, t("Remove it"))),
    h(
      "button.button.ghost.icon-only",
      { type: "button", "aria-label": t("Remove this field"), onclick },
      icon("close"),
    ),
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
    changing.length
      ? tn("{count} song will change.", "{count} songs will change.", changing.length)
      : t("Nothing would change."),
    failing.length ? ` ${tn("{count} song cannot be edited.", "{count} songs cannot be edited.", failing.length)}` : "",
  );
  const label = tn("Change {count} song", "Change {count} songs", changing.length);
  const change = { label, value: "change", kind: "primary", disabled: !changing.length };
  const content = [note, changeTable([...failing, ...changing])];
  return ask(t("These are the changes"), content, [CANCEL, change], { large: true });
}

/**
 * What the edit would change; null if the person stops looking.
 * @param {number[]} ids
 * @param {Metadata} metadata
 * @returns {Promise<Api.SongChange[] | null>}
 */
async function listChanges(ids, metadata) {
  /** @type {Api.SongChange[]} */
  const songs = [];
  const dialog = ids.length > STEP ? progressDialog(t("Looking at what would change…"), ids.length) : null;
  try {
    for (let at = 0; at < ids.length; at += STEP) {
      /** @type {Api.BulkResult} */
      const part = await post("/api/songs/bulk", { ids: ids.slice(at, at + STEP), metadata, dry_run: true });
      songs.push(...part.songs);
      if (dialog && !dialog.at(at + STEP)) return null;
    }
  } finally {
    dialog?.close();
  }
  return songs;
}

/** @param {Api.SongChange[]} songs */
function changeTable(songs) {
  const rows = songs.slice(0, SHOWN).flatMap(changeRows);
  if (songs.length > SHOWN)
    rows.push(
      h(
        "tr",
        {},
        h("td", { colSpan: 3 }, tn("… and {count} song more", "… and {count} songs more", songs.length - SHOWN)),
      ),
    );
  const titles = [t("Song"), t("Field"), t("Change")].map((title) => h("th", { scope: "col" }, title));
  const table = h("table", {}, h("thead", {}, h("tr", {}, titles)), h("tbody", {}, rows));
  return h("div.bulk-preview", { tabIndex: 0, role: "region", "aria-label": t("Changes") }, table);
}

/** @param {Api.SongChange} song */
function changeRows({ title, artist, changes, error }) {
  const name = () =>
    h("td", {}, h("b", {}, title), artist ? h("span.muted", {}, ` ${t("by {artist}", { artist })}`) : null);
  if (error) return [h("tr", {}, name(), h("td", { colSpan: 2 }, allSentences(error)))];
  return changes.map(({ key, before, after }) => {
    const change = h("td", {}, h("del", {}, before ?? "—"), " ", h("ins", {}, after ?? "—"));
    return h("tr", {}, name(), h("td", {}, key), change);
  });
}
