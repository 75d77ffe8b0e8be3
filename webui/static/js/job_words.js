// What a job does and how it ended, in words.
import { sentence, t, tn } from "./translate.js";

/** @typedef {[RegExp, (...parts: string[]) => string][]} Words Patterns, and what their groups say in other words. */

/** @type {Record<string, string>} */
const STATES = { done: t("done"), failed: t("failed"), cancelled: t("cancelled") };
/** @type {Record<string, string>} */
const STEPS = {
  fetching: t("fetching"),
  unpacking: t("unpacking"),
  staging: t("storing"),
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
  "Look into files of songs": t("Look into files of songs"),
  "Look for what songs lack": t("Look for what songs lack"),
  "Fill in songs": t("Fill in songs"),
  "Move files": t("Move files"),
  "Delete files": t("Delete files"),
  "Resolve duplicates": t("Resolve duplicates"),
  "Make career tiers": t("Make career tiers"),
  "The list is deleted.": t("The list is deleted."),
  "All are in your library.": t("All are in your library."),
  "nothing new": t("nothing new"),
  "The chart came out as it was.": t("The chart came out as it was."),
  "The chart is made again; scores stay with the old one.": t("The chart is made again; scores stay with the old one."),
};
const number = (/** @type {string} */ text) => Number(text.replaceAll(",", ""));

/**
 * What was said, and what else the server said in the same sentence.
 * @param {string} said
 * @param {string} [more]
 */
const and = (said, more) => (more ? `${said} ${jobTitle(more)}` : said);

/** What the server's other titles are, in the language of the page. @type {Words} */
const TITLES_WITH_NAMES = [
  [/^Undo: (.+)$/, (title) => t("Undo: {title}", { title: jobTitle(title) })],
  [/^((?:Import|Chart) .+) again$/, (title) => t("{title} again", { title: jobTitle(title) })],
  [/^Import (.+)$/, (name) => t("Import {name}", { name })],
  [/^Chart (.+)$/, (name) => t("Chart {name}", { name })],
  [/^Edit ([\d,]+) songs?$/, (count) => tn("Edit {count} song", "Edit {count} songs", number(count))],
  [/^Edit (“.+”)$/, (name) => t("Edit {name}", { name })],
  [/^Delete ([\d,]+) songs?$/, (count) => tn("Delete {count} song", "Delete {count} songs", number(count))],
  [/^Delete ([\d,]+) entries$/, (count) => tn("Delete {count} entry", "Delete {count} entries", number(count))],
  [/^Delete (“.+”)$/, (name) => t("Delete {name}", { name })],
  [
    /^Move ([\d,]+) entries to (\/.*)$/,
    (count, folder) =>
      tn("Move {count} entry to {folder}", "Move {count} entries to {folder}", number(count), { folder }),
  ],
  [/^Move (“.+”) to (\/.*)$/, (name, folder) => t("Move {name} to {folder}", { name, folder })],
  [/^Read the list (.+)$/, (name) => t("Read the list {name}", { name })],
  [/^Read the scores of (.+)$/, (player) => t("Read the scores of {player}", { player })],
];

/** The sentences of its summaries. @type {Words} */
const SENTENCES = [
  [/^([\d,]+) songs? changed\.$/, (count) => tn("{count} song changed.", "{count} songs changed.", number(count))],
  [/^([\d,]+) songs? deleted\.$/, (count) => tn("{count} song deleted.", "{count} songs deleted.", number(count))],
  [
    /^([\d,]+) songs? as before\.$/,
    (count) => tn("{count} song as before.", "{count} songs as before.", number(count)),
  ],
  [/^([\d,]+) changes? done\.$/, (count) => tn("{count} change done.", "{count} changes done.", number(count))],
  [
    /^([\d,]+) changes? taken back\.$/,
    (count) => tn("{count} change taken back.", "{count} changes taken back.", number(count)),
  ],
  [
    /^([\d,]+) could not be: (.+)$/,
    (count, reason) => t("{count} could not be: {reason}", { count: number(count), reason }),
  ],
  [
    /^([\d,]+) stay as they are: (.+)$/,
    (count, reason) =>
      tn("{count} stays as it is: {reason}", "{count} stay as they are: {reason}", number(count), { reason }),
  ],
  [
    /^([\d,]+) songs? can be repaired\.$/,
    (count) => tn("{count} song can be repaired.", "{count} songs can be repaired.", number(count)),
  ],
  [
    /^([\d,]+) proposals for ([\d,]+) of ([\d,]+) songs that lack something\.$/,
    (count, some, all) =>
      tn(
        "{count} proposal for {some} of {all} songs that lack something.",
        "{count} proposals for {some} of {all} songs that lack something.",
        number(count),
        { some: number(some), all: number(all) },
      ),
  ],
  [/^([\d,]+) songs?\.$/, (count) => `${tn("{count} song", "{count} songs", number(count))}.`],
  [
    /^([\d,]+) of (?:[\d,]+|them) are not in your library\.$/,
    (count) => tn("{count} is not in your library.", "{count} are not in your library.", number(count)),
  ],
  [
    /^(.+): ([\d,]+) charts? played, ([\d,]+) full combos?\.$/,
    (player, charts, combos) =>
      t("{player}: {charts} charts played, {combos} full combos.", {
        player,
        charts: number(charts),
        combos: number(combos),
      }),
  ],
  [/^(.+) has no scores yet\.$/, (player) => t("{player} has no scores yet.", { player })],
  [
    /^([\d,]+) songs? imported(?:\.|, (.+))$/,
    (count, more) => and(tn("{count} song added.", "{count} songs added.", number(count)), more),
  ],
  [
    /^([\d,]+) files? imported(?:\.|, (.+))$/,
    (count, more) => and(tn("{count} file stored.", "{count} files stored.", number(count)), more),
  ],
  [
    /^([\d,]+) songs? in the library already \(([^()]+)\)(?:\.|, (.+))$/,
    (count, parts, more) => {
      const changes = parts.split("; ").map(jobTitle).join("; ");
      const said = tn(
        "{count} song was in the library already ({changes}).",
        "{count} songs were in the library already ({changes}).",
        number(count),
        { changes },
      );
      return and(said, more);
    },
  ],
  [/^improved: (.+)$/, (files) => t("improved: {files}", { files })],
  [/^replaced: (.+)$/, (files) => t("replaced: {files}", { files })],
  [/^kept although it differs: (.+)$/, (files) => t("kept although it differs: {files}", { files })],
  [
    /^([\d,]+) failed \((.+)\)\.$/,
    (count, reason) => t("{count} failed ({reason}).", { count: number(count), reason }),
  ],
  [
    /^([\d,]+) left out \((.+)\)\.$/,
    (count, reason) => t("{count} left out ({reason}).", { count: number(count), reason }),
  ],
];

/**
 * The title or the summary of a job in the language of the page, as far as it is known.
 * @param {string} text
 * @returns {string}
 */
export function jobTitle(text) {
  if (Object.hasOwn(TITLES, text)) return TITLES[text];
  for (const [pattern, say] of [...TITLES_WITH_NAMES, ...SENTENCES]) {
    const found = pattern.exec(text);
    if (found) return say(...found.slice(1));
  }
  const end = text.indexOf(". ") + 1;
  const first = text.slice(0, end);
  const known = end ? jobTitle(first) : "";
  return known === first ? sentence(text) : `${known} ${jobTitle(text.slice(end + 1))}`;
}
