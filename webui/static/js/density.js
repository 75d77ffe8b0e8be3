// How many notes there are over time: bars for each stretch, star power and sections marked, a line where the song is.
import { h, svg } from "./dom.js";
import { count } from "./format.js";

const [WIDTH, HEIGHT, BARS] = [800, 150, 120];

export class Density {
  /** `onSeek(seconds)` is called for a click in the chart. */
  constructor(place, onSeek) {
    this.place = place;
    this.onSeek = onSeek;
  }

  show(chart) {
    this.chart = chart;
    const end = Math.max(chart.length, 1);
    const step = end / BARS;
    const counts = Array(BARS).fill(0);
    for (const [time] of chart.notes) counts[Math.min(BARS - 1, Math.max(0, Math.floor(time / step)))] += 1;
    const most = Math.max(1, ...counts);
    const bars = counts.map((number, at) => {
      const tall = (number / most) * (HEIGHT - 16);
      const star = chart.star_power.some(([from, to]) => from < (at + 1) * step && to > at * step);
      return svg("rect", {
        class: star ? "bar star" : "bar",
        x: (at * WIDTH) / BARS + 0.6,
        y: HEIGHT - tall,
        width: WIDTH / BARS - 1.2,
        height: tall,
        rx: 1,
      });
    });
    const sections = chart.sections.map(([time, name]) =>
      svg(
        "g",
        {},
        svg("title", {}, name),
        svg("path", { class: "section", d: `M${(time / end) * WIDTH} 0V${HEIGHT}` }),
      ),
    );
    this.line = svg("path", { class: "playhead", d: `M0 0V${HEIGHT}` });
    this.preview = svg("path", { class: "preview-mark", d: "M-6 0h12l-6 10z" });
    const words = `${count(chart.notes.length)} notes, at most ${(most / step).toFixed(1)} a second`;
    const picture = svg(
      "svg",
      {
        class: "density",
        viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
        preserveAspectRatio: "none",
        role: "img",
        "aria-label": words,
      },
      sections,
      bars,
      this.preview,
      this.line,
    );
    picture.addEventListener("click", (event) => this.onSeek((event.offsetX / picture.clientWidth) * end));
    const played = chart.notes.length > 1 ? chart.notes.at(-1)[0] - chart.notes[0][0] : 1;
    this.place.replaceChildren(
      picture,
      h(
        "p.density-words",
        {},
        h("span", {}, h("b", {}, count(chart.notes.length)), " notes"),
        h("span", {}, h("b", {}, (chart.notes.length / played).toFixed(1)), " a second on average"),
        h("span", {}, h("b", {}, (most / step).toFixed(1)), " at most"),
        h("span", {}, h("b", {}, count(chart.star_power.length)), " star power phrases"),
        h("span", {}, h("b", {}, count(chart.sections.length)), " sections"),
      ),
    );
  }

  /** Move the line and the preview's mark. */
  at(seconds, previewSeconds) {
    if (!this.chart) return;
    const end = Math.max(this.chart.length, 1);
    this.line.setAttribute("transform", `translate(${(seconds / end) * WIDTH} 0)`);
    this.preview.setAttribute("transform", `translate(${(Math.max(previewSeconds, 0) / end) * WIDTH} 0)`);
    this.preview.setAttribute("visibility", previewSeconds >= 0 ? "visible" : "hidden");
  }
}
