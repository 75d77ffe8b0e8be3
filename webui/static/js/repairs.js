// The page of repairs: how many songs each would change, what it would do, and a job that can be undone.
import { get, post } from "./api.js";
import { find as findIn, h } from "./dom.js";
import { count } from "./format.js";
import { repair } from "./repair_dialog.js";
import { shell } from "./shell.js";
import { followSongJob } from "./song_job.js";
import { attempt, errorLine } from "./toast.js";
import { t, translated } from "./translate.js";

const main = findIn("main");
/** @type {typeof findIn} */
const find = (selector, root = main) => findIn(selector, root); // also once the page is left

async function load() {
  try {
    /** @type {Api.RepairList} */
    const { repairs } = await get("/api/repairs");
    find("[data-repairs]").replaceChildren(...repairs.map(row));
    find("[data-card]").hidden = false; // the table has its widths by its rows
    find("[data-wrong]").replaceChildren();
  } catch (error) {
    find("[data-wrong]").replaceChildren(errorLine(error));
  }
}

/** @param {Api.RepairShape} each */
function row(each) {
  const opens = each.songs === null; // it looks into files, so what it would do is known only after a job
  const start = () => attempt(() => (opens ? look(each) : repair(each, [], load)));
  const label = opens ? t("Look, show and repair") : t("Show and repair");
  const button = h("button.button", { type: "button", disabled: each.songs === 0, onclick: start }, label);
  const words = h("td", {}, h("b", {}, translated(each.title)), h("p.muted", {}, translated(each.text)));
  return h(
    "tr",
    {},
    words,
    h("td.narrow", {}, each.songs === null ? "–" : count(each.songs)),
    h("td.narrow", {}, button),
  );
}

/**
 * Looks into the files of all songs, then shows what the repair would do, unless the look was stopped or failed.
 * @param {Api.RepairShape} each
 */
async function look(each) {
  /** @type {Api.JobShape} */
  const started = await post("/api/repairs/look?wait=false", { repair: each.name });
  const looked = await followSongJob(started);
  if (looked.state === "done") await repair(each, [], load, started.id);
}

load();
shell();
