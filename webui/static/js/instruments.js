// Instruments and their intensities, as icons with accessible names.
import { h, icon, svg } from "./dom.js";
import { t } from "./translate.js";

/** Name and icon of each instrument. @type {Record<string, [string, string]>} */
const INSTRUMENTS = {
  guitar: [t("Guitar"), "guitar"],
  guitarcoop: [t("Guitar co-op"), "guitar"],
  rhythm: [t("Rhythm"), "rhythm"],
  bass: [t("Bass"), "bass"],
  drums: [t("Drums"), "drums"],
  keys: [t("Keys"), "keys"],
  vocals: [t("Vocals"), "vocals"],
  band: [t("Band"), "band"],
  guitarghl: [t("Six-fret guitar"), "guitar"],
  guitarcoopghl: [t("Six-fret co-op"), "guitar"],
  rhythmghl: [t("Six-fret rhythm"), "rhythm"],
  bassghl: [t("Six-fret bass"), "bass"],
};

/**
 * The name of an instrument for people.
 * @param {string} key
 */
export const instrumentName = (key) => INSTRUMENTS[key]?.[0] ?? key;

/** @type {Record<string, string>} */
const DIFFICULTIES = { expert: t("Expert"), hard: t("Hard"), medium: t("Medium"), easy: t("Easy") };

/**
 * The name of a difficulty for people.
 * @param {string} key
 */
export const difficultyName = (key) => DIFFICULTIES[key] ?? key;

/**
 * Icons of up to six instruments, from `{guitar: 4, drums: -1}`.
 * @param {Record<string, number>} instruments Intensity by instrument; -1 if unknown.
 */
export function intensities(instruments) {
  const levels = Object.entries(instruments).filter(([, level]) => level >= -1);
  const icons = levels.slice(0, 6).map(([key, level]) => {
    const [name, picture] = INSTRUMENTS[key] ?? [key, "music"];
    const label = level < 0 ? name : t("{name}: intensity {level} of 6", { name, level });
    return h("span.intensity", { role: "img", "aria-label": label, title: label }, icon(picture), bars(level));
  });
  return h("div.intensities", {}, icons);
}

/**
 * Six rising bars in two shapes, those of the level and the rest: a list has thousands of them.
 * @param {number} level
 */
function bars(level) {
  const rising = [0, 1, 2, 3, 4, 5].map((step) => `M${step * 3.2} 12v${-3.6 - step * 1.6}h2.2V12z`);
  const reached = Math.max(level, 0);
  return svg("svg", { class: "bars", viewBox: "0 0 19 12", "aria-hidden": "true" }, [
    svg("path", { d: rising.slice(0, reached).join(""), class: level >= 6 ? "on hot" : "on" }),
    svg("path", { d: rising.slice(reached).join("") }),
  ]);
}
