// The tab of a song's history: what changed it, each with its undo.
import { get } from "./api.js";
import { debounce, find as findIn, h } from "./dom.js";
import { on } from "./events.js";
import { ago } from "./format.js";
import { jobRow } from "./job_row.js";
import { pageSignal } from "./page.js";
import { wordsOf } from "./repair_dialog.js";
import { shell } from "./shell.js";
import { showHead, startHead } from "./song_head.js";
import { attempt } from "./toast.js";
import { sentence, t } from "./translate.js";

const signal = pageSignal();
const main = findIn("main");
/** @type {typeof findIn} */
const find = (selector, root = main) => findIn(selector, root); // also once the page is left
const url = `/api/songs/${find("[data-song]").dataset.song}`;

async function load() {
  /** @type {[Api.SongDetail, Api.SongHistory]} */
  const [song, { events }] = await Promise.all([get(url), get(`${url}/history`)]);
  if (signal.aborted) return;
  showHead(song);
  const jobs = events.map(({ job }) => job);
  const rows = events.map((event) => row(event, jobs));
  const nothing = h("p.muted", {}, t("Nothing that is known. Edits, repairs and moves are listed here."));
  find("[data-history]").replaceChildren(rows.length ? h("div.jobs", {}, rows) : nothing);
}

/**
 * @param {Api.SongEvent} event
 * @param {Api.JobShape[]} jobs
 */
function row({ job, fields, steps }, jobs) {
  const lines = [
    ...fields.map(({ key, before, after }) => h("li", {}, h("b", {}, key), `: ${before ?? "–"} → ${after ?? "–"}`)),
    ...steps.map((step) => h("li", {}, stepWords(step))),
  ];
  const element = jobRow(job, jobs);
  const saysTime = job.final && !job.error && !job.result?.summary; // the row itself does
  if (!saysTime) find(".job-note", element).append(` · ${ago(job.updated)}`);
  if (lines.length) element.append(h("ul.plain.job-changes", {}, lines));
  return element;
}

/** @param {Api.StepShape} step */
function stepWords(step) {
  const { kind, path, target, reason } = step;
  if (kind === "ini" || kind === "shrink") return wordsOf(step);
  const name = path.split("/").at(-1) ?? path;
  /** @type {Record<string, string>} */
  const words = {
    add: t("{name} added", { name }),
    delete: t("{name} deleted", { name }),
    write: t("{name} added", { name }),
    art: t("album art added"),
    move: `${path} → ${target}`,
    merge: t("completed with what {path} had", { path: target }),
    follow: t("its lists now hold {path}", { path: target }),
  };
  return [words[kind] ?? path, reason && `(${sentence(reason)})`].filter(Boolean).join(" ");
}

shell();
startHead();
attempt(load);
const refresh = debounce(300, () => signal.aborted || attempt(load));
on("library", refresh, signal);
on("job", refresh, signal);
