// The list of jobs: read once, then kept up to date by the stream of events.
import { get } from "./api.js";
import { on } from "./events.js";

const LISTED = 100; // jobs kept

/** @typedef {(jobs: Api.JobShape[]) => void} Listener */

/** @type {Set<Listener>} */
const listeners = new Set();
/** The jobs, newest first; null before they are read. @type {Api.JobShape[] | null} */
let latest = null;
let reading = false;

async function read() {
  if (reading) return;
  reading = true;
  try {
    latest = (await get("/api/jobs")).jobs;
    show();
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
  if (!latest) return;
  const others = latest.filter((other) => other.id !== job.id);
  latest = [...others, job].sort((a, b) => b.created - a.created).slice(0, LISTED);
  show();
}

function start() {
  on("job", update);
  on("reload", read);
  read();
}

/**
 * Calls `listener` with the list now and after every change. Returns a function that ends this.
 * @param {Listener} listener
 */
export function watch(listener) {
  listeners.add(listener);
  if (latest) listener(latest);
  else if (listeners.size === 1) start();
  return () => listeners.delete(listener);
}

/**
 * Calls `onChange` with a job until it is over. Returns the job at its end.
 * @param {string} id
 * @param {(job: Api.JobShape) => unknown} [onChange]
 * @returns {Promise<Api.JobShape>}
 */
export function follow(id, onChange = () => {}) {
  return new Promise((resolve) => {
    const end = watch((jobs) => {
      const job = jobs.find((each) => each.id === id);
      if (!job) return;
      onChange(job);
      if (job.final) {
        queueMicrotask(() => end());
        resolve(job);
      }
    });
    read(); // it may have begun, or ended, before the stream was open
  });
}
