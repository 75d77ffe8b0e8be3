// Instruments and how hard they are, as icons with words for those who cannot see them.
import { h, icon, svg } from "./dom.js";

export const INSTRUMENTS = {
  guitar: ["Guitar", "guitar"],
  guitarcoop: ["Guitar co-op", "guitar"],
  rhythm: ["Rhythm", "rhythm"],
  bass: ["Bass", "bass"],
  drums: ["Drums", "drums"],
  keys: ["Keys", "keys"],
  vocals: ["Vocals", "vocals"],
  band: ["Band", "band"],
  guitarghl: ["Six-fret guitar", "guitar"],
  guitarcoopghl: ["Six-fret co-op", "guitar"],
  rhythmghl: ["Six-fret rhythm", "rhythm"],
  bassghl: ["Six-fret bass", "bass"],
};

export const instrumentName = (key) => INSTRUMENTS[key]?.[0] ?? key;

/** Icons for `{guitar: 4, drums: -1}`. */
export function intensities(instruments) {
  return h(
    "div.intensities",
    {},
    Object.entries(instruments)
      .filter(([, level]) => level >= -1)
      .slice(0, 6)
      .map(([key, level]) => {
        const [name, picture] = INSTRUMENTS[key] ?? [key, "music"];
        const words = level < 0 ? name : `${name}: intensity ${level} of 6`;
        return h("span.intensity", { role: "img", "aria-label": words, title: words }, icon(picture), bars(level));
      }),
  );
}

function bars(level) {
  const rising = [0, 1, 2, 3, 4, 5].map((step) =>
    svg("rect", {
      x: step * 3.2,
      y: 10 - (step + 1) * 1.6,
      width: 2.2,
      height: (step + 1) * 1.6 + 2,
      rx: 0.6,
      class: step < level ? (level >= 6 ? "on hot" : "on") : "",
    }),
  );
  return svg("svg", { class: "bars", viewBox: "0 0 19 12", "aria-hidden": "true" }, rising);
}
