// The bar that plays a song from its preview while other pages are looked at.
import { get } from "./api.js";
import { cover } from "./cover.js";
import { h, icon } from "./dom.js";
import { richText } from "./rich_text.js";
import { attempt } from "./toast.js";
import { t } from "./translate.js";

const controls = h("div.player-bar-controls");
const picture = h("div.player-bar-cover");
const names = h("div.player-bar-names");
const close = h(
  "button.button.ghost.icon-only",
  { type: "button", "aria-label": t("Close the player") },
  icon("close"),
);
const bar = h("section.player-bar", { "aria-label": t("Now playing") }, picture, names, controls, close);

/** @type {import("./player.js").Player | null} */
let player = null;

close.addEventListener("click", () => {
  player?.sound.stop();
  player = null;
  bar.remove();
  document.body.classList.remove("has-player");
});

/**
 * Plays a song from its preview.
 * @param {number} id
 */
export async function playInBar(id) {
  /** @type {Api.SongDetail | undefined} */
  const song = await attempt(() => get(`/api/songs/${id}`));
  if (!song) return;
  const { Player } = await import("./player.js");
  player?.sound.stop();
  const start = Math.max(0, Number(song.metadata.preview_start_time) || 0) / 1000;
  player = new Player(controls, song, { start });
  picture.replaceChildren(cover(song));
  const link = h("a", { href: `/songs/${song.id}` }, richText(song.rich_title));
  names.replaceChildren(link, h("span.muted", {}, song.artist));
  document.body.append(bar);
  document.body.classList.add("has-player");
  await player.sound.play();
}
