// Which instrument and difficulty is shown.
import { get } from "./api.js";
import { h } from "./dom.js";
import { instrumentName } from "./instruments.js";
import { attempt } from "./toast.js";

const ORDER = ["expert", "hard", "medium", "easy"];

/** Two selects in `place`; `onChart(chart)` is called with the notes now and at each choice. Throws where there are none. */
export async function chartChoice(place, songId, onChart) {
  const load = async (choice) => {
    const chart = await get(`/api/songs/${songId}/notes`, choice);
    onChart(chart);
    return chart;
  };
  const chart = await load({});
  const names = [...new Set(chart.tracks.map((track) => track.instrument))];
  const instrument = h(
    "select",
    { "aria-label": "Instrument" },
    names.map((name) => h("option", { value: name, selected: name === chart.instrument }, instrumentName(name))),
  );
  const difficulty = h("select", { "aria-label": "Difficulty" });
  const difficulties = (wanted) => {
    const there = ORDER.filter((each) =>
      chart.tracks.some((track) => track.instrument === instrument.value && track.difficulty === each),
    );
    difficulty.replaceChildren(
      ...there.map((each) =>
        h("option", { value: each, selected: each === wanted }, each[0].toUpperCase() + each.slice(1)),
      ),
    );
  };
  difficulties(chart.difficulty);
  const choose = () => attempt(() => load({ instrument: instrument.value, difficulty: difficulty.value }));
  instrument.addEventListener("change", () => {
    difficulties(difficulty.value);
    choose();
  });
  difficulty.addEventListener("change", choose);
  place.replaceChildren(h("div.chart-choice", {}, instrument, difficulty));
}
