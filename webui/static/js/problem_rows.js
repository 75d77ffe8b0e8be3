// The problems of a song, those alike in one row.
import { h, icon } from "./dom.js";
import { duration } from "./format.js";
import { difficultyName, instrumentName } from "./instruments.js";
import { sentence, t } from "./translate.js";

const SEVERITIES = ["refused", "error", "warning"];
/** @type {Record<string, string>} */
const EFFECTS = { refused: t("A game would not load the song."), error: t("It plays wrong."), warning: "" };

/** @typedef {Api.SongDetail["findings"][number]} Problem */

/**
 * A row for each kind of problem, the worst first.
 * @param {Problem[]} problems
 * @param {number} song Its id.
 */
export function problemRows(problems, song) {
  if (!problems.length) return [h("p.notice.good", {}, t("No problems were found."))];
  const alike = Map.groupBy(problems, ({ severity, message }) => `${severity} ${message}`);
  return [...alike.values()]
    .toSorted(([a], [b]) => SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity))
    .map((each) => problemRow(each, song));
}

/**
 * The row of problems of one kind.
 * @param {Problem[]} problems
 * @param {number} song
 */
function problemRow(problems, song) {
  const [{ severity, message }] = problems;
  const bad = severity !== "warning";
  const row = h("div.problem", {}, icon(severity === "refused" ? "stop" : bad ? "warning" : "info"));
  row.classList.toggle("bad", bad);
  const details = [placesOf(problems), EFFECTS[severity]].filter(Boolean).join(" · ");
  const place = firstPlace(problems, song);
  const field = /fill in “(\w+)”/.exec(message)?.[1];
  const edit = field && h("a", { href: `/songs/${song}/edit#${field}` }, t("Fill it in"));
  const look = place ? h("a", { href: place }, t("Show on the highway")) : edit;
  row.append(h("p", {}, sentence(message)), h("p.muted", {}, details, details && look ? " · " : "", look));
  return row;
}

/**
 * The address of the highway where the first of some problems is; empty if they have no place.
 * @param {Problem[]} problems
 * @param {number} song
 */
function firstPlace(problems, song) {
  const [first] = problems
    .filter(({ seconds }) => seconds !== undefined)
    .toSorted((one, other) => one.seconds - other.seconds);
  if (!first) return "";
  const { seconds, instrument, difficulty } = first;
  const values = { t: String(Math.max(0, Math.floor(seconds) - 1)), i: instrument, d: difficulty };
  return `/songs/${song}?${new URLSearchParams(Object.entries(values).filter(([, value]) => value))}`;
}

/**
 * Where problems of one kind are: "Guitar (Expert, Hard), first at 0:12, 3 times".
 * @param {Problem[]} problems
 */
function placesOf(problems) {
  const instruments = Map.groupBy(
    problems.filter(({ instrument }) => instrument),
    ({ instrument }) => instrument,
  );
  const tracks = [...instruments].map(([instrument, all]) => {
    const difficulties = all.map(({ difficulty }) => difficulty).filter(Boolean);
    const name = instrumentName(instrument);
    return difficulties.length ? `${name} (${difficulties.map(difficultyName).join(", ")})` : name;
  });
  const seconds = problems.map((problem) => problem.seconds).filter((each) => each !== undefined);
  if (!seconds.length) return tracks.join(", ");
  const times = problems.reduce((sum, problem) => sum + (problem.count ?? 1), 0);
  const first = duration(Math.min(...seconds) * 1000);
  return [
    ...tracks,
    times > 1 ? t("first at {time}, {times} times", { time: first, times }) : t("at {time}", { time: first }),
  ].join(", ");
}
