// The list of jobs: read once, then kept up to date by the stream of events.
import { get, Problem } from "./api.js";
import { on, whenLive } from "./events.js";

const LISTED = 100; // jobs kept

/** @typedef {(jobs: Api.JobShape[]) => void} Listener */

/** @type {Set<Listener>} */
const listeners = new Set();
/** Who follows a job, by its id. @type {Map<string, (job: Api.JobShape) => void>} */
const followers = new Map();
/** The jobs, newest first; null before they are read. @type {Api.JobShape[] | null} */
let latest = null;
let reading = false;
let isLive = false;
let outdated = false; // what is read may be from before an event

async function read() {
  outdated = true;
  if (reading) return;
  reading = true;
  try {
    while (outdated) {
      outdated = false;
      latest = (await get("/api/jobs")).jobs;
      show();
    }
  } catch {
    /* the stream says when the server is back, and then they are read again */
  } finally {
    reading = false;
  }
}

function show() {
  for (const listener of listeners) listener(latest ?? []);
}

/** @param {Api.JobShape} job */
function update(job) {
  followers.get(job.id)?.(job);
  outdated = true;
  if (!latest) return;
  const others = latest.filter((other) => other.id !== job.id);
  latest = [...others, job].sort((a, b) => b.created - a.created).slice(0, LISTED);
  show();
}

let started = false;

function start() {
  if (started) return;
  started = true;
  on("job", update);
  whenLive(() => {
    isLive = true;
    if (listeners.size) read();
    catchUp();
  });
}

/** Reads the jobs that are followed, because events may have been missed. */
async function catchUp() {
  for (const [id, follower] of [...followers])
    try {
      follower(await get(`/api/jobs/${id}`));
    } catch {
      return; /* the stream says when the server is back */
    }
}

/**
 * Calls `listener` with the latest jobs, now and after every change.
 * @param {Listener} listener
 * @param {AbortSignal} [signal] Ends this.
 */
export function watch(listener, signal) {
  listeners.add(listener);
  signal?.addEventListener("abort", () => listeners.delete(listener));
  start();
  if (latest) listener(latest);
  else if (isLive && !reading) read();
}

/**
 * Calls `onChange` with a job until it is over, however many others there are. Returns the job at its end.
 * @param {string} id
 * @param {(job: Api.JobShape) => unknown} [onChange]
 * @returns {Promise<Api.JobShape>}
 */
export function follow(id, onChange = () => {}) {
  start();
  return new Promise((resolve, reject) => {
    const follower = (/** @type {Api.JobShape} */ job) => {
      if (!followers.has(id)) return;
      onChange(job);
      if (!job.final) return;
      followers.delete(id);
      resolve(job);
    };
    followers.set(id, follower);
    get(`/api/jobs/${id}`).then(follower, (error) => {
      if (!(error instanceof Problem && error.status === 404)) return; // the stream says when the server is back
      followers.delete(id);
      reject(error);
    });
  });
}
