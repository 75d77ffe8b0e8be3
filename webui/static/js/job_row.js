// A job as a row: what it is, how far, and its Cancel or Undo.
import { post, remove } from "./api.js";
import { h, icon } from "./dom.js";
import { ago } from "./format.js";
import { canChoose, choose } from "./import_choices.js";
import { importResult } from "./import_result.js";
import { jobTitle, stateName, stepName } from "./job_words.js";
import { followSongJob, undoJob } from "./song_job.js";
import { attempt } from "./toast.js";
import { allSentences, t } from "./translate.js";

/** Icons of the kinds of jobs. @type {Record<string, string>} */
const KINDS = {
  import: "archive",
  generate: "wand",
  remake: "wand",
  sync: "refresh",
  analyse: "activity",
  edit: "edit",
  delete: "trash",
  undo: "undo",
};

/**
 * Whether a job can be undone and is not being undone.
 * @param {Api.JobShape} job
 * @param {Api.JobShape[]} jobs
 */
const canUndo = (job, jobs) =>
  Boolean(
    job.final &&
      job.result?.can_undo &&
      !jobs.some(({ kind, subject }) => kind.startsWith("undo") && subject === job.id),
  );

/**
 * @param {Api.JobShape} job
 * @param {Api.JobShape[]} jobs All of them.
 */
export function jobRow(job, jobs) {
  const onclick = () => attempt(() => remove(`/api/jobs/${job.id}`));
  const title = jobTitle(job.title);
  const cancel = { type: "button", "aria-label": t("Cancel {title}", { title }), onclick };
  const summary = job.result?.songs
    ? importResult(job.result).words
    : job.result?.summary && jobTitle(job.result.summary);
  const note = h("span.job-note", {}, (job.error && allSentences(job.error)) ?? summary ?? jobState(job));
  note.classList.toggle("bad", job.state === "failed");
  return h(
    `div.job.${job.state}`,
    {},
    icon(job.state === "done" ? "check" : job.state === "failed" ? "stop" : (KINDS[job.kind] ?? "clock")),
    h("span.job-title", {}, songLink(job, title) ?? title),
    canUndo(job, jobs)
      ? undoButton(job)
      : job.final
        ? againButton(job, jobs)
        : h("button.button.ghost", cancel, t("Cancel")),
    job.state === "running" ? h("progress", { max: 1, value: job.progress, "aria-label": title }) : null,
    note,
    isLatest(job, jobs) && canChoose(job) ? chooseButton(job) : null,
  );
}

/**
 * Whether no job did something with the same file later.
 * @param {Api.JobShape} job
 * @param {Api.JobShape[]} jobs
 */
const isLatest = ({ subject, created }, jobs) =>
  !jobs.some((other) => other.subject === subject && other.created > created);

/** @param {Api.JobShape} job */
function chooseButton(job) {
  const onclick = () => attempt(() => choose(job));
  return h(
    "button.button.job-choose",
    { type: "button", "aria-label": t("Choose for {title}", { title: jobTitle(job.title) }), onclick },
    t("Ours is kept where it differs. Choose otherwise"),
  );
}

/**
 * A link to the song that a job made or found, if it is one; null otherwise.
 * @param {Api.JobShape} job
 * @param {string} title
 */
function songLink({ result }, title) {
  const songs = [...(result?.songs ?? []), ...(result?.duplicates ?? [])].filter(({ id }) => id);
  return songs.length === 1 ? h("a", { href: `/songs/${songs[0].id}` }, title) : null;
}

/**
 * The button that imports or charts a source again that failed; an empty element for any other job.
 * @param {Api.JobShape} job
 * @param {Api.JobShape[]} jobs
 */
function againButton(job, jobs) {
  const { kind, subject, state, title } = job;
  const isSource = kind === "import" || kind === "generate";
  if (!isSource || !isLatest(job, jobs) || state === "done") return h("span");
  const onclick = () => attempt(() => post("/api/webdav/import?wait=false", { path: subject }));
  const label = t("Try again: {title}", { title: jobTitle(title) });
  return h("button.button.ghost", { type: "button", "aria-label": label, onclick }, t("Try again"));
}

/** Jobs whose undo was asked for here and is not over. @type {Set<string>} */
const undoing = new Set();

/** @param {Api.JobShape} job */
function undoButton(job) {
  const label = t("Undo {title}", { title: jobTitle(job.title) });
  const properties = { type: "button", "aria-label": label, disabled: undoing.has(job.id) };
  const button = h("button.button.ghost", properties, t("Undo"));
  button.addEventListener("click", async () => {
    undoing.add(job.id);
    button.disabled = true; // also where the row is drawn again before the undo is over
    const undo = await attempt(async () => followSongJob(await undoJob(job)));
    undoing.delete(job.id);
    button.disabled = Boolean(undo);
  });
  return button;
}

/** @param {Api.JobShape} job */
const jobState = (job) =>
  job.final ? `${stateName(job.state)}, ${ago(job.updated)}` : stepName(job.step) || t("waiting");
