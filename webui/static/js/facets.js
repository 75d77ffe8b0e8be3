// The filters of the list of songs: the commonest values of each field with their numbers, and what songs must have or
// must not have.
import { get } from "./api.js";
import { find, findAll, h } from "./dom.js";
import { count } from "./format.js";
import { difficultyName, instrumentName } from "./instruments.js";
import { exactly, isExact } from "./song_view.js";
import { t } from "./translate.js";

/** What songs may have, as the token has: names it. @type {Record<string, string>} */
const FEATURES = {
  art: t("Album art"),
  video: t("Video"),
  lyrics: t("Lyrics"),
  stems: t("Stems"),
  solos: t("Solos"),
  open: t("Open notes"),
  tap: t("Tap notes"),
  "2x": t("Double kick"),
  problems: t("Problems"),
};
const TEXTS = ["artist", "album", "genre", "year", "charter"];
/** The next state of a toggle: any, must, must not. @type {Record<string, string>} */
const NEXT = { any: "must", must: "must not", "must not": "any" };
/** @type {Record<string, string>} */
/** @type {Record<string, string>} */
const STATES = { any: t("any"), must: t("must"), "must not": t("must not") };
/** @type {Record<string, string>} */
const SIGNS = { any: "", must: "✓ ", "must not": "✕ " };

/**
 * Shows the filters for a view; what is pressed calls `change` with what is different then.
 * @param {HTMLElement} root
 * @param {(changes: Record<string, string>) => void} change
 */
export function facetPanel(root, change) {
  let generation = 0;
  return {
    /**
     * @param {import("./song_view.js").View} view
     * @param {Record<string, string>} query The view as the API takes it.
     */
    async show(view, query) {
      generation += 1;
      const asked = generation;
      const { sort, order, ...filters } = query;
      /** @type {Api.Facets} */
      const { facets } = await get("/api/songs/facets", { ...filters, values: 30 });
      if (asked !== generation) return;
      const focused = document.activeElement?.getAttribute("data-key");
      for (const group of findAll("div[data-facet]", root)) {
        const field = group.dataset.facet ?? "";
        group.replaceChildren(...values(field, facets[field], view[field] ?? "", change));
      }
      find("[data-toggles]", root).replaceChildren(...toggles(facets.has, view.has ?? "", change));
      const again = focused && findAll("button[data-key]", root).find(({ dataset }) => dataset.key === focused);
      if (again) again.focus({ preventScroll: true });
    },
  };
}

/**
 * @param {string} field
 * @param {Api.Facet} facet
 * @param {string} chosen
 * @param {(changes: Record<string, string>) => void} change
 */
function values(field, { values, distinct }, chosen, change) {
  const isText = TEXTS.includes(field);
  const exact = isText && isExact(chosen) ? chosen.slice(1, -1) : isText ? "" : chosen;
  const buttons = values.map(({ value, songs }) => {
    const pressed = value.toLowerCase() === exact.toLowerCase();
    const onclick = () => change({ [field]: pressed ? "" : isText ? exactly(value) : value });
    return h(
      "button.facet-value",
      { type: "button", "aria-pressed": String(pressed), dataset: { key: `${field} ${value}` }, onclick },
      h("span", {}, words(field, value)),
      h("span.number", {}, count(songs)),
    );
  });
  const more = distinct - values.length;
  if (more > 0) return [...buttons, h("p.muted", {}, t("and {more} more: type a part", { more }))];
  return buttons.length ? buttons : [h("p.muted", {}, "none")];
}

/** @param {string} field @param {string} value */
function words(field, value) {
  if (field === "instrument") return instrumentName(value);
  return field === "difficulty" ? difficultyName(value) : value;
}

/**
 * @param {Api.Facet} facet
 * @param {string} chosen Names with commas between; a minus before those that songs must not have.
 * @param {(changes: Record<string, string>) => void} change
 */
function toggles(facet, chosen, change) {
  const states = new Map(chosen.split(",").filter(Boolean).map(stateOf));
  const songs = new Map(facet.values.map((each) => [each.value, each.songs]));
  return Object.entries(FEATURES).map(([name, label]) => {
    const state = states.get(name) ?? "any";
    const onclick = () => {
      states.set(name, NEXT[state]);
      const wanted = [...states].filter(([, each]) => each !== "any");
      change({ has: wanted.map(([each, how]) => (how === "must" ? each : `-${each}`)).join(",") });
    };
    return h(
      "button.toggle",
      { type: "button", "aria-label": `${label}: ${STATES[state]}`, dataset: { state, key: `has ${name}` }, onclick },
      h("span", {}, SIGNS[state] + label),
      h("span.number", {}, count(songs.get(name) ?? 0)),
    );
  });
}

/** @param {string} each @returns {[string, string]} */
const stateOf = (each) => (each.startsWith("-") ? [each.slice(1), "must not"] : [each, "must"]);
