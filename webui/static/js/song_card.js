// A song of the list, as a card or a row: the same elements, which the style sheet arranges.
import { cells } from "./columns.js";
import { cover } from "./cover.js";
import { h, icon } from "./dom.js";
import { intensities } from "./instruments.js";
import { playInBar } from "./player_bar.js";
import { richText } from "./rich_text.js";
import { playedMark, starButton } from "./star.js";
import { t } from "./translate.js";

/**
 * @param {Api.SongSummary} song
 * @param {import("./selection.js").Selection} selection
 */
export function songCard(song, selection) {
  const onclick = (/** @type {MouseEvent} */ event) => {
    selection.toggle(song.id, pick.checked, event.shiftKey);
    card.classList.toggle("picked", pick.checked);
  };
  const label = t("Select {title}", { title: song.title });
  const pick = h("input.pick", { type: "checkbox", checked: selection.has(song.id), "aria-label": label, onclick });
  const link = h("a.open", { href: `/songs/${song.id}`, title: song.title }, richText(song.rich_title));
  const card = h(
    "div.song",
    {},
    pick,
    h("div.song-cover", {}, cover(song)),
    playButton(song),
    starButton(song),
    h(
      "div.song-text",
      {},
      h("div.song-title", {}, link),
      h("div.song-artist", {}, h("span.song-by", {}, song.artist), playedMark(song)),
    ),
    cells(song),
    intensities(song.instruments),
    flags(song),
  );
  card.classList.toggle("picked", pick.checked);
  return card;
}

/** @param {Api.SongSummary} song */
function playButton(song) {
  const properties = {
    type: "button",
    "aria-label": t("Play {title}", { title: song.title }),
    onclick: () => playInBar(song.id),
  };
  return h("button.card-play", properties, icon("play"));
}

/**
 * A mark if the song plays wrong or not at all. The editor lists lesser problems.
 * @param {Api.SongSummary} song
 */
function flags(song) {
  if (!song.errors && !song.refused) return h("div.flags");
  const words = song.refused
    ? t("A game would refuse this song")
    : song.errors === 1
      ? "1 error"
      : `${song.errors} errors`;
  const flag = h("span.flag", { role: "img", "aria-label": words, title: words });
  flag.classList.toggle("bad", song.refused);
  flag.append(icon(song.refused ? "stop" : "warning"));
  return h("div.flags", {}, flag);
}
