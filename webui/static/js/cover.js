// Album art, or a drawn cover whose colours depend on the artist and title.
import { h } from "./dom.js";

const HUES = [
  [150, 195],
  [355, 25],
  [40, 15],
  [215, 255],
  [25, 340],
  [190, 230],
  [280, 320],
  [95, 150],
];

/**
 * The cover of a song.
 * @param {Api.SongSummary} song
 */
export function cover(song) {
  if (!song.has_art) return drawnCover(song);
  const image = h("img.cover-art", {
    alt: "",
    width: 512,
    height: 512,
    loading: "lazy",
    decoding: "async",
    ...artSizes(artAddress(song)),
  });
  image.addEventListener("error", () => image.replaceWith(drawnCover(song)), { once: true });
  return image;
}

/**
 * The URL of a song's album art, another one after each change.
 * @param {Api.SongSummary} song
 */
export const artAddress = (song) => `/api/songs/${song.id}/art?v=${song.modified}`;

/**
 * The properties of an image that have the browser choose among small copies of album art.
 * @param {string} address Of the art, with a query.
 */
export const artSizes = (address) => ({
  sizes: "auto, 256px",
  srcset: [64, 256, 512].map((side) => `${address}&size=${side} ${side}w`).join(", "),
  src: `${address}&size=256`,
});

/**
 * A cover with the initials of the title.
 * @param {{artist: string, title: string}} song
 */
export function drawnCover(song) {
  let hash = 7;
  for (const letter of song.artist + song.title) hash = (hash * 31 + (letter.codePointAt(0) ?? 0)) >>> 0;
  const [from, to] = HUES[hash % HUES.length];
  const angle = 20 + ((hash >> 4) % 320);
  const words = song.title
    .replace(/[^\p{L}\p{N} ]/gu, "")
    .trim()
    .split(/\s+/)
    .filter(Boolean);
  const initials = words.slice(0, 2).map((word) => [...word][0].toUpperCase());
  const background = `radial-gradient(120% 90% at ${(hash >> 9) % 100}% 0%, hsl(${from} 62% 44% / .85), transparent 60%), linear-gradient(${angle}deg, hsl(${to} 48% 17%), hsl(${from} 55% 32%))`;
  return h("div.cover-drawn", { "aria-hidden": "true", style: { background } }, initials.join("") || "♪");
}
