// The upload page: the progress of each upload, then of its job, then links to its songs.
import { post, send } from "./api.js";
import { find, h, icon } from "./dom.js";
import { dropZone, filesOf } from "./drop.js";
import { bytes, plural } from "./format.js";
import { follow } from "./jobs.js";
import { shell } from "./shell.js";
import { messageOf } from "./toast.js";

const AT_ONCE = 2;
const LINKS = 12; // songs linked to
const FAILURES = 3; // reasons shown
/** The folder of each kind of upload. @type {Record<string, string>} */
const FOLDERS = { songs: "/Drop", backgrounds: "/Backgrounds", highways: "/Highways", colors: "/Colors" };

/** @typedef {import("./drop.js").Dropped} Dropped */

/**
 * A file or a whole folder to upload, and its row on the page.
 * @typedef {{name: string, size: number, files: Dropped[], isFolder: boolean, type: string, row: HTMLElement}} Item
 */

/** @type {Item[]} */
const queue = [];
let running = 0;

/**
 * Queues each file, and each folder as one item.
 * @param {Dropped[]} dropped
 */
function add(dropped) {
  const single = dropped.filter(({ folder }) => !folder);
  const folders = Map.groupBy(
    dropped.filter(({ folder }) => folder),
    ({ folder }) => folder.split("/")[0],
  );
  for (const each of single) enqueue(each.file.name, [each], false);
  for (const [name, files] of folders) enqueue(name, files, true);
}

/**
 * @param {string} name
 * @param {Dropped[]} files
 * @param {boolean} isFolder
 */
function enqueue(name, files, isFolder) {
  const row = h("li.upload.busy");
  find("[data-uploads]").prepend(row);
  const size = files.reduce((sum, { file }) => sum + file.size, 0);
  start({ name, size, files, isFolder, type: find("input[name=type]:checked").value, row });
}

/** @param {Item} item */
function start(item) {
  queue.push(item);
  show(item, { note: "waiting" });
  next();
}

/** Uploads the next item of the queue, unless enough are being uploaded. */
async function next() {
  if (running >= AT_ONCE) return;
  const item = queue.shift();
  if (!item) return;
  running += 1;
  try {
    await upload(item);
  } catch (error) {
    show(item, { state: "failed", note: messageOf(error), again: true });
  }
  running -= 1;
  next();
}

/** @param {Item} item */
async function upload(item) {
  let sent = 0;
  /** @type {{path: string | null, job: Api.JobShape | null}} */
  let result = { path: null, job: null };
  for (const { file, folder } of item.files) {
    const form = new FormData();
    form.append("file", file, file.name);
    const path = encodeURIComponent(`${FOLDERS[item.type]}/${folder}`);
    const url = item.isFolder
      ? `/api/webdav/upload?wait=false&replace=true&path=${path}`
      : `/api/upload?wait=false&type=${item.type}&replace=true`;
    const sending = send(url, form, (part) => {
      const done = sent + part * file.size;
      const note = `${bytes(done)} of ${bytes(item.size)}`;
      show(item, { progress: done / (item.size || 1), note, stop: sending.abort });
    });
    [result] = (await sending.promise).files;
    sent += file.size;
  }
  const folder = `${FOLDERS[item.type]}/${item.name}`;
  if (item.isFolder && item.type === "songs")
    result = { path: folder, job: await post("/api/webdav/import?wait=false", { path: folder }) };
  if (result.job) await followJob(item, result.job);
  else show(item, { state: "done", note: item.isFolder ? "Stored." : `Stored as ${result.path}.` });
}

/**
 * Shows the job's progress and result. The next upload may start, because this one is the server's work now.
 * @param {Item} item
 * @param {Api.JobShape} job
 */
async function followJob(item, job) {
  running -= 1;
  next();
  const done = await follow(job.id, (now) =>
    show(item, { progress: now.progress, note: now.step || "waiting for its turn" }),
  );
  running += 1;
  if (done.state === "done") showResult(item, done.result ?? {});
  else show(item, { state: "failed", note: done.error ?? "Stopped.", again: true });
}

/** @typedef {{id: number, title: string}} ImportedSong */
/** @typedef {ImportedSong & {improved?: string[], differs?: string[]}} KnownSong What came again, and what it brought. */
/** @typedef {{path: string, older_id: number, changes: string[], replaced: boolean}} NewerVersion */
/** @typedef {{path: string, reason: string}} Failure */

/**
 * @param {Item} item
 * @param {{songs?: ImportedSong[], duplicates?: KnownSong[], newer?: NewerVersion[], files?: unknown[], failed?: Failure[], skipped?: Failure[]}} result
 *   The result of an import.
 */
function showResult(item, { songs = [], duplicates = [], newer = [], files = [], failed = [], skipped = [] }) {
  const links = [...songs, ...duplicates]
    .filter((song) => song.id)
    .slice(0, LINKS)
    .map((song) => h("a.tag", { href: `/songs/${song.id}` }, icon("music"), song.title));
  const sentences = [
    songs.length && `${plural(songs.length, "song")} added.`,
    ...knownWords(duplicates),
    ...newer.slice(0, FAILURES).map(newerWords),
    files.length && `${plural(files.length, "file")} stored.`,
    ...[...failed, ...skipped].slice(0, FAILURES).map(({ path, reason }) => (path ? `${path}: ${reason}` : reason)),
  ];
  show(item, { state: "done", note: sentences.filter(Boolean).join(" ") || "Done.", links });
}

/**
 * What became of songs that the library has: improved, or nothing new.
 * @param {KnownSong[]} known
 */
function knownWords(known) {
  const better = known.filter(({ improved = [] }) => improved.length);
  const same = known.length - better.length;
  const named = better
    .slice(0, FAILURES)
    .map(({ title, improved = [] }) => `“${title}” improved: ${improved.join(", ")}.`);
  const rest = same && `${plural(same, "song")} ${same === 1 ? "is" : "are"} in the library already: nothing new.`;
  return [...named, rest];
}

/** @param {NewerVersion} version */
function newerWords({ path, changes, replaced }) {
  const differs = changes.length ? ` (${changes.join("; ")})` : "";
  const older = replaced ? "The old one is in the trash bin." : "Both are kept.";
  return `${path.split("/").pop()} is a newer version of a song${differs}. ${older} Scores stay with the old notes.`;
}

/**
 * Shows the state of an upload in its row.
 * @param {Item} item
 * @param {Object} shown
 * @param {string} shown.note
 * @param {"busy" | "done" | "failed"} [shown.state]
 * @param {number} [shown.progress]
 * @param {HTMLElement[]} [shown.links]
 * @param {boolean} [shown.again] Whether to offer another try.
 * @param {() => void} [shown.stop]
 */
function show(item, { note, state = "busy", progress, links = [], again = false, stop }) {
  item.row.className = `upload ${state}`;
  const button = again
    ? h("button.button", { type: "button", onclick: () => start(item) }, icon("refresh"), "Try again")
    : stop
      ? h("button.button.ghost", { type: "button", onclick: stop, "aria-label": `Stop ${item.name}` }, "Stop")
      : h("span");
  const kind = item.isFolder ? "folder" : "archive";
  item.row.replaceChildren(
    icon(state === "done" ? "check" : state === "failed" ? "stop" : kind),
    h("span.upload-name", {}, item.name),
    button,
    progress !== undefined && state === "busy"
      ? h("progress", { max: 1, value: progress, "aria-label": item.name })
      : "",
    h("span.upload-note", { role: state === "busy" ? null : "status" }, note),
    links.length ? h("div.upload-songs", {}, links) : "",
  );
}

shell();
dropZone(find("[data-drop]"), add);
for (const [button, input] of [
  [find("[data-choose]"), find("input[data-files]")],
  [find("[data-choose-folder]"), find("input[data-folder]")],
]) {
  button.addEventListener("click", () => input.click());
  input.addEventListener("change", () => {
    if (!(input instanceof HTMLInputElement)) return;
    add(filesOf(input));
    input.value = "";
  });
}
