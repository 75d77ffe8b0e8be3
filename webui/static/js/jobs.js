// Polls the list of jobs: often while some run, rarely while none do, never in a hidden tab.
import { request } from "./api.js";

const [BUSY_POLL, IDLE_POLL] = [700, 5000]; // milliseconds

/** @typedef {(jobs: Api.JobShape[]) => void} Listener */

/** @type {Set<Listener>} */
const listeners = new Set();
/** The list as last received. @type {Api.JobShape[] | null} */
let latest = null;
let etag = "";
let timer = 0;

async function poll() {
  clearTimeout(timer);
  if (!document.hidden) {
    try {
      const { response, body } = await request("GET", "/api/jobs", { headers: etag ? { "If-None-Match": etag } : {} });
      if (body) show(response.headers.get("ETag") ?? "", body.jobs);
    } catch {
      /* the server cannot be reached; the next poll may find it again */
    }
  }
  timer = setTimeout(poll, latest?.some((job) => !job.final) ? BUSY_POLL : IDLE_POLL);
}

/**
 * @param {string} tag
 * @param {Api.JobShape[]} jobs
 */
function show(tag, jobs) {
  etag = tag;
  latest = jobs;
  for (const listener of listeners) listener(jobs);
}

document.addEventListener("visibilitychange", () => document.hidden || poll());

/**
 * Calls `listener` with the list now and after every change. Returns a function that ends this.
 * @param {Listener} listener
 */
export function watch(listener) {
  listeners.add(listener);
  if (latest) listener(latest);
  else if (listeners.size === 1) poll();
  return () => listeners.delete(listener);
}

/**
 * Calls `onChange` with a job until it is over. Returns the job at its end.
 * @param {string} id
 * @param {(job: Api.JobShape) => unknown} [onChange]
 * @returns {Promise<Api.JobShape>}
 */
export function follow(id, onChange = () => {}) {
  poll();
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
  });
}
