// The star of a song, which puts it into the list of favourites, and what its players did.
import { post } from "./api.js";
import { h, icon } from "./dom.js";
import { count } from "./format.js";
import { attempt } from "./toast.js";
import { t, tn } from "./translate.js";

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
    { type: "button", "aria-label": t("Star {title}", { title: song.title }), onclick: toggle },
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
    stars ? `${"★".repeat(Math.min(5, stars))}${stars > 5 ? ` ${t("gold")}` : ""}` : "",
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
  const said = [tn("{count} play", "{count} plays", song.plays), tn("{count} star", "{count} stars", song.stars)];
  const label = [...said, ...(song.full_combo ? [t("full combo")] : [])].join(", ");
  return h("span.played", { role: "img", "aria-label": label, title: label }, words);
}
