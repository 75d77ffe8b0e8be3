// Plays all stems of a song at once, in step, with one row of controls.
import { h, icon } from "./dom.js";
import { duration } from "./format.js";

const STEM = /^(song|guitar|bass|rhythm|keys|vocals(?:_\d)?|drums(?:_\d)?|crowd)\.(ogg|mp3|wav|opus)$/i;
const DRIFT = 0.04; // seconds that stems may differ

/**
 * The stems of a song, "song" first; one empty name for an .sng, whose main stem the server knows.
 * @param {Api.SongDetail} song
 */
export function stemsOf(song) {
  const stems = Object.keys(song.files).flatMap((name) => STEM.exec(name)?.[1].toLowerCase() ?? []);
  return stems.length ? stems.sort((a, b) => Number(b === "song") - Number(a === "song")) : [""];
}

export class Player {
  /**
   * @param {HTMLElement} container
   * @param {Api.SongDetail} song
   * @param {{start?: number, extra?: Node[]}} [options] `start` is the first position, in seconds; `extra` is shown
   *   below the controls.
   */
  constructor(container, song, { start = 0, extra = [] } = {}) {
    this.stems = stemsOf(song).map((stem) =>
      h("audio", { preload: "metadata", src: `/api/songs/${song.id}/audio${stem ? `?stem=${stem}` : ""}` }),
    );
    this.lead = this.stems[0];
    this.start = start;
    this.moved = false; // whether the audio is at the position that is shown
    /** @type {Set<() => void>} */
    this.listeners = new Set();
    this.seconds = song.length / 1000 || 0;
    this.button = h("button.play", { type: "button", onclick: () => this.toggle() });
    this.bar = h("input", {
      type: "range",
      min: 0,
      max: Math.ceil(this.seconds) || 1,
      step: 0.1,
      value: start,
      "aria-label": "Position in the song",
    });
    this.bar.addEventListener("input", () => this.seek(Number(this.bar.value)));
    this.time = h("span.player-time");
    this.error = h("p.notice.bad", { hidden: true, role: "status" });
    const row = h("div.player-row", {}, this.button, h("div", {}, this.bar, this.time));
    container.replaceChildren(h("div.player", {}, row, extra, this.error, this.stems));
    for (const event of ["play", "pause", "ended", "timeupdate", "loadedmetadata", "seeked"])
      this.lead.addEventListener(event, () => this.#show());
    this.lead.addEventListener("error", () => {
      this.error.hidden = false;
      this.error.textContent = "This browser cannot play the song's audio.";
    });
    this.#show();
  }

  /**
   * Calls `listener` whenever the position or state changes.
   * @param {() => void} listener
   */
  onChange(listener) {
    this.listeners.add(listener);
  }

  get playing() {
    return !this.lead.paused;
  }

  /** Seconds from the start of the audio. */
  get position() {
    return this.moved ? this.lead.currentTime : this.start;
  }

  async toggle() {
    if (this.playing) {
      for (const stem of this.stems) stem.pause();
      return;
    }
    if (!this.moved) this.seek(this.start);
    else if (this.lead.ended) this.seek(0);
    await Promise.allSettled(this.stems.map((stem) => stem.play()));
  }

  /** @param {number} seconds */
  seek(seconds) {
    this.moved = true;
    for (const stem of this.stems) stem.currentTime = seconds;
    this.#show();
  }

  /** Stops for good and frees the audio. */
  stop() {
    for (const stem of this.stems) {
      stem.pause();
      stem.removeAttribute("src");
      stem.load();
    }
  }

  #show() {
    if (Number.isFinite(this.lead.duration)) this.seconds = this.lead.duration;
    this.bar.max = String(Math.ceil(this.seconds) || 1);
    this.bar.value = String(this.position);
    const [now, end] = [duration(this.position * 1000), duration(this.seconds * 1000)];
    this.time.textContent = `${now} / ${end}`;
    this.bar.setAttribute("aria-valuetext", `${now} of ${end}`);
    const label = this.playing ? "Pause" : "Play";
    if (this.button.getAttribute("aria-label") !== label) {
      this.button.setAttribute("aria-label", label);
      this.button.replaceChildren(icon(this.playing ? "pause" : "play"));
    }
    if (this.playing) this.#align();
    for (const listener of this.listeners) listener();
  }

  /** Moves stems that drifted to the position of the first one. */
  #align() {
    for (const stem of this.stems.slice(1))
      if (Math.abs(stem.currentTime - this.lead.currentTime) > DRIFT && !stem.seeking)
        stem.currentTime = this.lead.currentTime;
  }
}
