// What a repair would do, shown before one job does it.
import { post } from "./api.js";
import { ask, CANCEL } from "./dialog.js";
import { h } from "./dom.js";
import { duration } from "./format.js";
import { followSongJob } from "./song_job.js";
import { sentence, t, tn, translated } from "./translate.js";

const SHOWN = 200; // changes
const TIMES = new Set(["song_length", "preview_start_time"]); // milliseconds

/**
 * Shows a repair and, if the person wants it, makes it.
 * @param {Api.RepairShape} repair
 * @param {number[]} ids Songs; none for all.
 * @param {() => unknown} onDone
 * @param {string} [job] The job that looked into files, for all songs and a repair that opens files.
 */
export async function repair({ name, title }, ids, onDone, job = "") {
  /** @type {Api.Plan} */
  const plan = await post("/api/repairs", { repair: name, ids, job, dry_run: true });
  if (!plan.total) return;
  const lines = plan.steps.slice(0, SHOWN).map((step) => h("li", {}, wordsOf(step)));
  const more =
    plan.total > SHOWN ? h("p.muted", {}, t("… and {count} more", { count: plan.total - SHOWN })) : h("span");
  const go = { label: tn("Make {count} change", "Make {count} changes", plan.total), value: "yes", kind: "primary" };
  if (!(await ask(translated(title), [h("ul", {}, lines), more], [CANCEL, go], { large: true }))) return;
  await followSongJob(await post("/api/repairs?wait=false", { repair: name, ids, job }), onDone);
}

/**
 * What a step of a repair does, and why.
 * @param {Api.StepShape} step
 */
export function wordsOf({ kind, path, target, before, after, reason }) {
  const said = (/** @type {string} */ key, /** @type {string | null} */ value) =>
    value && TIMES.has(key) ? timeOf(value) : (value ?? "–");
  const fields = Object.entries(after).map(([key, value]) => `${key}: ${said(key, before[key])} → ${said(key, value)}`);
  const deleted = () => t("delete {path}", { path });
  /** @type {Record<string, () => string>} */
  const words = {
    move: () => `${path} → ${target}`,
    edit: () => `${path}: ${fields.join(", ")}`,
    ini: () => `${path}: ${fields.join(", ")}`,
    shrink: () => t("make {path} smaller", { path }),
    merge: () => t("{path} gets what only {target} has", { path, target }),
    follow: () => t("{target} takes the place of {path} in lists", { path, target }),
  };
  return [(words[kind] ?? deleted)(), reason && `(${sentence(reason)})`].filter(Boolean).join(" ");
}

/**
 * A time of song.ini, where -1 stands for none; as it is written if it is no time.
 * @param {string} value
 */
function timeOf(value) {
  const milliseconds = Number(value);
  if (milliseconds === -1) return "–";
  return Number.isFinite(milliseconds) && milliseconds >= 0 ? duration(milliseconds) : value;
}
