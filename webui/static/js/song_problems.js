// The tab of a song's problems: what is wrong, where, and the repairs that would make some of it right.
import { get, post } from "./api.js";
import { find as findIn, h } from "./dom.js";
import { pageSignal } from "./page.js";
import { problemRows } from "./problem_rows.js";
import { repair } from "./repair_dialog.js";
import { shell } from "./shell.js";
import { showHead, startHead } from "./song_head.js";
import { attempt } from "./toast.js";
import { t, tn, translated } from "./translate.js";

const signal = pageSignal();
const main = findIn("main");
/** @type {typeof findIn} */
const find = (selector, root = main) => findIn(selector, root); // also once the page is left
const id = Number(find("[data-song]").dataset.song);

async function load() {
  /** @type {Api.SongDetail} */
  const song = await get(`/api/songs/${id}`);
  if (signal.aborted) return;
  showHead(song);
  find("[data-problems]").replaceChildren(...problemRows(song.findings, id));
  await showRepairs();
}

/** Shows the repairs that would change this song. */
async function showRepairs() {
  /** @type {Api.RepairList} */
  const { repairs } = await get("/api/repairs", { id });
  const possible = repairs.filter(({ songs }) => songs);
  const plans = await Promise.all(
    possible.map(({ name }) => post("/api/repairs", { repair: name, ids: [id], dry_run: true })),
  );
  const rows = possible.flatMap((each, at) => (plans[at].total ? [row(each, plans[at].total)] : []));
  const nothing = h(
    "p.muted",
    {},
    t("Nothing here can be repaired by itself. What is left is for the chart's author."),
  );
  find("[data-repairs]").replaceChildren(...(rows.length ? rows : [nothing]));
}

/**
 * @param {Api.RepairShape} each
 * @param {number} changes
 */
function row(each, changes) {
  const onclick = () => attempt(() => repair(each, [id], () => attempt(load)));
  const button = h("button.button", { type: "button", onclick }, t("Show and repair"));
  const words = h(
    "div",
    {},
    h("b", {}, translated(each.title)),
    h("p.muted", {}, `${translated(each.text)} ${tn("{count} change.", "{count} changes.", changes)}`),
  );
  return h("div.song-repair", {}, words, button);
}

shell();
startHead();
attempt(load);
