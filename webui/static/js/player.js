// The song's sound: every stem at once, kept together, behind one small row of controls.
import { h, icon } from "./dom.js";
import { length } from "./format.js";

const STEM = /^(song|guitar|bass|rhythm|keys|vocals(?:_\d)?|drums(?:_\d)?|crowd)\.(ogg|mp3|wav|opus)$/i;
const DRIFT = 0.04; // seconds that stems may be apart

/** The stems among a song's files; an .sng names none, the server then plays its main one. */
export function stemsOf(song) {
  const stems = Object.keys(song.files)
    .map((name) => STEM.exec(name)?.[1])
    .filter(Boolean)
    .map((name) => name.toLowerCase());
  return stems.length ? stems.sort((a, b) => (b === "song") - (a === "song")) : [""];
}

export class Player {
  constructor(place, song, { start = 0, extra = [] } = {}) {
    this.stems = stemsOf(song).map((stem) =>
      h("audio", { preload: "metadata", src: `/api/songs/${song.id}/audio${stem ? `?stem=${stem}` : ""}` }),
    );
    [this.lead] = this.stems;
    this.start = start;
    this.fresh = true;
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
    this.problem = h("p.notice.bad", { hidden: true, role: "status" });
    place.replaceChildren(
      h(
        "div.player",
        {},
        h("div.player-row", {}, this.button, h("div", {}, this.bar, this.time)),
        extra,
        this.problem,
        this.stems,
      ),
    );
    for (const event of ["play", "pause", "ended", "timeupdate", "loadedmetadata", "seeked"])
      this.lead.addEventListener(event, () => this.#show());
    this.lead.addEventListener("error", () => {
      this.problem.hidden = false;
      this.problem.textContent = "This browser cannot play the song's audio.";
    });
    this.#show();
  }

  /** Calls `listener()` whenever position or state changes. */
  onChange(listener) {
    this.listeners.add(listener);
  }

  get playing() {
    return !this.lead.paused;
  }

  get position() {
    return this.fresh ? this.start : this.lead.currentTime;
  }

  async toggle() {
    if (this.playing) {
      for (const stem of this.stems) stem.pause();
      return;
    }
    if (this.fresh || this.lead.ended) this.seek(this.fresh ? this.start : 0);
    await Promise.allSettled(this.stems.map((stem) => stem.play()));
  }

  seek(seconds) {
    this.fresh = false;
    for (const stem of this.stems) stem.currentTime = seconds;
    this.#show();
  }

  stop() {
    for (const stem of this.stems) {
      stem.pause();
      stem.removeAttribute("src");
      stem.load();
    }
  }

  #show() {
    if (Number.isFinite(this.lead.duration)) this.seconds = this.lead.duration;
    this.bar.max = Math.ceil(this.seconds) || 1;
    this.bar.value = this.position;
    const words = `${length(this.position * 1000)} of ${length(this.seconds * 1000)}`;
    this.time.textContent = words.replace(" of ", " / ");
    this.bar.setAttribute("aria-valuetext", words);
    const label = this.playing ? "Pause" : "Play";
    if (this.button.getAttribute("aria-label") !== label) {
      this.button.setAttribute("aria-label", label);
      this.button.replaceChildren(icon(this.playing ? "pause" : "play"));
    }
    if (this.playing)
      for (const stem of this.stems.slice(1))
        if (Math.abs(stem.currentTime - this.lead.currentTime) > DRIFT && !stem.seeking)
          stem.currentTime = this.lead.currentTime;
    for (const listener of this.listeners) listener();
  }
}
