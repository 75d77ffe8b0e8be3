// An artist, album, genre or charter as a tile: a cover, the name, the number of songs.
import { artSizes, drawnCover } from "./cover.js";
import { h } from "./dom.js";
import { tn } from "./translate.js";

/**
 * @param {Api.SongName} name
 * @param {string} href
 */
export function nameTile({ name, songs, cover }, href) {
  const drawn = () => drawnCover({ artist: "", title: name });
  const image = cover
    ? h("img.cover-art", {
        alt: "",
        width: 256,
        height: 256,
        loading: "lazy",
        decoding: "async",
        ...artSizes(`/api/songs/${cover}/art?v=`),
      })
    : drawn();
  image.addEventListener("error", () => image.replaceWith(drawn()), { once: true });
  return h(
    "div.song.name-tile",
    {},
    h("div.song-cover", {}, image),
    h(
      "div.song-text",
      {},
      h("div.song-title", {}, h("a.open", { href, title: name }, name)),
      h("div.song-artist", {}, tn("{count} song", "{count} songs", songs)),
    ),
  );
}
