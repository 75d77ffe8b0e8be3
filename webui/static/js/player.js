// The controls of a song's audio: play, position, volume.
import { h, icon } from "./dom.js";
import { duration } from "./format.js";
import { StemPlayer } from "./stem_player.js";
import { t } from "./translate.js";

const STEM = /^(song|guitar|bass|rhythm|keys|vocals(?:_\d)?|drums(?:_\d)?|crowd)\.(ogg|mp3|wav|opus)$/i;

/**
 * The stems of a song, "song" first; one empty name if none is known, and the server chooses.
 * @param {Api.SongDetail} song
 */
export function stemsOf(song) {
  const stems = new Set(Object.keys(song.files).flatMap((name) => STEM.exec(name)?.[1].toLowerCase() ?? []));
  return stems.size ? [...stems].sort((a, b) => Number(b === "song") - Number(a === "song")) : [""];
}

/** The controls, and the stems that they play as `sound`. */
export class Player {
  /**
   * @param {HTMLElement} container
   * @param {Api.SongDetail} song
   * @param {{start?: number, extra?: Node[]}} [options] `start` is the first position, in seconds; `extra` is shown
   *   below the controls.
   */
  constructor(container, song, { start = 0, extra = [] } = {}) {
    this.sound = new StemPlayer(song.id, stemsOf(song), song.length / 1000 || 0);
    this.sound.at = Math.min(Math.max(0, start), this.sound.seconds || start);
    this.button = h("button.play", { type: "button", onclick: () => this.sound.toggle() });
    this.bar = h("input", { type: "range", min: 0, step: 0.1, "aria-label": t("Position in the song") });
    this.bar.addEventListener("input", () => this.sound.seek(Number(this.bar.value)));
    this.time = h("span.player-time");
    this.mute = h("button.button.ghost.icon-only", { type: "button", onclick: () => this.toggleVolume() });
    this.volume = h("input.volume", { type: "range", min: 0, max: 1, step: 0.01, value: 1, "aria-label": t("Volume") });
    this.volume.addEventListener("input", () => this.sound.setVolume(Number(this.volume.value)));
    this.error = h("p.notice.warn", { hidden: true, role: "status" });
    const loud = h("span.player-volume", {}, this.mute, this.volume);
    const row = h("div.player-row", {}, this.button, h("div", {}, this.bar, this.time), loud);
    container.replaceChildren(h("div.player", {}, row, extra, this.error));
    this.sound.onChange(() => this.#show());
    this.#show();
  }

  toggleVolume() {
    this.sound.setVolume(this.sound.loudness ? 0 : Number(this.volume.dataset.before) || 1);
  }

  #show() {
    const { position, seconds, playing, loudness, wrong } = this.sound;
    this.bar.max = String(Math.ceil(seconds) || 1);
    this.bar.value = String(position);
    const [now, end] = [duration(position * 1000), duration(seconds * 1000)];
    this.time.textContent = `${now} / ${end}`;
    this.bar.setAttribute("aria-valuetext", t("{part} of {whole}", { part: now, whole: end }));
    label(this.button, playing ? t("Pause") : t("Play"), playing ? "pause" : "play");
    label(this.mute, loudness ? t("Mute") : t("Sound on"), loudness ? "volume" : "volume-off");
    if (loudness) this.volume.dataset.before = String(loudness);
    this.volume.value = String(loudness);
    this.error.hidden = !wrong;
    this.error.textContent = wrong;
  }
}

/**
 * @param {HTMLElement} button
 * @param {string} words
 * @param {string} picture
 */
function label(button, words, picture) {
  if (button.getAttribute("aria-label") === words) return;
  button.setAttribute("aria-label", words);
  button.replaceChildren(icon(picture));
}
