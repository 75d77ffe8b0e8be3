import { t, tn } from "./translate.js";

/**
 * Empty if all is read.
 * @param {{songs: number, expected: number, unread: number, state: string}} library
 */
export function readingWords({ songs, expected, unread, state }) {
  if (expected > songs)
    return tn(
      "Reading the library: {songs} of {count} song so far.",
      "Reading the library: {songs} of {count} songs so far.",
      expected,
      { songs },
    );
  if (state === "never")
    return t("Looking through the library for the first time. Songs appear here as they are found.");
  return unread
    ? tn(
        "Reading the notes of {count} song; charts and problems are added as it goes on.",
        "Reading the notes of {count} songs; charts and problems are added as it goes on.",
        unread,
      )
    : "";
}
