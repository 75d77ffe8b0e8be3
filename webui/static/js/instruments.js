// Instruments and their intensities, as icons with accessible names.
import { h, icon, svg } from "./dom.js";

/** Name and icon of each instrument. @type {Record<string, [string, string]>} */
const INSTRUMENTS = {
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

/**
 * The name of an instrument for people.
 * @param {string} key
 */
export const instrumentName = (key) => INSTRUMENTS[key]?.[0] ?? key;

/**
 * Icons of up to six instruments, from `{guitar: 4, drums: -1}`.
 * @param {Record<string, number>} instruments Intensity by instrument; -1 if unknown.
 */
export function intensities(instruments) {
  const levels = Object.entries(instruments).filter(([, level]) => level >= -1);
  const icons = levels.slice(0, 6).map(([key, level]) => {
    const [name, picture] = INSTRUMENTS[key] ?? [key, "music"];
    const label = level < 0 ? name : `${name}: intensity ${level} of 6`;
    return h("span.intensity", { role: "img", "aria-label": label, title: label }, icon(picture), bars(level));
  });
  return h("div.intensities", {}, icons);
}

/** @param {number} level */
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
