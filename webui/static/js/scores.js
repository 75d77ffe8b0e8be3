// The page of scores: players in numbers, where to put their files, and what was played and is not here any more.
import { get } from "./api.js";
import { find as findIn, h } from "./dom.js";
import { on } from "./events.js";
import { count } from "./format.js";
import { pageSignal } from "./page.js";
import { shell } from "./shell.js";
import { attempt } from "./toast.js";

const signal = pageSignal();
const main = findIn("main");
/** @type {typeof findIn} */
const find = (selector, root = main) => findIn(selector, root); // also once the page is left

async function load() {
  /** @type {Api.AllScores} */
  const { players, lost } = await get("/api/scores");
  find("[data-none]").hidden = players.length > 0;
  find("[data-table]").hidden = !players.length;
  find("[data-players]").replaceChildren(...players.map(playerRow));
  find("[data-lost-card]").hidden = !lost.length;
  find("[data-lost]").replaceChildren(...lost.map(lostRow));
}

/** @param {Api.PlayerCounts} player */
function playerRow({ player, charts, plays, full_combos, five_stars, missing }) {
  const numbers = [charts, plays, five_stars, full_combos, missing].map((number) => h("td", {}, count(number)));
  return h("tr", {}, h("th", { scope: "row" }, player), numbers);
}

/** @param {Api.Score} score */
function lostRow({ player, title, artist, hash, plays, score, stars }) {
  const name = title ? [artist, title].filter(Boolean).join(" – ") : hash;
  const cells = [player, count(plays), count(score), stars ? `${stars} ★` : ""].map((each) => h("td", {}, each));
  return h("tr", {}, h("th", { scope: "row" }, name), cells);
}

shell();
on("job", (/** @type {Api.JobShape} */ job) => job.kind === "scores" && job.final && attempt(load), signal);
attempt(load);
