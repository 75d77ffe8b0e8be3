// The star of a song, which puts it into the list of favourites, and what its players did.
import { post } from "./api.js";
import { h, icon } from "./dom.js";
import { count, plural } from "./format.js";
import { attempt } from "./toast.js";

/**
 * A button that sets or takes the star.
 * @param {Api.SongSummary} song
 */
export function starButton(song) {
  const toggle = async () => {
    const path = song.starred ? "/api/lists/Favourites/songs/remove" : "/api/lists/Favourites/songs";
    if (!(await attempt(() => post(path, { ids: [song.id] })))) return;
    song.starred = !song.starred;
    show();
  };
  const button = h(
    "button.star",
    { type: "button", "aria-label": `Star ${song.title}`, onclick: toggle },
    icon("star"),
  );
  const show = () => button.setAttribute("aria-pressed", String(song.starred));
  show();
  return button;
}

/**
 * Stars, plays and full combo of a song; empty where nobody played it.
 * @param {Api.SongSummary} song
 */
export function playedWords({ plays, stars, full_combo }) {
  if (!plays && !stars) return "";
  const parts = [
    stars ? `${"★".repeat(Math.min(5, stars))}${stars > 5 ? " gold" : ""}` : "",
    plays ? `${count(plays)}×` : "",
  ];
  return [...parts, full_combo ? "FC" : ""].filter(Boolean).join(" ");
}

/**
 * The same, for a card.
 * @param {Api.SongSummary} song
 */
export function playedMark(song) {
  const words = playedWords(song);
  if (!words) return h("span.played", { hidden: true });
  const full = song.full_combo ? ", full combo" : "";
  const label = `${plural(song.plays, "play")}, ${plural(song.stars, "star")}${full}`;
  return h("span.played", { role: "img", "aria-label": label, title: label }, words);
}
