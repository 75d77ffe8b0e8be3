// What is being read in the background, in words.
import { count, plural } from "./format.js";

/**
 * Empty if all is read.
 * @param {{songs: number, expected: number, unread: number, state: string}} library
 */
export function readingWords({ songs, expected, unread, state }) {
  if (expected > songs) return `Reading the library: ${count(songs)} of ${plural(expected, "song")} so far.`;
  if (state === "never") return "Looking through the library for the first time. Songs appear here as they are found.";
  return unread ? `Reading the notes of ${plural(unread, "song")}; charts and problems are added as it goes on.` : "";
}
