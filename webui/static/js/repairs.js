// The page of repairs: how many songs each would change, what it would do, and a job that can be undone.
import { get, post } from "./api.js";
import { ask, CANCEL } from "./dialog.js";
import { find, h } from "./dom.js";
import { count, plural } from "./format.js";
import { followSongJob } from "./song_job.js";
import { attempt } from "./toast.js";

const SHOWN = 200; // changes

async function load() {
  /** @type {Api.RepairList} */
  const { repairs } = await get("/api/repairs");
  find("[data-repairs]").replaceChildren(...repairs.map(row));
}

/** @param {Api.RepairShape} repair */
function row(repair) {
  const start = () => attempt(() => show(repair));
  const button = h("button.button", { type: "button", disabled: !repair.songs, onclick: start }, "Show and repair");
  const words = h("td", {}, h("b", {}, repair.title), h("p.muted", {}, repair.text));
  return h("tr", {}, words, h("td", {}, count(repair.songs)), h("td", {}, button));
}

/** @param {Api.RepairShape} repair */
async function show({ name, title }) {
  /** @type {Api.Plan} */
  const plan = await post("/api/repairs", { repair: name, dry_run: true });
  const lines = plan.steps.slice(0, SHOWN).map((step) => h("li", {}, wordsOf(step)));
  const more = plan.total > SHOWN ? h("p.muted", {}, `… and ${count(plan.total - SHOWN)} more.`) : h("span");
  const go = { label: `Make ${plural(plan.total, "change")}`, value: "yes", kind: "primary" };
  if (!(await ask(title, [h("ul", {}, lines), more], [CANCEL, go], { large: true }))) return;
  await followSongJob(await post("/api/repairs?wait=false", { repair: name }), () => attempt(load));
}

/** @param {Api.StepShape} step */
function wordsOf({ kind, path, target, before, after, reason }) {
  const fields = Object.entries(after).map(([key, value]) => `${key}: ${before[key] ?? "–"} → ${value ?? "–"}`);
  const what =
    kind === "move" ? `${path} → ${target}` : kind === "edit" ? `${path}: ${fields.join(", ")}` : `delete ${path}`;
  return `${what} (${reason})`;
}

attempt(load);
