// The head of the page of an artist, album, genre or charter: how many songs, from when, and what belongs to it.
import { get } from "./api.js";
import { groupAddress } from "./columns.js";
import { find, h } from "./dom.js";
import { nameTile } from "./name_tile.js";
import { exactly } from "./song_view.js";
import { attempt } from "./toast.js";
import { t, tn } from "./translate.js";

const MOST = 12; // tiles

/**
 * @param {HTMLElement} root
 * @param {string} kind artist, album, genre or charter.
 * @param {string} name
 */
export async function showGroup(root, kind, name) {
  const part = kind === "artist" ? "album" : "artist";
  const [counted, parts] = await Promise.all([
    attempt(() => get("/api/songs/facets", { [kind]: name, values: 500 })),
    attempt(() => get("/api/songs/names", { [kind]: name, field: part, sort: "songs", limit: MOST })),
  ]);
  if (!counted || !parts) return;
  find("[data-group-facts]", root).textContent = facts(counted, kind);
  /** @type {Api.SongName[]} */
  const names = parts.names;
  const tiles = names.map((each) => h("li", {}, nameTile(each, partAddress(kind, name, part, each.name))));
  find("[data-group-parts]", root).replaceChildren(...tiles);
}

/**
 * @param {Api.Facets} counted
 * @param {string} kind
 */
function facts({ facets }, kind) {
  const years = facets.year.values.map(({ value }) => Number.parseInt(value, 10)).filter(Boolean);
  const [first, last] = [Math.min(...years), Math.max(...years)];
  return [
    kind !== "artist" && tn("{count} artist", "{count} artists", facets.artist.distinct),
    kind !== "album" && tn("{count} album", "{count} albums", facets.album.distinct),
    years.length &&
      (first === last ? String(first) : t("{first} to {last}", { first: String(first), last: String(last) })),
  ]
    .filter(Boolean)
    .join(" · ");
}

/**
 * An artist's album keeps to the artist: others may have one of this name.
 * @param {string} kind
 * @param {string} name
 * @param {string} part
 * @param {string} value
 */
const partAddress = (kind, name, part, value) =>
  part === "album"
    ? `${groupAddress(part, value)}&${new URLSearchParams({ [kind]: exactly(name) })}`
    : groupAddress(part, value);
