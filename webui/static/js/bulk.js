// One edit for many songs: choose fields, see every change, then do it, in steps so that progress shows.
import { post } from "./api.js";
import { ask, working } from "./dialog.js";
import { h, icon } from "./dom.js";
import { plural } from "./format.js";
import { attempt, toast } from "./toast.js";

const COMMON = {
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
const STEP = 50;
const SHOWN = 100;

/** Answers whether anything was changed. */
export async function bulkEdit(ids) {
  const rows = h("div.bulk-fields");
  const add = (key = "genre") => {
    const row = h(
      "div.bulk-row",
      {},
      h(
        "select",
        { name: "key", "aria-label": "Field" },
        Object.entries(COMMON).map(([name, label]) => h("option", { value: name, selected: name === key }, label)),
      ),
      h("input", { name: "value", "aria-label": "New value", placeholder: "empty removes it", autocomplete: "off" }),
      h(
        "button.button.ghost.icon-only",
        { type: "button", "aria-label": "Remove this field", onclick: () => rows.children.length > 1 && row.remove() },
        icon("close"),
      ),
    );
    rows.append(row);
    return row;
  };
  add();
  const more = h(
    "button.button",
    { type: "button", onclick: () => add("year").querySelector("select").focus() },
    icon("plus"),
    "Another field",
  );
  const answer = await ask(
    `Edit ${plural(ids.length, "song")}`,
    [rows, h("div", {}, more)],
    [
      { label: "Cancel", value: null },
      { label: "Show the changes", value: "dry", kind: "primary" },
    ],
    { large: true },
  );
  if (!answer) return false;
  const metadata = Object.fromEntries(
    [...rows.children].map((row) => [
      row.querySelector("select").value,
      row.querySelector("input").value.trim() || null,
    ]),
  );
  const dry = await attempt(() => inSteps(ids, metadata, true));
  return dry ? perform(metadata, dry) : false;
}

async function perform(metadata, dry) {
  const changing = dry.songs.filter((song) => song.changes.length && !song.error);
  const failing = dry.songs.filter((song) => song.error);
  const note = h(
    "p.muted",
    { role: "status" },
    changing.length ? `${plural(changing.length, "song")} will change.` : "Nothing would change.",
    failing.length ? ` ${plural(failing.length, "song")} cannot be edited.` : "",
  );
  const answer = await ask(
    "These are the changes",
    [note, preview([...failing, ...changing])],
    [
      { label: "Cancel", value: null },
      { label: `Change ${plural(changing.length, "song")}`, value: "do", kind: "primary", disabled: !changing.length },
    ],
    { large: true },
  );
  if (!answer) return false;
  const done = await attempt(() =>
    inSteps(
      changing.map((song) => song.id),
      metadata,
      false,
    ),
  );
  if (!done) return true;
  toast(
    done.failed
      ? `Changed ${plural(done.changed, "song")}; ${done.failed} could not be changed: ${done.songs.find((song) => song.error).error}`
      : `Changed ${plural(done.changed, "song")}.`,
    { bad: done.failed > 0 },
  );
  return true;
}

async function inSteps(ids, metadata, dry) {
  const all = { changed: 0, failed: 0, songs: [] };
  const dialog = ids.length > STEP ? working(dry ? "Looking…" : "Changing…", ids.length) : null;
  try {
    for (let at = 0; at < ids.length; at += STEP) {
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

function preview(songs) {
  const rows = songs
    .slice(0, SHOWN)
    .flatMap((song) =>
      song.error
        ? [h("tr", {}, h("td", {}, song.title), h("td", { colSpan: 2 }, song.error))]
        : song.changes.map((change) =>
            h(
              "tr",
              {},
              h("td", {}, song.title),
              h("td", {}, change.key),
              h("td", {}, h("del", {}, change.before ?? "—"), " ", h("ins", {}, change.after ?? "—")),
            ),
          ),
    );
  if (songs.length > SHOWN) rows.push(h("tr", {}, h("td", { colSpan: 3 }, `… and ${songs.length - SHOWN} more`)));
  return h(
    "div.bulk-preview",
    { tabIndex: 0, role: "region", "aria-label": "Changes" },
    h(
      "table",
      {},
      h(
        "thead",
        {},
        h(
          "tr",
          {},
          ["Song", "Field", "Change"].map((title) => h("th", { scope: "col" }, title)),
        ),
      ),
      h("tbody", {}, rows),
    ),
  );
}
