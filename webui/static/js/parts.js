// Sends a large file in parts. A lost connection costs one part: it goes on by itself once the server is back, and, after
// the page was closed, when the same file is chosen again.
import { get, Problem, post, send } from "./api.js";

/** Bytes from which on a file is sent in parts. */
export const LARGE = 8 * 1024 * 1024;
const LONGEST_PAUSE = 15_000; // milliseconds between two tries
const STARTED = "uploads-started";
const AWAY = [0, 423, 502, 503, 504]; // statuses after which a later try may succeed
const ELSEWHERE = [404, 412]; // the server has forgotten the upload, or has other bytes of it than we think

/** @typedef {{type?: string, path?: string, replace?: boolean}} Destination */
/** @typedef {{sent: (bytes: number) => void, away: () => void}} Progress */

/**
 * @param {File} file
 * @param {Destination} destination
 * @param {Progress} progress
 * @returns {{promise: Promise<Api.UploadResult>, abort: () => void}} The promise rejects with a Problem.
 */
export function sendInParts(file, destination, progress) {
  let abort = () => {};
  let stopped = false;
  const key = JSON.stringify([destination, file.name, file.size, file.lastModified]);
  const promise = (async () => {
    /** @type {Api.UploadState | null} */
    let state = null;
    for (let tries = 0; ; ) {
      if (stopped) throw new Problem(0, { detail: "Stopped." });
      const passing = state ? [...AWAY, ...ELSEWHERE] : AWAY;
      try {
        state ??= (await resumed(key)) ?? (await begun(key, file, destination));
        const { id, offset, part_size: size } = state;
        const part = file.slice(offset, offset + size);
        const note = (/** @type {number} */ done) => progress.sent(offset + done * part.size);
        note(0);
        const sending = send(`/api/uploads/${id}?offset=${offset}`, part, note, "PUT");
        abort = sending.abort;
        /** @type {Api.UploadState} */
        const now = await sending.promise;
        state = now;
        tries = 0;
        if (!now.result) continue;
        forget(key);
        return now.result;
      } catch (error) {
        if (stopped || !(error instanceof Problem) || !passing.includes(error.status)) throw error;
        if (AWAY.includes(error.status)) progress.away();
        await new Promise((resolve) => setTimeout(resolve, Math.min(LONGEST_PAUSE, 500 * 2 ** tries)));
        tries = Math.min(tries + 1, 5);
        state = null;
      }
    }
  })();
  return {
    promise,
    abort: () => {
      stopped = true;
      abort();
    },
  };
}

/** @returns {Record<string, string>} The ids of uploads that were begun and are not complete. */
function started() {
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
  const { [key]: _, ...others } = started();
  remember(others);
}

/**
 * The upload of this file that was begun before; null where there is none any more.
 * @param {string} key
 * @returns {Promise<Api.UploadState | null>}
 */
async function resumed(key) {
  const id = started()[key];
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
async function begun(key, file, destination) {
  /** @type {Api.UploadState} */
  const state = await post("/api/uploads", { name: file.name, size: file.size, ...destination });
  remember({ ...started(), [key]: state.id });
  return state;
}
