// The queue of uploads. It belongs to the document and not to a page, so it goes on while pages change.
import { get, Problem, post, send } from "./api.js";
import { confirm } from "./dialog.js";
import { bytes } from "./format.js";
import { stepName } from "./job_words.js";
import { follow } from "./jobs.js";
import { LARGE, sendInParts } from "./parts.js";
import { attempt, messageOf } from "./toast.js";
import { allSentences, t } from "./translate.js";

const AT_ONCE = 2;
const WINDOW = 6000; // milliseconds over which the speed is measured
const EXISTS = [409, 412]; // statuses of a file that is there already
/** The folder of each kind. @type {Record<import("./routes.js").Kind, string>} */
const FOLDERS = {
  songs: "/Drop",
  generate: "/Generate",
  backgrounds: "/Backgrounds",
  highways: "/Highways",
  colors: "/Colors",
};

/** @typedef {import("./routes.js").Load} Load */
/** @typedef {{path: string, job: Api.JobShape | null}} Stored Where a file or folder is, and the job that imports it. */
/**
 * @typedef {Object} Upload
 * @property {Load} load
 * @property {number} size
 * @property {"waiting" | "sending" | "working" | "done" | "failed"} state
 * @property {number} sent Bytes.
 * @property {number} stored Files that are stored; another try sends those after them.
 * @property {Stored | null} last The last of these.
 * @property {number} progress Of the job, 0 to 1.
 * @property {string} note
 * @property {boolean} [isRefused] Whether another try can only fail again.
 * @property {Record<string, any>} result Of the job.
 * @property {Api.JobShape | null} job Once it is over.
 * @property {(forGood?: boolean) => void} stop Not for good: it may go on later.
 */

/** All uploads of this document, oldest first. @type {Upload[]} */
export const uploads = [];
/** @type {Set<(upload: Upload) => void>} */
const listeners = new Set();
/** Bytes sent so far, by time, for the speed. @type {[number, number][]} */
let samples = [];
let paused = false;
let hasTray = false; // it comes with the first upload
let sentInAll = 0;

/**
 * Calls `listener` with each upload that changes.
 * @param {(upload: Upload) => void} listener
 */
export const onUpload = (listener) => listeners.add(listener);

/**
 * @param {Upload} upload
 * @param {Partial<Upload>} changes
 */
function change(upload, changes) {
  Object.assign(upload, changes);
  for (const listener of listeners) listener(upload);
}

/** @param {Load[]} loads */
export function addUploads(loads) {
  if (!hasTray) attempt(async () => (await import("./tray.js")).startTray());
  hasTray = true;
  for (const load of loads) {
    const size = load.files.reduce((sum, { file }) => sum + file.size, 0);
    /** @type {Upload} */
    const upload = {
      load,
      size,
      state: "waiting",
      sent: 0,
      stored: 0,
      last: null,
      progress: 0,
      note: t("waiting"),
      result: {},
      job: null,
      stop: () => {},
    };
    uploads.push(upload);
    change(upload, {});
  }
  next();
}

/** @param {Upload} upload */
export function retry(upload) {
  change(upload, { state: "waiting", note: t("waiting"), sent: storedSize(upload) });
  next();
}

/** Whether files are still to be sent: they are lost if the document goes. */
export const isSending = () => uploads.some(({ state }) => state === "waiting" || state === "sending");

export const isPaused = () => paused;

/**
 * Stops sending, or goes on after the files that are stored. A small file that was being sent begins again, a large one
 * at the part that was sent.
 */
export function togglePause() {
  paused = !paused;
  if (paused) for (const upload of uploads) if (upload.state === "sending") upload.stop();
  next();
  for (const upload of uploads.slice(-1)) change(upload, {});
}

/** Removes from the list what is over. */
export function clearOver() {
  const left = uploads.filter(({ state }) => state !== "done" && state !== "failed");
  uploads.splice(0, uploads.length, ...left);
}

/** Bytes to send in all, bytes sent, and bytes a second. */
export function totals() {
  const now = performance.now();
  samples = samples.filter(([time]) => time > now - WINDOW);
  const [first, last] = [samples[0], samples[samples.length - 1]];
  const speed = last && last[0] > first[0] ? ((last[1] - first[1]) / (last[0] - first[0])) * 1000 : 0;
  const size = uploads.reduce((sum, upload) => sum + upload.size, 0);
  const sent = uploads.reduce((sum, upload) => sum + Math.min(upload.sent, upload.size), 0);
  return { size, sent, speed };
}

function next() {
  while (!paused && uploads.filter(({ state }) => state === "sending").length < AT_ONCE) {
    const upload = uploads.find(({ state }) => state === "waiting");
    if (!upload) return;
    run(upload);
  }
}

/**
 * Bytes of the files of an upload that are stored.
 * @param {Upload} upload
 */
const storedSize = ({ load, stored }) => load.files.slice(0, stored).reduce((sum, { file }) => sum + file.size, 0);

/** @param {Upload} upload */
async function run(upload) {
  change(upload, { state: "sending", note: "", sent: storedSize(upload) });
  try {
    const { path, job } = await sendAll(upload);
    change(upload, { sent: upload.size, stop: () => {} });
    if (!job)
      change(upload, { state: "done", note: upload.load.isFolder ? t("Stored.") : t("Stored as {path}.", { path }) });
    else {
      change(upload, { state: "working", note: t("waiting for its turn") });
      next(); // the job is the server's work
      const done = await follow(job.id, (now) =>
        change(upload, { progress: now.progress, note: stepName(now.step) || upload.note }),
      );
      if (done.state === "done") change(upload, { state: "done", note: "", result: done.result ?? {}, job: done });
      else change(upload, { state: "failed", note: allSentences(done.error ?? t("Stopped.")) });
    }
  } catch (error) {
    const again = paused && upload.state === "sending";
    change(
      upload,
      again
        ? { state: "waiting", note: t("paused"), sent: storedSize(upload) }
        : { state: "failed", note: messageOf(error), isRefused: error instanceof Problem && error.status === 422 },
    );
  }
  next();
}

/**
 * Sends the files of an upload that are not stored. Returns where the last one is, or the folder, and the job that the
 * server started; a new one if all of them were stored, because then it was the job that failed.
 * @param {Upload} upload
 * @returns {Promise<Stored>}
 */
async function sendAll(upload) {
  const { files, isFolder, kind, name, target } = upload.load;
  if (!upload.size && !target) throw new Problem(422, { detail: t("It is empty. Choose another file.") });
  let { last } = upload;
  let failed = upload.stored === files.length ? last?.job : null;
  const isImported = last?.job && !failed; // its job removes it, and the others still are to be sent
  if (last && !isImported && !(await isThere(last.path))) {
    failed = null;
    upload.stored = 0;
  }
  for (const { file, folder } of files.slice(upload.stored)) {
    last = await store(upload, file, folder);
    Object.assign(upload, { stored: upload.stored + 1, last });
  }
  const isSongs = isFolder && kind === "songs" && !target;
  const source = isSongs ? `${FOLDERS.songs}/${name}` : failed?.subject;
  if (source) return { path: source, job: await post("/api/webdav/import?wait=false", { path: source }) };
  return /** @type {Stored} */ (last);
}

/**
 * Whether a file that was stored is still there: a folder in Drop is imported, also while its upload is paused.
 * @param {string} path
 */
async function isThere(path) {
  try {
    /** @type {Api.Listing} */
    const { entries } = await get("/api/webdav/browse", { path: path.slice(0, path.lastIndexOf("/")) });
    return entries.some((entry) => entry.path === path);
  } catch (error) {
    if (error instanceof Problem && error.status === 404) return false;
    throw error;
  }
}

/**
 * Stores a file of an upload. Asks whether to replace what is there where Files did not know of it: its listing may be
 * old, and the answer to an earlier try may be lost.
 * @param {Upload} upload
 * @param {File} file
 * @param {string} folder
 * @returns {Promise<Stored>}
 */
async function store(upload, file, folder) {
  const { kind, isFolder, name, target } = upload.load;
  try {
    const sending = sendFile(upload, file, folder, storedSize(upload));
    upload.stop = sending.abort;
    const answer = await sending.promise;
    return kind === "generate" && !isFolder && !target ? { path: answer.subject, job: answer } : answer.files[0];
  } catch (error) {
    if (!target || target.replace || !(error instanceof Problem && EXISTS.includes(error.status))) throw error;
    const title = t("“{name}” is there already", { name });
    target.replace = await confirm(title, t("Replace what is there with what you chose?"), t("Replace"), "primary");
    if (!target.replace) throw error;
    return await store(upload, file, folder);
  }
}

/**
 * Sends a file of an upload, in parts if it is large. The generator's form has more than a file.
 * @param {Upload} upload
 * @param {File} file
 * @param {string} folder
 * @param {number} before Bytes of the upload that were sent before it.
 */
function sendFile(upload, file, folder, before) {
  const { load } = upload;
  const sendWhole = () => {
    const form = new FormData();
    for (const [name, value] of load.fields ?? []) form.append(name, value);
    form.append("file", file, file.name);
    return send(addressOf(load, folder), form, (part) => note(upload, before + part * file.size));
  };
  if (file.size >= LARGE && (load.kind !== "generate" || load.isFolder || load.target)) {
    const path = folderOf(load, folder);
    const place = path ? { path } : { type: load.kind };
    const progress = {
      sent: (/** @type {number} */ bytes) => note(upload, before + bytes),
      away: () => change(upload, { note: t("the server is away; it goes on by itself") }),
    };
    return sendInParts(file, { ...place, replace: load.target?.replace ?? true }, progress, sendWhole);
  }
  return sendWhole();
}

/**
 * The folder of the tree that a file goes to; empty where its kind says it.
 * @param {Load} load
 * @param {string} folder
 */
function folderOf({ kind, isFolder, target }, folder) {
  if (target) return folder ? `${target.folder}/${folder}` : target.folder;
  return isFolder ? `${FOLDERS[kind]}/${folder}` : "";
}

/**
 * @param {Load} load
 * @param {string} folder
 */
function addressOf(load, folder) {
  const { kind, target } = load;
  const path = folderOf(load, folder);
  if (path) return `/api/webdav/upload?wait=false&replace=${target?.replace ?? true}&path=${encodeURIComponent(path)}`;
  return kind === "generate" ? "/api/generate?wait=false" : `/api/upload?wait=false&type=${kind}&replace=true`;
}

/**
 * @param {Upload} upload
 * @param {number} sent
 */
function note(upload, sent) {
  sentInAll += Math.max(0, sent - upload.sent);
  samples.push([performance.now(), sentInAll]);
  change(upload, { sent, note: t("{part} of {whole}", { part: bytes(sent), whole: bytes(upload.size) }) });
}

window.addEventListener("beforeunload", (event) => {
  if (isSending()) event.preventDefault();
});
