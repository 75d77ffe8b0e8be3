// The choice of the instrument and difficulty that is shown.
import { get } from "./api.js";
import { h } from "./dom.js";
import { difficultyName, instrumentName } from "./instruments.js";
import { attempt } from "./toast.js";
import { t } from "./translate.js";

const DIFFICULTIES = ["expert", "hard", "medium", "easy"];

/**
 * Puts two selects into `container`, and calls `onChart` with the first chart and with each chosen one. Throws a Problem
 * if the song has no notes.
 * @param {HTMLElement} container
 * @param {number} songId
 * @param {(chart: Api.HighwayChart) => void} onChart
 */
export async function chartChoice(container, songId, onChart) {
  /** @param {{instrument?: string, difficulty?: string}} choice */
  const load = async (choice) => {
    /** @type {Api.HighwayChart} */
    const chart = await get(`/api/songs/${songId}/notes`, choice);
    onChart(chart);
    return chart;
  };
  const { tracks, ...first } = await load({});
  const names = [...new Set(tracks.map((track) => track.instrument))];
  const instrument = h(
    "select",
    { "aria-label": t("Instrument") },
    names.map((name) => h("option", { value: name, selected: name === first.instrument }, instrumentName(name))),
  );
  const difficulty = h("select", { "aria-label": t("Difficulty") });
  /** @param {string} chosen */
  const showDifficulties = (chosen) => {
    const charted = tracks.filter((track) => track.instrument === instrument.value).map((track) => track.difficulty);
    const options = DIFFICULTIES.filter((each) => charted.includes(each)).map((each) =>
      h("option", { value: each, selected: each === chosen }, difficultyName(each)),
    );
    difficulty.replaceChildren(...options);
  };
  showDifficulties(first.difficulty);
  const choose = () => attempt(() => load({ instrument: instrument.value, difficulty: difficulty.value }));
  instrument.addEventListener("change", () => {
    showDifficulties(difficulty.value);
    choose();
  });
  difficulty.addEventListener("change", choose);
  container.replaceChildren(h("div.chart-choice", {}, instrument, difficulty));
}
