// The generator page: drop audio, correct its tags, watch the job, play the chart, keep or delete it.
import { get, remove, send } from "./api.js";
import { chartChoice } from "./chart_choice.js";
import { confirm } from "./dialog.js";
import { control, findAll, find as findIn, h, icon } from "./dom.js";
import { dropZone, filesOf } from "./drop.js";
import { count, duration } from "./format.js";
import { chordTimes, Highway } from "./highway.js";
import { difficultyName, instrumentName } from "./instruments.js";
import { stepName } from "./job_words.js";
import { follow } from "./jobs.js";
import { pageSignal } from "./page.js";
import { Player } from "./player.js";
import { sortIntoLoads } from "./routes.js";
import { shell } from "./shell.js";
import { attempt, toast } from "./toast.js";
import { t, tn } from "./translate.js";
import { addUploads } from "./uploads.js";

/** @typedef {{bpm: number, meter: string, confidence: number, remarks: string[]}} Charted What a job says of a chart. */

const TAGS_BYTES = 4 * 1024 * 1024; // tags are at the start of a file
const TAGS = ["title", "artist", "album", "year", "genre"];
const signal = pageSignal();
const main = findIn("main");
/** @type {typeof findIn} */
const find = (selector, root = main) => findIn(selector, root); // also once the page is left
const form = find("form[data-form]");
/** @type {File | null} */
let audio = null;
/** @type {File | null} */
let cover = null;
/** @type {import("./stem_player.js").StemPlayer | null} */
let player = null;
/** @type {Api.SongDetail | null} */
let song = null;

/**
 * Shows one step of the page: drop, options, progress or preview.
 * @param {string} name
 */
function showStep(name) {
  for (const section of findAll("[data-step]", main)) section.hidden = section.dataset.step !== name;
  main.querySelector(`[data-step=${name}] h2`)?.scrollIntoView({ block: "nearest" });
}

/**
 * Shows the options of a file, with its tags.
 * @param {File} file
 */
async function choose(file) {
  audio = file;
  form.reset();
  setCover(null);
  showStep("options");
  const body = new FormData();
  body.append("file", file.slice(0, TAGS_BYTES), file.name);
  find("[data-file-name]").textContent = t("{name}: reading its tags…", { name: file.name });
  const tags = await attempt(() => send("/api/generate/tags", body).promise);
  find("[data-file-name]").textContent = file.name;
  for (const name of TAGS) if (tags?.[name] && !control(form, name).value) control(form, name).value = tags[name];
  const title = find("input[name=title]", form);
  title.focus();
  title.select();
}

/**
 * Takes one recording to correct its tags; several, or a folder of stems, are charted in the tray as they are.
 * @param {import("./drop.js").Dropped[]} dropped
 */
function take(dropped) {
  const [first] = dropped;
  if (dropped.length === 1 && !first.folder) choose(first.file);
  else if (dropped.length) attempt(async () => addUploads(await sortIntoLoads(dropped)));
}

/** @param {File | null} picture */
function setCover(picture) {
  cover = picture;
  const image = find("img[data-cover-image]");
  image.hidden = !picture;
  find("[data-cover-none]").hidden = Boolean(picture);
  if (image.src) URL.revokeObjectURL(image.src);
  if (picture) image.src = URL.createObjectURL(picture);
  else image.removeAttribute("src");
}

/**
 * Sends the audio with its options and follows the job.
 * @param {File} file
 */
async function generate(file) {
  const body = new FormData();
  for (const name of [...TAGS, "charter"]) {
    const value = control(form, name).value.trim();
    if (value) body.append(name, value);
  }
  const difficulties = findAll("input[name=difficulties]:checked", form).map((box) => box.value);
  if (!difficulties.length) {
    toast(t("Choose at least one difficulty."), { bad: true });
    return;
  }
  body.append("difficulties", difficulties.join(","));
  body.append("drums", String(find("input[name=drums]", form).checked));
  if (cover) body.append("art", cover, cover.name);
  body.append("file", file, file.name);
  showStep("progress");
  showProgress(t("sending the file"), 0);
  const sending = send("/api/generate?wait=false", body, (part) => showProgress(t("sending the file"), part * 0.1));
  find("[data-cancel]").onclick = sending.abort;
  const job = await attempt(() => sending.promise);
  if (job) await followJob(job);
  else showStep("options");
}

/** Names of the job's steps so far. @type {string[]} */
const steps = [];

/**
 * Shows what is being done, and how far the job is, from 0 to 1.
 * @param {string} name
 * @param {number} progress
 */
function showProgress(name, progress) {
  find("progress[data-progress]").value = progress;
  const step = stepName(name) || t("waiting for its turn");
  if (steps.at(-1) === step) return;
  steps.push(step);
  find("[data-progress-title]").textContent = `${step[0].toUpperCase()}${step.slice(1)}…`;
  const items = steps.map((each, at) => {
    const done = at < steps.length - 1;
    return h(`li.${done ? "done" : "now"}`, {}, icon(done ? "check" : "activity"), each);
  });
  find("[data-steps]").replaceChildren(...items);
}

/** @param {Api.JobShape} job */
async function followJob(job) {
  find("[data-cancel]").onclick = () => attempt(() => remove(`/api/jobs/${job.id}`));
  const done = await follow(job.id, (now) => !now.final && showProgress(now.step, 0.1 + now.progress * 0.9));
  steps.length = 0;
  if (done.state !== "done") {
    toast(done.error ?? t("Stopped."), { bad: done.state === "failed" });
    showStep("options");
    return;
  }
  const { songs: [made] = [], duplicates: [known] = [] } = done.result ?? {};
  song = (await attempt(() => get(`/api/songs/${(made ?? known)?.id}`))) ?? null;
  if (!song) {
    showStep("options");
    return;
  }
  if (!made) toast(t("The library has this very chart already."));
  await showPreview(song, (made ?? known).chart);
}

/**
 * @param {Api.SongDetail} made
 * @param {Charted} charted
 */
async function showPreview(made, charted) {
  showStep("preview");
  find("[data-preview-title]").textContent = made.title;
  find("[data-remarks]").replaceChildren(...charted.remarks.map((remark) => h("p.notice.warn", {}, remark)));
  find("[data-preview-artist]").textContent = [made.artist, made.album, made.year].filter(Boolean).join(" · ");
  find("a[data-accept]").href = `/songs/${made.id}`;
  find("a[data-edit]").href = `/songs/${made.id}/edit`;
  player = new Player(find("[data-player]"), made).sound;
  const highway = new Highway(find("[data-stage]"), player);
  await attempt(() =>
    chartChoice(find("[data-chart-choice]"), made.id, (chart) => {
      highway.show(chart);
      showFacts(made, charted, chart);
    }),
  );
}

/**
 * @param {Api.SongDetail} made
 * @param {Charted} charted
 * @param {Api.HighwayChart} chart
 */
function showFacts(made, charted, chart) {
  const rows = [
    [t("Length"), duration(made.length)],
    [t("Tempo"), `${count(Math.round(charted.bpm))} BPM, ${charted.meter}`],
    [t("Clear beat"), `${Math.round(100 * charted.confidence)} %`],
    [t("Notes"), count(chordTimes(chart).length)],
    [t("Chart"), `${instrumentName(chart.instrument)}, ${difficultyName(chart.difficulty)}`],
    [t("Star power"), tn("{count} phrase", "{count} phrases", chart.star_power.length)],
    [t("Sections"), count(chart.sections.length)],
  ];
  find("[data-facts]").replaceChildren(...rows.flatMap(([name, value]) => [h("dt", {}, name), h("dd", {}, value)]));
}

/** @param {Api.SongDetail} made */
async function deleteSong(made) {
  if (
    !(await confirm(
      t("Delete “{title}”?", { title: made.title }),
      t("The chart goes, with the audio in its folder."),
      t("Delete"),
    ))
  )
    return;
  if (await attempt(() => remove(`/api/songs/${made.id}`))) startAgain();
}

function startAgain() {
  player?.stop();
  player = null;
  song = null;
  audio = null;
  showStep("drop");
}

shell();
signal.addEventListener("abort", () => player?.stop());
const [fileInput, coverInput] = [find("input[data-file]"), find("input[data-cover-file]")];
dropZone(find("[data-drop]"), take);
find("[data-choose]").addEventListener("click", () => fileInput.click());
fileInput.addEventListener("change", () => {
  take(filesOf(fileInput));
  fileInput.value = "";
});
find("[data-cover-choose]").addEventListener("click", () => coverInput.click());
coverInput.addEventListener("change", () => setCover(coverInput.files?.[0] ?? null));
dropZone(find("[data-cover]"), ([{ file }]) => file.type.startsWith("image/") && setCover(file));
form.addEventListener("submit", (event) => {
  event.preventDefault();
  if (audio) generate(audio);
});
find("[data-delete]").addEventListener("click", () => song && deleteSong(song));
for (const button of findAll("[data-again]", main)) button.addEventListener("click", startAgain);
