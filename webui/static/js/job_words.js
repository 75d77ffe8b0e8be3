// What a job does and how it ended, in words.
import { t, tn } from "./translate.js";

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

/** Titles without a name or number. @type {Record<string, string>} */
const TITLES = {
  "Read the library from the remote": t("Read the library from the remote"),
  "Move songs to their folders": t("Move songs to their folders"),
  "Repair songs": t("Repair songs"),
  "Resolve duplicates": t("Resolve duplicates"),
};
const number = (/** @type {string} */ text) => Number(text.replaceAll(",", ""));

/** What the server's other titles and summaries are, in the language of the page. @type {[RegExp, (part: string) => string][]} */
const WORDS = [
  [/^Undo: (.+)$/, (title) => t("Undo: {title}", { title: jobTitle(title) })],
  [/^Import (.+)$/, (name) => t("Import {name}", { name })],
  [/^Chart (.+)$/, (name) => t("Chart {name}", { name })],
  [/^Edit ([\d,]+) songs?$/, (count) => tn("Edit {count} song", "Edit {count} songs", number(count))],
  [/^Edit (“.+”)$/, (name) => t("Edit {name}", { name })],
  [/^Delete ([\d,]+) songs?$/, (count) => tn("Delete {count} song", "Delete {count} songs", number(count))],
  [/^Delete ([\d,]+) entries$/, (count) => tn("Delete {count} entry", "Delete {count} entries", number(count))],
  [/^Delete (“.+”)$/, (name) => t("Delete {name}", { name })],
  [/^([\d,]+) songs? changed\.$/, (count) => tn("{count} song changed.", "{count} songs changed.", number(count))],
  [/^([\d,]+) songs? deleted\.$/, (count) => tn("{count} song deleted.", "{count} songs deleted.", number(count))],
  [
    /^([\d,]+) songs? as before\.$/,
    (count) => tn("{count} song as before.", "{count} songs as before.", number(count)),
  ],
];

/**
 * The title or the summary of a job in the language of the page, as far as it is known.
 * @param {string} text
 */
export function jobTitle(text) {
  if (Object.hasOwn(TITLES, text)) return TITLES[text];
  for (const [pattern, say] of WORDS) {
    const found = pattern.exec(text);
    if (found) return say(found[1]);
  }
  return text;
}
