// The charts of a song as a grid, instrument by difficulty, each with its notes and notes a second.
import { h } from "./dom.js";
import { count, tenths } from "./format.js";
import { difficultyName, instrumentName } from "./instruments.js";
import { t, tn } from "./translate.js";

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
  const heads = DIFFICULTIES.map((each) => h("th", { scope: "col" }, difficultyName(each)));
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
  const words = tn(
    "{name}, {difficulty}: {count} note, {average} a second",
    "{name}, {difficulty}: {count} notes, {average} a second",
    notes,
    { name: instrumentName(instrument), difficulty: difficultyName(difficulty), average: tenths(average) },
  );
  const properties = {
    type: "button",
    title: t("{words}, {peak} at most", { words, peak }),
    "aria-pressed": String(shown),
    onclick: () => onChoose(instrument, difficulty),
  };
  const silent = { "aria-hidden": "true" };
  const numbers = [h("b", silent, count(notes)), h("span", silent, tenths(average))];
  return h("button.track", properties, h("span.visually-hidden", {}, words), numbers);
}
