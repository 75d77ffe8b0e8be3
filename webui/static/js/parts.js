// Sends a large file in parts. A lost connection costs one part: it goes on by itself once the server is back, and, after
// the page was closed, when the same file is chosen again.
import { get, Problem, post, remove, send } from "./api.js";
import { t } from "./translate.js";

/** Bytes from which on a file is sent in parts. */
export const LARGE = 8 * 1024 * 1024;
const LONGEST_PAUSE = 15_000; // milliseconds between two tries
const STARTED = "uploads-started";
const AWAY = [0, 423, 502, 503, 504]; // statuses after which a later try may succeed
const ELSEWHERE = [404, 412]; // the server has forgotten the upload, or has other bytes of it than we think
const NO_PARTS = 501; // of several instances, each part may come to another one

/** @typedef {{type?: string, path?: string, replace?: boolean}} Destination */
/** @typedef {{sent: (bytes: number) => void, away: () => void}} Progress */
/** @typedef {{promise: Promise<any>, abort: (forGood?: boolean) => void}} Sending Not for good: it may go on later. */

/**
 * @param {File} file
 * @param {Destination} destination
 * @param {Progress} progress
 * @param {() => Sending} sendWhole Sends it in one request, to a server that cannot take parts of it.
 * @returns {Sending} The promise of an Api.UploadResult rejects with a Problem.
 */
export function sendInParts(file, destination, progress, sendWhole) {
  let abort = () => {};
  let stopped = false;
  let id = "";
  const key = JSON.stringify([destination, file.name, file.size, file.lastModified]);
  const goOn = () => {
    if (stopped) throw new Problem(0, { detail: t("Stopped.") });
  };
  const promise = (async () => {
    /** @type {Api.UploadState | null} */
    let state = null;
    let furthest = 0; // bytes
    let restarts = 0; // since it was that far
    for (let tries = 0; ; ) {
      try {
        goOn();
        state ??= (await resume(key)) ?? (await begin(key, file, destination));
        id = state.id;
        goOn();
        if (!state.result) {
          const { offset, part_size: size } = state;
          const part = file.slice(offset, offset + size);
          const note = (/** @type {number} */ done) => progress.sent(offset + done * part.size);
          note(0);
          const sending = send(`/api/uploads/${id}?offset=${offset}`, part, note, "PUT");
          abort = sending.abort;
          state = /** @type {Api.UploadState} */ (await sending.promise);
        }
        tries = 0;
        if (state.offset > furthest) [furthest, restarts] = [state.offset, 0];
        if (!state.result) continue;
        forget(key);
        return state.result;
      } catch (error) {
        if (stopped || !(error instanceof Problem)) throw error;
        const isElsewhere = state !== null && ELSEWHERE.includes(error.status);
        if (isElsewhere) restarts += 1;
        if (error.status === NO_PARTS || restarts === 2) {
          forget(key);
          const sending = sendWhole();
          abort = sending.abort;
          return await sending.promise;
        }
        if (!isElsewhere && !AWAY.includes(error.status)) throw error;
        if (!isElsewhere) progress.away();
        const pause = Math.min(LONGEST_PAUSE, 500 * 2 ** tries);
        await new Promise((resolve) => {
          abort = () => resolve(null);
          setTimeout(resolve, pause);
        });
        tries = Math.min(tries + 1, 5);
        state = null;
      }
    }
  })();
  return {
    promise,
    abort: (forGood = false) => {
      stopped = true;
      abort();
      if (forGood) promise.catch(() => drop(key, id));
    },
  };
}

/** @returns {Record<string, string>} The ids of uploads that were begun and are not complete. */
function unfinishedUploads() {
  try {
    return JSON.parse(localStorage.getItem(STARTED) ?? "{}");
  } catch {
    return {}; // a private window has no storage
  }
}

/** @param {Record<string, string>} ids */
function remember(ids) {
  try {
    localStorage.setItem(STARTED, JSON.stringify(ids));
  } catch {
    /* a private window has no storage */
  }
}

/** @param {string} key */
function forget(key) {
  const { [key]: _, ...others } = unfinishedUploads();
  remember(others);
}

/**
 * Drops the upload, here and on the server.
 * @param {string} key
 * @param {string} id Empty if it is not known.
 */
async function drop(key, id) {
  const known = id || unfinishedUploads()[key];
  forget(key);
  if (known) await remove(`/api/uploads/${known}`).catch(() => {}); // the server drops it by itself after an hour
}

/**
 * The upload of this file that was begun before; null where the server has none.
 * @param {string} key
 * @returns {Promise<Api.UploadState | null>}
 */
async function resume(key) {
  const id = unfinishedUploads()[key];
  if (!id) return null;
  try {
    return await get(`/api/uploads/${id}`);
  } catch (error) {
    if (!(error instanceof Problem && error.status === 404)) throw error;
    forget(key);
    return null;
  }
}

/**
 * @param {string} key
 * @param {File} file
 * @param {Destination} destination
 * @returns {Promise<Api.UploadState>}
 */
async function begin(key, file, destination) {
  /** @type {Api.UploadState} */
  const state = await post("/api/uploads", { name: file.name, size: file.size, ...destination });
  remember({ ...unfinishedUploads(), [key]: state.id });
  return state;
}
