// The library in plots: songs by year, genre and intensity, and how it grew.
import { get } from "./api.js";
import { groupAddress } from "./columns.js";
import { find, h, svg } from "./dom.js";
import { count } from "./format.js";
import { instrumentName } from "./instruments.js";
import { attempt } from "./toast.js";
import { t, tn } from "./translate.js";

const [WIDTH, HEIGHT, AXIS] = [420, 190, 24];
const MONTHS = 12; // shown at least

/** @typedef {{name: string, songs: number, label?: string}} Bar A label is shown below the bar. */

/** @param {HTMLElement} root */
export async function showStatistics(root) {
  /** @type {Api.LibraryStatistics | undefined} */
  const found = await attempt(() => get("/api/library/statistics"));
  if (!found) return;
  root.hidden = found.growth.length === 0;
  find("[data-years]", root).replaceChildren(years(found.years));
  find("[data-genres]", root).replaceChildren(...genres(found.genres, found.other_genres));
  find("[data-growth]", root).replaceChildren(growth(found.growth));
  showIntensities(root, found.intensities);
}

/**
 * A picture of bars, which says in words what it shows.
 * @param {Bar[]} bars
 * @param {string} words
 */
function plot(bars, words) {
  const highest = Math.max(1, ...bars.map(({ songs }) => songs));
  const step = WIDTH / bars.length;
  const gap = Math.min(6, step * 0.25);
  const shown = bars.flatMap(({ name, songs, label }, at) => {
    const height = songs && Math.max(2, (songs / highest) * (HEIGHT - AXIS - 4));
    const [x, y] = [at * step, HEIGHT - AXIS - height];
    const bar = svg(
      "rect",
      { class: "plot-bar", x: x + gap / 2, y, width: step - gap, height, rx: Math.min(3, step / 5) },
      svg("title", {}, tn("{name}: {count} song", "{name}: {count} songs", songs, { name })),
    );
    const place = { x: x + step / 2, y: HEIGHT - 4, "text-anchor": "middle" };
    return label ? [bar, svg("text", { class: "plot-label", ...place }, label)] : [bar];
  });
  const line = svg("path", { class: "plot-axis", d: `M0 ${HEIGHT - AXIS + 0.5}H${WIDTH}` });
  return svg(
    "svg",
    { class: "plot", viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": words },
    ...shown,
    line,
  );
}

/** @param {string} words */
const nothing = (words) => h("p.muted", {}, words);

/** @param {Api.Amount[]} counted */
function years(counted) {
  if (!counted.length) return nothing(t("No song says its year."));
  const songs = new Map(counted.map((each) => [Number(each.name), each.songs]));
  const [first, last] = [Math.min(...songs.keys()), Math.max(...songs.keys())];
  const most = counted.reduce((best, each) => (each.songs > best.songs ? each : best));
  const span = last - first + 1;
  const every = span > 40 ? 10 : span > 12 ? 5 : 1;
  const bars = Array.from({ length: span }, (_, at) => {
    const year = first + at;
    const label = year % every === 0 ? String(year) : undefined;
    return { name: String(year), songs: songs.get(year) ?? 0, label };
  });
  const values = { first: String(first), last: String(last), year: most.name, songs: most.songs };
  return plot(bars, t("From {first} to {last}; most are of {year}: {songs}", values));
}

/**
 * @param {Api.Amount[]} counted
 * @param {number} others
 */
function genres(counted, others) {
  if (!counted.length) return [nothing(t("No song says its genre."))];
  const most = counted[0].songs;
  const rows = counted.map(({ name, songs }) => {
    const bar = h("span.genre-bar", { "aria-hidden": "true", style: { width: `${(100 * songs) / most}%` } });
    return h("li", {}, h("a", { href: groupAddress("genre", name) }, name), h("b", {}, count(songs)), bar);
  });
  const rest = others ? h("li", {}, h("a", { href: "/genres" }, t("All others")), h("b", {}, count(others))) : null;
  return [h("ul.plain.genre-bars", {}, rows, rest)];
}

/** @param {Api.Amount[]} added */
function growth(added) {
  if (!added.length) return nothing("");
  const [first, end] = [monthNumber(added[0].name), monthNumber(added[added.length - 1].name)];
  const start = Math.min(first, end - MONTHS + 1);
  const songs = new Map(added.map((each) => [monthNumber(each.name), each.songs]));
  let sum = 0;
  const span = end - start + 1;
  const every = Math.ceil(span / 4); // months between two labels
  const bars = Array.from({ length: span }, (_, at) => {
    sum += songs.get(start + at) ?? 0;
    const name = monthName(start + at);
    return { name, songs: sum, label: (span - 1 - at) % every === 0 && at > 0 ? name : undefined };
  });
  const last = added[added.length - 1];
  const values = { first: monthName(first), songs: sum, added: last.songs, month: monthName(end) };
  return plot(bars, t("Since {first} it grew to {songs} songs; {added} came in {month}", values));
}

/** Months since year 0. @param {string} month Such as 2026-11. */
const monthNumber = (month) => Number(month.slice(0, 4)) * 12 + Number(month.slice(5)) - 1;

/** @param {number} number */
const monthName = (number) => `${Math.floor(number / 12)}-${String((number % 12) + 1).padStart(2, "0")}`;

/**
 * @param {HTMLElement} root
 * @param {Api.Intensities[]} counted
 */
function showIntensities(root, counted) {
  const choice = find("select[data-intensity-of]", root);
  const chosen = choice.value;
  const names = counted.map(({ instrument }) => h("option", { value: instrument }, instrumentName(instrument)));
  choice.replaceChildren(...names);
  if (counted.some(({ instrument }) => instrument === chosen)) choice.value = chosen;
  choice.hidden = !counted.length;
  const draw = () => {
    const { songs = [] } = counted.find(({ instrument }) => instrument === choice.value) ?? {};
    const bars = songs.map((each, intensity) => ({
      name: t("Intensity {number}", { number: intensity }),
      songs: each,
      label: String(intensity),
    }));
    const words = bars.map(({ name, songs: each }) => `${name}: ${each}`).join(", ");
    find("[data-intensities]", root).replaceChildren(bars.length ? plot(bars, words) : nothing(t("No song says one.")));
  };
  choice.onchange = draw;
  draw();
}
