// The editor of one song: fields, art, player, density, problems; nothing is lost or overwritten by accident.
import { get, remove, request, treeAddress } from "./api.js";
import { chartChoice } from "./chart_choice.js";
import { artAddress, cover } from "./cover.js";
import { Density } from "./density.js";
import { ask, confirm } from "./dialog.js";
import { find, h, icon } from "./dom.js";
import { dropZone } from "./drop.js";
import { Fields } from "./fields.js";
import { bytes, length, plural } from "./format.js";
import { instrumentName } from "./instruments.js";
import { Player } from "./player.js";
import { richText } from "./rich_text.js";
import { shell } from "./shell.js";
import { attempt, toast } from "./toast.js";

const root = find("[data-editor]");
const address = `/api/songs/${root.dataset.song}`;
let song;
let saving = false;

const density = new Density(find("[data-density]"), (seconds) => player.seek(seconds + offset));
let offset = 0;
let player;
const fields = new Fields(
  find("[data-fields]"),
  await get("/api/songs/fields").then((answer) => answer.fields),
  changed,
);

function changed() {
  const number = Object.keys(fields.changes()).length;
  find("[data-save-text]").textContent = number ? `${plural(number, "change")} not saved` : "No changes";
  find("[data-save]").disabled = find("[data-revert]").disabled = number === 0;
  density.at((player?.position ?? 0) - offset, previewStart() - offset);
}

const hasNotes = ({ path, files }) =>
  /\.sng$/i.test(path) || Object.keys(files).some((name) => /^notes\.(chart|mid)$/i.test(name));
const previewStart = () => Number(fields.get("preview_start_time") || -1) / 1000;

function show(fresh) {
  song = fresh;
  document.title = `${song.title} · davproxy`;
  find("[data-title]").replaceChildren(richText(song.rich_title));
  find("[data-subtitle]").textContent = [song.artist, song.album, song.year].filter(Boolean).join(" · ");
  find("[data-folder]").href = treeAddress(song.path.replace(/\/[^/]+\.sng$/i, ""));
  fields.fill(song.metadata);
  showArt();
  showProblems();
  find("[data-files]").replaceChildren(
    ...Object.entries(song.files).map(([name, size]) => h("li", {}, name, h("span", {}, bytes(size)))),
  );
  changed();
}

function showArt() {
  const image = find("[data-art-image]");
  image.hidden = !song.has_art;
  find("[data-art-none]").hidden = song.has_art;
  find("[data-art-none]").replaceChildren(
    h("span.visually-hidden", {}, "No album art"),
    cover({ ...song, has_art: false }),
  );
  if (song.has_art) {
    image.src = artAddress(song);
    image.alt = `Album art of ${song.title}`;
  }
}

function showProblems() {
  const order = ["refused", "error", "warning"];
  const words = { refused: "A game would not load the song.", error: "It plays wrong.", warning: "" };
  const alike = [...Map.groupBy(song.findings, (finding) => `${finding.severity} ${finding.message}`).values()];
  const rows = alike
    .toSorted(([a], [b]) => order.indexOf(a.severity) - order.indexOf(b.severity))
    .map((findings) => {
      const [{ severity, message }] = findings;
      const bad = severity !== "warning";
      return h(
        `div.problem${bad ? ".bad" : ""}`,
        {},
        icon(severity === "refused" ? "stop" : bad ? "warning" : "info"),
        h("p", {}, message),
        h("p.muted", {}, [where(findings), words[severity]].filter(Boolean).join(" · ")),
      );
    });
  find("[data-problems]").replaceChildren(
    ...(rows.length ? rows : [h("p.notice.good", {}, "No problems were found.")]),
  );
}

/** Where findings of one kind are: "Guitar (expert, hard), first at 0:12, 3 times". */
function where(findings) {
  const instruments = Map.groupBy(
    findings.filter((finding) => finding.instrument),
    (finding) => finding.instrument,
  );
  const tracks = [...instruments].map(([instrument, all]) => {
    const difficulties = all.map((finding) => finding.difficulty).filter(Boolean);
    return difficulties.length
      ? `${instrumentName(instrument)} (${difficulties.join(", ")})`
      : instrumentName(instrument);
  });
  const seconds = findings.map((finding) => finding.seconds).filter((each) => each !== undefined);
  const times = findings.reduce((sum, finding) => sum + (finding.count ?? 1), 0);
  return [
    ...tracks,
    seconds.length && `${times > 1 ? "first " : ""}at ${length(Math.min(...seconds) * 1000)}`,
    seconds.length && times > 1 && `${times} times`,
  ]
    .filter(Boolean)
    .join(", ");
}

async function save({ breaksScores = false } = {}) {
  const metadata = fields.changes();
  saving = true;
  try {
    const { body } = await request("PUT", address, {
      json: { metadata, breaks_scores: breaksScores },
      headers: song.etag ? { "If-Match": `"${song.etag}"` } : {},
    });
    const moved = body.id !== song.id; // an .sng written anew in a local folder
    show(body);
    if (moved) location.replace(`/songs/${body.id}/edit`);
    toast("Saved.");
  } catch (error) {
    if (error.status === 412) await conflict(metadata);
    else if (error.status === 409 && !breaksScores) {
      if (await confirm("This breaks players' scores", error.message, "Change it all the same"))
        await save({ breaksScores: true });
    } else {
      toast(error.message, { bad: true });
      fields.refuse(error.message);
    }
  } finally {
    saving = false;
  }
}

/** Somebody else changed the song meanwhile: show both, let the person choose. */
async function conflict(mine) {
  const theirs = await get(address);
  const keys = Object.keys({
    ...mine,
    ...Object.fromEntries(
      Object.keys({ ...theirs.metadata, ...song.metadata })
        .filter((key) => theirs.metadata[key] !== song.metadata[key])
        .map((key) => [key, 1]),
    ),
  });
  const cell = (value) => h("td", {}, value ?? "—");
  const table = h(
    "table.difference",
    {},
    h(
      "thead",
      {},
      h(
        "tr",
        {},
        ["Field", "Was", "Now, changed elsewhere", "Yours"].map((title) => h("th", { scope: "col" }, title)),
      ),
    ),
    h(
      "tbody",
      {},
      keys.map((key) =>
        h(
          "tr",
          {},
          h("th", { scope: "row" }, key),
          cell(song.metadata[key]),
          cell(theirs.metadata[key]),
          cell(key in mine ? mine[key] : "as it is"),
        ),
      ),
    ),
  );
  const answer = await ask(
    "This song was changed elsewhere meanwhile",
    [
      h("p", {}, "Nothing was overwritten. Keep your changes on top of the others, or drop them?"),
      h("div.table-scroll", { tabIndex: 0, role: "region", "aria-label": "Differences" }, table),
    ],
    [
      { label: "Decide later", value: null },
      { label: "Drop mine", value: "theirs" },
      { label: "Save mine on top", value: "mine", kind: "primary" },
    ],
    { large: true },
  );
  if (!answer) return;
  show(theirs);
  if (answer === "mine") {
    for (const [key, value] of Object.entries(mine)) fields.set(key, value ?? "");
    await save();
  }
}

async function setArt(file) {
  if (!file) return;
  const fresh = await attempt(async () => await (await sendArt(file)).json());
  if (!fresh) return;
  song = { ...fresh, etag: song.etag, metadata: song.metadata };
  showArt();
  showProblems();
  toast("The album art is changed.");
}

async function sendArt(file) {
  const response = await fetch(`${address}/art`, {
    method: "PUT",
    body: file,
    headers: { "Content-Type": file.type || "application/octet-stream" },
  });
  if (!response.ok) throw new Error((await response.json()).detail);
  return response;
}

async function removeSong() {
  const { can_undo: undoable } = await get("/api/webdav/status");
  if (
    !(await confirm(
      `Delete “${song.title}”?`,
      undoable
        ? "It goes to the trash bin; you can bring it back."
        : "This server has no trash bin: it cannot be brought back.",
      "Delete",
    ))
  )
    return;
  const gone = await attempt(() => remove(address));
  if (!gone) return;
  saving = true;
  player.stop();
  if (gone.restore) sessionStorage.setItem("deleted", JSON.stringify({ title: song.title, key: gone.restore }));
  location.assign("/songs");
}

find("[data-form]").addEventListener("submit", (event) => {
  event.preventDefault();
  save();
});
find("[data-revert]").addEventListener("click", () => {
  fields.fill(song.metadata);
  changed();
});
find("[data-delete]").addEventListener("click", removeSong);
find("[data-art-choose]").addEventListener("click", () => find("[data-art-file]").click());
find("[data-art-file]").addEventListener("change", (event) => setArt(event.target.files[0]));
dropZone(find("[data-art]"), ([{ file }]) => setArt(file));
window.addEventListener("beforeunload", (event) => {
  if (!saving && Object.keys(fields.changes()).length) event.preventDefault();
});
window.addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key === "s") {
    event.preventDefault();
    if (!find("[data-save]").disabled) save();
  }
});
if (document.referrer.startsWith(`${location.origin}/songs?`)) find("[data-back]").href = document.referrer;

shell();
const first = await attempt(() => get(address));
if (first) {
  show(first);
  const start = Math.max(previewStart(), 0);
  const setPreview = h(
    "button.button",
    {
      type: "button",
      onclick: () => {
        fields.set("preview_start_time", String(Math.round(player.position * 1000)));
        toast("The preview starts here once you save.");
      },
    },
    icon("clock"),
    "Preview starts here",
  );
  player = new Player(find("[data-player]"), song, { start, extra: setPreview });
  player.onChange(() => density.at(player.position - offset, previewStart() - offset));
  try {
    if (!hasNotes(song)) throw new Error("This song has no notes.");
    await chartChoice(find("[data-chart-choice]"), song.id, (chart) => {
      offset = chart.offset;
      density.show(chart);
      changed();
    });
  } catch (error) {
    find("[data-density]").replaceChildren(h("p.muted", {}, error.message));
  }
}
