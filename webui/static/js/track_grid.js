// The charts of a song as a grid, instrument by difficulty, each with its notes and notes a second.
import { h } from "./dom.js";
import { count } from "./format.js";
import { instrumentName } from "./instruments.js";

const DIFFICULTIES = ["expert", "hard", "medium", "easy"];

/**
 * @param {HTMLElement} container
 * @param {Api.HighwayChart} chart What is shown.
 * @param {(instrument: string, difficulty: string) => void} onChoose
 */
export function trackGrid(container, chart, onChoose) {
  const instruments = [...new Set(chart.tracks.map((track) => track.instrument))];
  const rows = instruments.map((instrument) => {
    const cells = DIFFICULTIES.map((difficulty) => {
      const track = chart.tracks.find((each) => each.instrument === instrument && each.difficulty === difficulty);
      return h("td", {}, track ? trackButton(track, chart, onChoose) : "");
    });
    return h("tr", {}, h("th", { scope: "row" }, instrumentName(instrument)), cells);
  });
  const heads = DIFFICULTIES.map((each) => h("th", { scope: "col" }, each[0].toUpperCase() + each.slice(1)));
  const head = h("tr", {}, h("td", {}), heads);
  container.replaceChildren(h("table.tracks", {}, h("thead", {}, head), h("tbody", {}, rows)));
}

/**
 * @param {Api.TrackName} track
 * @param {Api.HighwayChart} chart
 * @param {(instrument: string, difficulty: string) => void} onChoose
 */
function trackButton({ instrument, difficulty, notes, average, peak }, chart, onChoose) {
  const shown = instrument === chart.instrument && difficulty === chart.difficulty;
  const words = `${instrumentName(instrument)}, ${difficulty}: ${count(notes)} notes, ${average.toFixed(1)} a second`;
  const properties = {
    type: "button",
    title: `${words}, ${peak} at most`,
    "aria-label": words,
    "aria-pressed": String(shown),
    onclick: () => onChoose(instrument, difficulty),
  };
  return h("button.track", properties, h("b", {}, count(notes)), h("span", {}, average.toFixed(1)));
}
