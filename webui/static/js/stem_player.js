// All stems of a song in one audio context: started at the same sample, with a volume each, at any speed.
import { call } from "./api.js";
import { Grains } from "./grains.js";
import { OutputClock } from "./output_clock.js";
import { t } from "./translate.js";

const RATE = 44_100; // of what is decoded
const LEAD = 0.06; // seconds between the command and the first sample
const TICK = 100; // milliseconds between two looks at the position

/** What plays: a song that starts stops the one before. @type {StemPlayer | null} */
let sounding = null;

/** @typedef {{name: string, buffer: AudioBuffer | null, muted: boolean, solo: boolean, output: GainNode | null}} Stem */

export class StemPlayer {
  /**
   * @param {number} songId
   * @param {string[]} names The stems; an empty name is the only audio of an .sng.
   * @param {number} seconds The length, until the audio is there.
   */
  constructor(songId, names, seconds) {
    this.songId = songId;
    /** @type {Stem[]} */
    this.stems = names.map((name) => ({ name, buffer: null, muted: false, solo: false, output: null }));
    this.seconds = seconds;
    this.at = 0; // the position where it was paused or started, in seconds
    this.started = 0; // the time of the context at which it began there
    this.rate = 1;
    this.loudness = 1;
    this.playing = false;
    /** @type {{from: number, to: number} | null} */
    this.loop = null;
    this.wrong = ""; // why there is no sound
    this.loaded = 0; // 0 to 1
    /** @type {Set<() => void>} */
    this.listeners = new Set();
    /** @type {Promise<void> | null} */
    this.loading = null;
    /** @type {AudioContext | null} */
    this.context = null;
    /** @type {GainNode | null} */
    this.master = null;
    /** @type {AudioBufferSourceNode[]} */
    this.sources = [];
    /** @type {Grains | null} */
    this.grains = null;
    /** @type {OutputClock | null} */
    this.clock = null;
    this.timer = 0;
  }

  /**
   * Calls `listener` whenever the position or state changes.
   * @param {() => void} listener
   */
  onChange(listener) {
    this.listeners.add(listener);
  }

  #changed() {
    for (const listener of this.listeners) listener();
  }

  /** Fetches and decodes the stems, once. */
  load() {
    this.loading ??= this.#load();
    return this.loading;
  }

  async #load() {
    let done = 0;
    const failures = await Promise.all(
      this.stems.map(async (stem) => {
        const failure = await loadStem(this.songId, stem);
        done += 1;
        this.loaded = done / this.stems.length;
        this.#changed();
        return failure;
      }),
    );
    const longest = Math.max(0, ...this.stems.map(({ buffer }) => buffer?.duration ?? 0));
    if (longest) this.seconds = longest;
    else this.wrong = failures.find(Boolean) ?? t("This song has no audio. You see its notes without sound.");
    this.#changed();
  }

  /** Seconds of the audio that are heard now. */
  get position() {
    if (!this.playing || !this.clock) return this.at;
    return Math.min(this.at + this.clock.heard * this.rate, this.seconds);
  }

  async toggle() {
    if (this.playing) this.pause();
    else await this.play();
  }

  async play() {
    this.#open(); // in the click itself, as browsers demand
    await this.load();
    await this.context?.resume();
    if (this.playing) return;
    if (this.at >= this.seconds - 0.05) this.at = 0;
    this.#start();
  }

  pause() {
    if (!this.playing) return;
    this.at = this.position;
    this.#halt();
    this.#changed();
  }

  /** @param {number} seconds */
  seek(seconds) {
    const at = Math.max(0, Math.min(seconds, Math.max(this.seconds - 0.01, 0)));
    if (!this.playing) this.at = at;
    else {
      this.#halt();
      this.at = at;
      this.#start();
    }
    this.#changed();
  }

  /** @param {number} rate 1 is the speed of the recording; the pitch stays. */
  setSpeed(rate) {
    const at = this.position;
    this.rate = rate;
    this.seek(at);
  }

  /** @param {number} loudness 0 to 1. */
  setVolume(loudness) {
    this.loudness = loudness;
    if (this.master) this.master.gain.value = loudness ** 2;
    this.#changed();
  }

  /**
   * @param {Stem} stem
   * @param {{muted?: boolean, solo?: boolean}} change
   */
  setStem(stem, change) {
    Object.assign(stem, change);
    this.#level();
    this.#changed();
  }

  /** Stops for good and frees the audio. */
  stop() {
    this.#halt();
    this.context?.close();
    this.context = null;
    for (const stem of this.stems) [stem.buffer, stem.output] = [null, null];
  }

  #open() {
    if (this.context) return;
    this.context = new AudioContext({ latencyHint: "interactive" });
    this.master = this.context.createGain();
    this.master.gain.value = this.loudness ** 2;
    this.master.connect(this.context.destination);
    for (const stem of this.stems) {
      stem.output = this.context.createGain();
      stem.output.connect(this.master);
    }
    this.#level();
  }

  /** Sets the volume of each stem: those that are solo, or else those that are not muted. */
  #level() {
    const solo = this.stems.some((stem) => stem.solo);
    for (const stem of this.stems) if (stem.output) stem.output.gain.value = (solo ? stem.solo : !stem.muted) ? 1 : 0;
  }

  #start() {
    if (!this.context) return;
    if (sounding !== this) sounding?.pause();
    sounding = this;
    this.started = this.context.currentTime + LEAD;
    this.clock = new OutputClock(this.context, this.started);
    const stems = this.stems.flatMap(({ buffer, output }) => (buffer && output ? [{ buffer, output }] : []));
    if (this.rate !== 1 && stems.length)
      this.grains = new Grains(this.context, stems, this.at, this.started, this.rate);
    else for (const { buffer, output } of stems) this.#startStem(buffer, output);
    this.playing = true;
    this.timer = setInterval(() => this.#tick(), TICK);
    this.#changed();
  }

  /**
   * @param {AudioBuffer} buffer
   * @param {GainNode} output
   */
  #startStem(buffer, output) {
    if (!this.context || this.at >= buffer.duration) return;
    const source = this.context.createBufferSource();
    source.buffer = buffer;
    source.connect(output);
    source.start(this.started, this.at);
    this.sources.push(source);
  }

  #halt() {
    clearInterval(this.timer);
    for (const source of this.sources) source.stop();
    this.sources = [];
    this.grains?.stop();
    this.grains = null;
    this.playing = false;
  }

  #tick() {
    const { position } = this;
    if (this.loop && position >= this.loop.to) this.seek(this.loop.from);
    else if (position >= this.seconds - 0.01) this.pause();
    else this.#changed();
  }
}

/**
 * Fetches and decodes one stem. Returns what is wrong; empty if nothing is.
 * @param {number} songId
 * @param {Stem} stem
 */
async function loadStem(songId, stem) {
  const query = stem.name ? `?stem=${encodeURIComponent(stem.name)}` : "";
  try {
    const bytes = await (await call(`/api/songs/${songId}/audio${query}`, {})).arrayBuffer();
    stem.buffer = await new OfflineAudioContext(2, 1, RATE).decodeAudioData(bytes);
    return "";
  } catch (error) {
    return error instanceof DOMException
      ? t("This browser cannot decode the song's audio. You see its notes without sound.")
      : error instanceof Error
        ? error.message
        : String(error);
  }
}
