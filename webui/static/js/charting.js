// A chart in the making as a card: its steps, the song as far as it is known, and the way to it.
import { remove } from "./api.js";
import { h, icon, svg } from "./dom.js";
import { ago, count, duration } from "./format.js";
import { importResult } from "./import_result.js";
import { jobTitle, stepName } from "./job_words.js";
import { attempt } from "./toast.js";
import { allSentences, sentence, t, tn } from "./translate.js";

/** Equal parts of a song for which its picture has a value. */
export const PARTS = 240;
const STEPS = ["fetching", "decode", "tempo", "structure", "notes", "write"];
const AFTER = ["staging", "moving", "comparing"]; // the steps of a job once its songs are charted
const [WIDTH, HEIGHT, NOTES] = [960, 120, 40]; // of the picture; notes are at its foot

/**
 * @typedef {Object} Found What a job tells of a song before it is made. Times are in seconds.
 * @property {string} title
 * @property {string} artist
 * @property {number} seconds
 * @property {number[]} waveform 0 to 99, of equal parts of the song.
 * @property {number} [bpm]
 * @property {string} [meter]
 * @property {number[]} [bars]
 * @property {number[]} [notes] Of the same parts.
 * @property {[number, string][]} [sections]
 */
/**
 * @typedef {Object} Charted What a job tells of a chart.
 * @property {number} bpm
 * @property {string} meter
 * @property {number} seconds
 * @property {number} confidence
 * @property {Record<string, number>} notes
 * @property {string[]} remarks
 */

export class ChartingCard {
  constructor() {
    this.element = h("li.card.charting");
    /** @type {Found | undefined} */
    this.found = undefined;
    this.shown = "";
  }

  /**
   * Shows the job as it is now.
   * @param {Api.JobShape} job
   */
  show(job) {
    const now = JSON.stringify([job.state, job.step, job.error, Object.keys(job.result?.found ?? {})]);
    if (now === this.shown) {
      const bar = this.element.querySelector("progress");
      if (bar) bar.value = job.progress;
      return;
    }
    this.shown = now;
    this.found = job.result?.found ?? this.found; // a finished job no longer tells
    this.element.className = `card charting ${job.state}`;
    this.element.replaceChildren(...(job.final ? this.over(job) : this.underway(job)));
  }

  /** @param {Api.JobShape} job */
  underway(job) {
    const onclick = () => attempt(() => remove(`/api/jobs/${job.id}`));
    const cancel = { type: "button", "aria-label": t("Cancel {title}", { title: jobTitle(job.title) }), onclick };
    const { found } = this;
    const reached = STEPS.indexOf(job.step === "unpacking" ? "fetching" : job.step);
    const at = AFTER.includes(job.step) ? STEPS.length : reached;
    const steps = STEPS.map((step, index) => {
      const isDone = index < at;
      const mark = isDone ? "done" : index === at ? "now" : "next";
      return h(`li.${mark}`, {}, icon(isDone ? "check" : index === at ? "activity" : "clock"), stepName(step));
    });
    return [
      this.head(
        found?.title ?? jobTitle(job.title),
        found?.artist ?? "",
        h("button.button.ghost", cancel, t("Cancel")),
      ),
      h("progress", { max: 1, value: job.progress, "aria-label": jobTitle(job.title) }),
      job.state === "waiting" ? h("p.muted", {}, t("waiting for its turn")) : h("ol.steps.plain", {}, steps),
      found ? picture(found) : null,
      found?.bpm ? h("p.muted.charting-facts", {}, facts(found, total(found.notes))) : null,
    ].filter((child) => child !== null);
  }

  /** @param {Api.JobShape} job */
  over(job) {
    const { songs = [], duplicates = [] } = job.result ?? {};
    const [made] = [...songs, ...duplicates].filter(({ id }) => id);
    const time = h("span.muted", {}, ago(job.updated));
    if (!made) {
      const words = job.error
        ? allSentences(job.error)
        : job.result?.songs
          ? importResult(job.result).words
          : t("Stopped.");
      return [
        this.head(this.found?.title ?? jobTitle(job.title), this.found?.artist ?? "", time),
        h("p.bad", {}, words),
      ];
    }
    const href = `/songs/${made.id}`;
    /** @type {Charted | undefined} */
    const chart = made.chart;
    const several = songs.length + duplicates.length > 1;
    return [
      this.head(h("a", { href }, made.title), made.artist, time),
      this.found ? picture(this.found) : null,
      chart ? h("p.muted.charting-facts", {}, facts(chart, Math.max(0, ...Object.values(chart.notes)))) : null,
      ...(chart?.remarks ?? []).map((remark) => h("p.notice.warn", {}, remarkText(remark))),
      several || !songs.length ? h("p.muted", {}, importResult(job.result ?? {}).words) : null,
      several ? h("div.charting-songs", {}, importResult(job.result ?? {}).links) : null,
      h(
        "div.actions",
        {},
        h("a.button.primary", { href }, icon("play"), t("Play it")),
        h("a.button", { href: `${href}/edit` }, icon("edit"), t("Edit")),
        chart ? h("a.button", { href: `${href}/chart` }, icon("wand"), t("Correct the chart")) : null,
      ),
    ].filter((child) => child !== null);
  }

  /**
   * @param {string | Node} title
   * @param {string} artist
   * @param {Node} end
   */
  head(title, artist, end) {
    return h("div.charting-head", {}, h("div", {}, h("h3", {}, title), h("p.muted", {}, artist)), end);
  }
}

/** @param {number[]} [counts] */
const total = (counts) => counts?.reduce((sum, each) => sum + each, 0);

/**
 * @param {{seconds: number, bpm?: number, meter?: string, confidence?: number}} song
 * @param {number} [notes]
 */
const facts = ({ seconds, bpm = 0, meter = "", confidence }, notes) =>
  [
    duration(seconds * 1000),
    `${count(Math.round(bpm))} BPM, ${meter}`,
    confidence === undefined ? "" : t("beat {part} % clear", { part: Math.round(100 * confidence) }),
    notes === undefined ? "" : tn("{count} note", "{count} notes", notes),
  ]
    .filter(Boolean)
    .join(" · ");

/**
 * The waveform with its bars and sections, and the notes at its foot, as far as they are known.
 * @param {Found} found
 */
export function picture({ seconds, waveform, bars = [], notes = [], sections = [] }) {
  const x = (/** @type {number} */ time) => ((time / Math.max(seconds, 1)) * WIDTH).toFixed(1);
  const middle = (HEIGHT - NOTES) / 2;
  const part = WIDTH / waveform.length;
  const peaks = waveform.map((peak, at) => {
    const height = Math.max(1, (peak / 99) * middle);
    return `M${((at + 0.5) * part).toFixed(1)} ${(middle - height).toFixed(1)}v${(2 * height).toFixed(1)}`;
  });
  const most = Math.max(1, ...notes);
  const heights = notes.map((each, at) => {
    const height = (each / most) * (NOTES - 6);
    return each ? `M${((at + 0.5) * part).toFixed(1)} ${HEIGHT}v-${height.toFixed(1)}` : "";
  });
  const lines = (/** @type {number[]} */ times, /** @type {number} */ end) =>
    times.map((time) => `M${x(time)} 0V${end}`);
  const names = sections.map(([time, name]) => h("span", { style: { left: `${(100 * time) / seconds}%` } }, name));
  return h(
    "div.charting-picture",
    { role: "img", "aria-label": drawn(bars.length > 0, notes.length > 0) },
    svg(
      "svg",
      { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: "none", "aria-hidden": "true" },
      svg("path", { class: "bars", d: lines(bars, HEIGHT).join("") }),
      svg("path", { class: "wave", d: peaks.join("") }),
      svg("path", { class: "notes", d: heights.join("") }),
      svg("path", {
        class: "sections",
        d: lines(
          sections.map(([time]) => time),
          HEIGHT,
        ).join(""),
      }),
    ),
    h("div.charting-sections", {}, names),
  );
}

/**
 * @param {boolean} bars
 * @param {boolean} notes
 */
function drawn(bars, notes) {
  if (notes) return t("The waveform with its bars, sections and notes");
  return bars ? t("The waveform with its bars") : t("The waveform");
}

/**
 * What the charter says of a recording, after the name of its file where that is one of several stems.
 * @param {string} remark
 */
function remarkText(remark) {
  const [, name = "", said = remark] = /^([^:]+\.\w+: )(.+)$/.exec(remark) ?? [];
  return name + sentence(said);
}
