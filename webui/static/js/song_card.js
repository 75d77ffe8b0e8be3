// One song of the library, as a card or a row: the same elements, laid out by the style sheet.
import { cover } from "./cover.js";
import { h, icon } from "./dom.js";
import { length } from "./format.js";
import { intensities } from "./instruments.js";
import { richText } from "./rich_text.js";

export function songCard(song, selection) {
  const pick = h("input.pick", {
    type: "checkbox",
    checked: selection.has(song.id),
    "aria-label": `Select ${song.title}`,
    onclick: () => {
      selection.toggle(song, pick.checked);
      element.classList.toggle("picked", pick.checked);
    },
  });
  const element = h(
    "div.song",
    {},
    pick,
    h("div.song-cover", {}, cover(song)),
    h(
      "div.song-text",
      {},
      h(
        "div.song-title",
        {},
        h("a.open", { href: `/songs/${song.id}/edit`, title: song.title }, richText(song.rich_title)),
      ),
      h("div.song-artist", {}, song.artist),
    ),
    h("div.song-album", {}, [song.album, song.year].filter(Boolean).join(" · ")),
    h("div.song-length", {}, song.length ? length(song.length) : ""),
    intensities(song.instruments),
    flags(song),
  );
  element.classList.toggle("picked", pick.checked);
  return element;
}

/** Only what keeps a song from being played well; what could merely be better is told in the editor. */
function flags(song) {
  if (!song.errors && !song.refused) return h("div.flags");
  const words = song.refused
    ? "A game would refuse this song"
    : song.errors === 1
      ? "1 error"
      : `${song.errors} errors`;
  return h(
    "div.flags",
    {},
    h(
      `span.flag${song.refused ? ".bad" : ""}`,
      { role: "img", "aria-label": words, title: words },
      icon(song.refused ? "stop" : "warning"),
    ),
  );
}
