// What came of an import, in words and links.
import { h, icon } from "./dom.js";
import { allSentences, t, tn } from "./translate.js";

const LINKS = 12; // songs linked to
const FAILURES = 3; // reasons shown
/** @type {Record<string, string>} */
const PARTS = {
  audio: t("audio"),
  art: t("album art"),
  video: t("video"),
  background: t("background"),
  highway: t("highway"),
};

/**
 * A part of a song that both have.
 * @param {string} part
 */
export const partName = (part) => PARTS[part] ?? part;

/** @typedef {{id: number, title: string, refused?: boolean}} ImportedSong */
/** @typedef {ImportedSong & {improved?: string[], differs?: string[]}} KnownSong What came again, and what it brought. */
/** @typedef {{path: string, older_id: number, changes: string[], replaced: boolean}} NewerVersion */
/** @typedef {{path: string, reason: string}} Failure */

/**
 * @param {{songs?: ImportedSong[], duplicates?: KnownSong[], newer?: NewerVersion[], files?: unknown[], failed?: Failure[], skipped?: Failure[]}} result
 *   The result of an import's job.
 */
export function importResult({ songs = [], duplicates = [], newer = [], files = [], failed = [], skipped = [] }) {
  const links = [...songs, ...duplicates]
    .filter((song) => song.id)
    .slice(0, LINKS)
    .map((song) => h("a.tag", { href: `/songs/${song.id}` }, icon("music"), song.title));
  const sentences = [
    songs.length && tn("{count} song added.", "{count} songs added.", songs.length),
    ...songs
      .filter(({ refused }) => refused)
      .slice(0, FAILURES)
      .map(refusedWords),
    ...knownWords(duplicates),
    ...newer.slice(0, FAILURES).map(newerWords),
    files.length && tn("{count} file stored.", "{count} files stored.", files.length),
    ...[...failed, ...skipped]
      .slice(0, FAILURES)
      .map(({ path, reason }) => (path ? `${path}: ${allSentences(reason)}` : allSentences(reason))),
  ];
  return { words: sentences.filter(Boolean).join(" ") || t("Done."), links };
}

/** @param {ImportedSong} song */
const refusedWords = ({ title }) => t("Games do not load “{title}”: its problems say why.", { title });

/**
 * What became of songs that the library has: improved, kept although they differ, or nothing new.
 * @param {KnownSong[]} known
 */
function knownWords(known) {
  const better = known.filter(({ improved = [] }) => improved.length);
  const differing = known.filter(({ differs = [] }) => differs.length);
  const same = known.filter((song) => !better.includes(song) && !differing.includes(song)).length;
  const named = better
    .slice(0, FAILURES)
    .map(({ title, improved = [] }) => t("“{title}” improved: {files}.", { title, files: improved.join(", ") }));
  const other = differing
    .slice(0, FAILURES)
    .map(({ title, differs = [] }) =>
      t("“{title}” differs, and ours was kept: {parts}.", { title, parts: differs.map(partName).join(", ") }),
    );
  const rest =
    same &&
    tn(
      "{count} song is in the library already: nothing new.",
      "{count} songs are in the library already: nothing new.",
      same,
    );
  const more = differing.length > FAILURES && t("… and {count} more", { count: differing.length - FAILURES });
  return [...named, rest, ...other, more];
}

/** @param {NewerVersion} version */
function newerWords({ path, changes, replaced }) {
  const differs = changes.length ? ` (${changes.join("; ")})` : "";
  const older = replaced ? t("The old one is in the trash bin.") : t("Both are kept.");
  return t("{name} is a newer version of a song{differs}. {older} Scores stay with the old notes.", {
    name: path.split("/").pop(),
    differs,
    older,
  });
}
