// Notes over time: a bar for each stretch of the chart, with star power, sections, and the player's position.
import { h, svg } from "./dom.js";
import { count } from "./format.js";

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
  show({ notes, star_power, sections, length }) {
    const end = Math.max(length, 1);
    this.end = end;
    const step = end / BARS;
    const counts = Array(BARS).fill(0);
    for (const [time] of notes) counts[Math.min(BARS - 1, Math.max(0, Math.floor(time / step)))] += 1;
    const highest = Math.max(1, ...counts);
    const bars = counts.map((number, at) => {
      const height = (number / highest) * (HEIGHT - 16);
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
    const peak = (highest / step).toFixed(1);
    const attributes = {
      class: "density",
      viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
      preserveAspectRatio: "none",
      role: "img",
      "aria-label": `${count(notes.length)} notes, at most ${peak} a second`,
    };
    const picture = svg("svg", attributes, lines, bars, this.preview, this.position);
    picture.addEventListener("click", (event) => this.onSeek((event.offsetX / picture.clientWidth) * end));
    const played = notes.length > 1 ? notes[notes.length - 1][0] - notes[0][0] : 1;
    const figures = [
      [count(notes.length), " notes"],
      [(notes.length / played).toFixed(1), " a second on average"],
      [peak, " at most"],
      [count(star_power.length), " star power phrases"],
      [count(sections.length), " sections"],
    ];
    const words = figures.map(([figure, text]) => h("span", {}, h("b", {}, figure), text));
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
