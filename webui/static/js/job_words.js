// What a job does and how it ended, in words.
import { t } from "./translate.js";

/** @type {Record<string, string>} */
const STATES = { done: t("done"), failed: t("failed"), cancelled: t("cancelled") };
/** @type {Record<string, string>} */
const STEPS = {
  fetching: t("fetching"),
  unpacking: t("unpacking"),
  moving: t("moving"),
  comparing: t("comparing"),
  planning: t("planning"),
  "reading the library": t("reading the library"),
  list: t("looking through folders"),
  read: t("reading"),
  index: t("writing the index"),
  decode: t("decoding"),
  tempo: t("finding the tempo"),
  structure: t("finding sections"),
  notes: t("finding notes"),
  write: t("writing the chart"),
};

/** @param {string} state */
export const stateName = (state) => STATES[state] ?? state;

/**
 * A step of a job, which may be another one than these; empty while the job waits.
 * @param {string} step
 */
export const stepName = (step) => STEPS[step] ?? step;
