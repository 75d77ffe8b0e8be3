// Notes over time: a bar for each stretch of the chart, with star power, sections, and the player's position.
import { h, svg } from "./dom.js";
import { count, tenths } from "./format.js";
import { chordTimes } from "./highway.js";
import { t, tn } from "./translate.js";

const [WIDTH, HEIGHT, BARS] = [800, 150, 120];

export class Density {
  /**
   * @param {HTMLElement} container
   * @param {(seconds: number) => void} onSeek Called for a click in the chart.
   */
  constructor(container, onSeek) {
    this.container = container;
    this.onSeek = onSeek;
    this.end = 0; // seconds; 0 before a chart is shown
    this.position = svg("path", { class: "playhead", d: `M0 0V${HEIGHT}` });
    this.preview = svg("path", { class: "preview-mark", d: "M-6 0h12l-6 10z" });
  }

  /**
   * Shows another chart.
   * @param {Api.HighwayChart} chart
   */
  show(chart) {
    const { star_power, sections, length } = chart;
    const times = chordTimes(chart);
    const track = chart.tracks.find(
      (each) => each.instrument === chart.instrument && each.difficulty === chart.difficulty,
    );

    const end = Math.max(length, 1);
    this.end = end;
    const step = end / BARS;
    /** @type {number[]} */
    const counts = Array(BARS).fill(0);
    for (const time of times) counts[Math.min(BARS - 1, Math.max(0, Math.floor(time / step)))] += 1;
    const highest = Math.max(1, ...counts);
    const bars = counts.map((notes, at) => {
      const height = (notes / highest) * (HEIGHT - 16);
      const star = star_power.some(([from, to]) => from < (at + 1) * step && to > at * step);
      return svg("rect", {
        class: star ? "bar star" : "bar",
        x: (at * WIDTH) / BARS + 0.6,
        y: HEIGHT - height,
        width: WIDTH / BARS - 1.2,
        height,
        rx: 1,
      });
    });
    const lines = sections.map(([time, name]) => {
      const line = svg("path", { class: "section", d: `M${(time / end) * WIDTH} 0V${HEIGHT}` });
      return svg("g", {}, svg("title", {}, name), line);
    });
    const [number, average, peak] = [track?.notes ?? 0, track?.average ?? 0, track?.peak ?? 0];
    const attributes = {
      class: "density",
      viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
      preserveAspectRatio: "none",
      role: "img",
      "aria-label": tn("{count} note, at most {peak} a second", "{count} notes, at most {peak} a second", number, {
        peak,
      }),
    };
    const picture = svg("svg", attributes, lines, bars, this.preview, this.position);
    picture.addEventListener("click", (event) => this.onSeek((event.offsetX / picture.clientWidth) * end));
    const figures = [
      [count(number), tn("note", "notes", number)],
      [tenths(average), t("a second on average")],
      [count(peak), t("at most in a second")],
      [count(star_power.length), tn("star power phrase", "star power phrases", star_power.length)],
      [count(sections.length), tn("section", "sections", sections.length)],
    ];
    const words = figures.map(([figure, text]) => h("span", {}, h("b", {}, figure), ` ${text}`));
    this.container.replaceChildren(picture, h("p.density-words", {}, words));
  }

  /**
   * Moves the position and the mark of the preview's start, in seconds; a negative start has no mark.
   * @param {number} seconds
   * @param {number} previewSeconds
   */
  moveTo(seconds, previewSeconds) {
    if (!this.end) return;
    this.position.setAttribute("transform", `translate(${(seconds / this.end) * WIDTH} 0)`);
    this.preview.setAttribute("transform", `translate(${(Math.max(previewSeconds, 0) / this.end) * WIDTH} 0)`);
    this.preview.setAttribute("visibility", previewSeconds >= 0 ? "visible" : "hidden");
  }
}
