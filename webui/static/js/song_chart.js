// The tab that corrects a generated chart: see and hear its beats, say what is wrong, and have it made again.
import { get, post } from "./api.js";
import { correctedBeats, tempoOf } from "./beat_preview.js";
import { PARTS, picture } from "./charting.js";
import { ClickTrack } from "./click_track.js";
import { control, find as findIn } from "./dom.js";
import { chordTimes } from "./highway.js";
import { MuteRanges } from "./mute_ranges.js";
import { visit } from "./navigate.js";
import { pageSignal } from "./page.js";
import { Player } from "./player.js";
import { shell } from "./shell.js";
import { showHead, startHead } from "./song_head.js";
import { followSongJob } from "./song_job.js";
import { attempt } from "./toast.js";
import { t, tn } from "./translate.js";

const [TAPS, PAUSE] = [12, 2500]; // taps that count, and milliseconds after which others begin
const [SHIFTED, FARTHEST] = [6, 500]; // beats and milliseconds at most
const TYPED = "input:not([type=checkbox], [type=range]), textarea, dialog"; // where T is a letter
const signal = pageSignal();
const main = findIn("main");
/** @type {typeof findIn} */
const find = (selector, root = main) => findIn(selector, root); // also once the page is left
const id = find("[data-song]").dataset.song;
const form = find("form[data-form]");

class ChartPage {
  /**
   * @param {Api.SongDetail} song
   * @param {Api.KeptOptions} kept
   * @param {Api.HighwayChart} chart
   */
  constructor(song, kept, chart) {
    this.kept = kept;
    this.chart = chart;
    this.player = new Player(find("[data-player]"), song);
    this.sound = this.player.sound;
    this.clicks = new ClickTrack(this.sound);
    /** @type {number[]} */
    this.waveform = Array(PARTS).fill(0);
    this.shift = kept.correction.bar_shift;
    /** When the beat was tapped, in milliseconds. @type {number[]} */
    this.taps = [];
    const onSeek = (/** @type {number} */ seconds) => this.sound.seek(seconds);
    this.mutes = new MuteRanges(find("[data-surface]"), find("[data-mutes]"), { onChange: () => this.show(), onSeek });
    this.#fill(kept.correction);
    find("[data-edited]").hidden = !kept.edited;
    control(form, "replace_edited").required = kept.edited;
    this.#listen();
    this.sound.onChange(() => this.#showPosition());
    this.show();
    attempt(() => this.#draw());
  }

  /** @param {Api.CorrectionShape} correction */
  #fill({ tempo, bpm, beats_per_bar, offset, density, muted }) {
    control(form, "tempo").value = bpm ? "tapped" : tempo;
    control(form, "bpm").value = bpm ? String(bpm) : "";
    control(form, "beats_per_bar").value = String(beats_per_bar);
    control(form, "offset").value = String(Math.round(offset * 1000));
    control(form, "density").value = density;
    const lead = this.kept.lead_in;
    this.mutes.show(
      muted.map(([from, to]) => [from + lead, to + lead]),
      this.sound.seconds,
    );
  }

  #listen() {
    form.addEventListener("input", () => this.show());
    control(form, "bpm").addEventListener("input", () => {
      control(form, "tempo").value = control(form, "bpm").value ? "tapped" : "";
    });
    find("[data-tap]").addEventListener("pointerdown", () => this.#tap()); // a click comes later, by up to a beat
    find("[data-tap]").addEventListener("click", ({ detail }) => {
      if (!detail) this.#tap(); // by a key
    });
    find("[data-earlier]").addEventListener("click", () => this.#shiftBy(-1));
    find("[data-later]").addEventListener("click", () => this.#shiftBy(1));
    for (const [name, step] of /** @type {[string, number][]} */ ([
      ["sooner", -10],
      ["behind", 10],
    ]))
      find(`[data-${name}]`).addEventListener("click", () => this.#nudge(step));
    find("input[data-clicks]").addEventListener("change", () =>
      this.clicks.set({ on: find("input[data-clicks]").checked }),
    );
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      attempt(() => this.#remake());
    });
    window.addEventListener("keydown", (event) => this.#press(event), { signal });
    signal.addEventListener("abort", () => this.sound.stop());
  }

  /** @param {KeyboardEvent} event */
  #press(event) {
    const typing = event.target instanceof HTMLElement && event.target.closest(TYPED);
    if (typing || event.ctrlKey || event.metaKey || event.altKey || event.repeat || event.key.toLowerCase() !== "t")
      return;
    event.preventDefault();
    this.#tap();
  }

  /** A tap on the beat: the median distance of the last ones is its tempo. */
  #tap() {
    const now = performance.now();
    if (now - (this.taps.at(-1) ?? 0) > PAUSE) this.taps = [];
    this.taps = [...this.taps, now].slice(-TAPS);
    const bpm = tempoOf(this.taps) * 1000;
    if (this.taps.length < 3) {
      find("[data-tapped]").textContent = t("Go on tapping…");
      return;
    }
    control(form, "bpm").value = Math.min(Math.max(bpm, 20), 400).toFixed(1);
    control(form, "tempo").value = "tapped";
    this.show();
  }

  /** @param {number} beats */
  #shiftBy(beats) {
    this.shift = (this.shift + beats) % (SHIFTED + 1);
    this.show();
  }

  /** @param {number} milliseconds */
  #nudge(milliseconds) {
    const offset = Number(control(form, "offset").value) + milliseconds;
    control(form, "offset").value = String(Math.min(Math.max(offset, -FARTHEST), FARTHEST));
    this.show();
  }

  /** What the person says now. @returns {Api.CorrectionShape} */
  get correction() {
    const value = (/** @type {string} */ name) => /** @type {any} */ (control(form, name).value);
    const tempo = value("tempo");
    const lead = this.kept.lead_in;
    return {
      tempo: tempo === "tapped" ? "" : tempo,
      bpm: tempo === "tapped" ? Number(value("bpm")) || 0 : 0,
      bar_shift: this.shift,
      beats_per_bar: Number(value("beats_per_bar")),
      offset: Number(value("offset")) / 1000,
      density: value("density"),
      muted: this.mutes.ranges
        .map(([from, to]) => [Math.max(from - lead, 0), Math.max(to - lead, 0)])
        .filter(([from, to]) => from < to),
    };
  }

  /** Shows the beats as they would be. */
  show() {
    const { correction, chart, kept } = this;
    const beats = correctedBeats(chart.beats, kept, correction);
    this.clicks.set({ beats });
    const bars = beats.filter(([, isDownbeat]) => isDownbeat).map(([time]) => time);
    const [seconds, notes] = [this.sound.seconds, Array(PARTS).fill(0)];
    for (const time of chordTimes(chart)) notes[Math.min(PARTS - 1, Math.floor((time / seconds) * PARTS))] += 1;
    const found = { title: "", artist: "", seconds, waveform: this.waveform, bars, notes, sections: chart.sections };
    find("[data-picture]").replaceChildren(picture(found));
    const bpm = Math.round(tempoOf(beats.map(([time]) => time)));
    find("[data-tapped]").textContent = t("The beat is at {bpm} BPM.", { bpm });
    find("[data-shifted]").textContent = shiftWords(this.shift);
  }

  /** The audio is fetched for its waveform. */
  async #draw() {
    await this.sound.load();
    if (signal.aborted) return;
    const channels = this.sound.stems.flatMap(({ buffer }) => (buffer ? [buffer.getChannelData(0)] : []));
    const peaks = this.waveform.map((_, part) => Math.max(0, ...channels.map((samples) => peak(samples, part))));
    const loudest = Math.max(...peaks, 1e-6);
    this.waveform = peaks.map((each) => Math.round((99 * each) / loudest));
    this.mutes.show(this.mutes.ranges, this.sound.seconds);
    this.show();
  }

  #showPosition() {
    const { position, seconds } = this.sound;
    find("[data-playhead]").style.left = `${(100 * position) / Math.max(seconds, 1)}%`;
  }

  async #remake() {
    this.sound.pause();
    const submit = find("button[type=submit]");
    submit.disabled = true;
    try {
      const given = { correction: this.correction, replace_edited: find("input[name=replace_edited]").checked };
      /** @type {Api.JobShape} */
      const job = await post(`/api/songs/${id}/chart?wait=false`, given);
      const done = await followSongJob(job, (ended) => {
        const undone = ended.id !== job.id && ended.state === "done" && !ended.result?.failed;
        if (undone) visit("/songs"); // the new song is gone again
      });
      const [made] = done.result?.songs ?? [];
      if (made?.id && !signal.aborted) await visit(`/songs/${made.id}/chart`);
    } finally {
      submit.disabled = false;
    }
  }
}

/**
 * The loudest of every eighth sample in a part of a recording.
 * @param {Float32Array} samples
 * @param {number} part
 */
function peak(samples, part) {
  let loudest = 0;
  const end = ((part + 1) * samples.length) / PARTS;
  for (let at = Math.floor((part * samples.length) / PARTS); at < end; at += 8)
    loudest = Math.max(loudest, Math.abs(samples[at]));
  return loudest;
}

/** @param {number} beats */
function shiftWords(beats) {
  if (!beats) return t("Bars begin where they were found.");
  return beats > 0
    ? tn("Bars begin {count} beat later.", "Bars begin {count} beats later.", beats)
    : tn("Bars begin {count} beat earlier.", "Bars begin {count} beats earlier.", -beats);
}

shell();
startHead();
attempt(async () => {
  const url = `/api/songs/${id}`;
  const [song, kept, chart] = await Promise.all([get(url), get(`${url}/chart`), get(`${url}/notes`)]);
  if (signal.aborted) return;
  showHead(song);
  new ChartPage(song, kept, chart);
});
