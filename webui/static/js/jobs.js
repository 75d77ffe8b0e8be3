// Jobs, asked for again and again: often while some run, seldom while none do, never in a hidden tab.
import { request } from "./api.js";

const listeners = new Set();
let known = null;
let etag = "";
let timer;

async function look() {
  clearTimeout(timer);
  if (!document.hidden) {
    try {
      const { response, body } = await request("GET", "/api/jobs", { headers: etag ? { "If-None-Match": etag } : {} });
      if (body) {
        etag = response.headers.get("ETag") ?? "";
        known = body.jobs;
        for (const listener of listeners) listener(known);
      }
    } catch {
      /* the server is away; the next look finds it again */
    }
  }
  const busy = known?.some((job) => !job.final);
  timer = setTimeout(look, busy ? 700 : 5000);
}

document.addEventListener("visibilitychange", () => document.hidden || look());

/** Calls `listener(jobs)` now and at every change. Answers a function that ends it. */
export function watch(listener) {
  listeners.add(listener);
  if (known) listener(known);
  else if (listeners.size === 1) look();
  return () => listeners.delete(listener);
}

/** Look now: something was started. */
export const poke = look;

/** Calls `onChange(job)` until the job is over; the promise answers the finished job. */
export function follow(id, onChange = () => {}) {
  poke();
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
