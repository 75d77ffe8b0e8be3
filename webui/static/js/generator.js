// The generator page: drop audio, correct its tags, and see what becomes of it, also after leaving the page.
import { send } from "./api.js";
import { ChartingCard } from "./charting.js";
import { control, findAll, find as findIn } from "./dom.js";
import { dropZone, filesOf } from "./drop.js";
import { watch } from "./jobs.js";
import { pageSignal } from "./page.js";
import { joinStems, loadsOf, lyricsOf } from "./routes.js";
import { shell } from "./shell.js";
import { attempt, toast } from "./toast.js";
import { t } from "./translate.js";
import { addUploads } from "./uploads.js";

const TAGS_BYTES = 4 * 1024 * 1024; // tags are at the start of a file
const TAGS = ["title", "artist", "album", "year", "genre"];
const OVER = 10; // finished charts that are shown
const signal = pageSignal();
const main = findIn("main");
/** @type {typeof findIn} */
const find = (selector, root = main) => findIn(selector, root); // also once the page is left
const form = find("form[data-form]");
/** @type {File | null} */
let audio = null;
/** @type {File | null} */
let cover = null;
/** @type {File | null} */
let lyrics = null;
/** The cards of jobs, by their ids. @type {Map<string, ChartingCard>} */
const cards = new Map();

/**
 * Shows one step of the page: drop or options.
 * @param {string} name
 */
function showStep(name) {
  for (const section of findAll("[data-step]", main)) section.hidden = section.dataset.step !== name;
}

/**
 * Shows the options of a file, with its tags.
 * @param {File} file
 * @param {File | null} words Its lyrics.
 */
async function choose(file, words) {
  audio = file;
  form.reset();
  setCover(null);
  setLyrics(words);
  showStep("options");
  const body = new FormData();
  body.append("file", file.slice(0, TAGS_BYTES), file.name);
  find("[data-file-name]").textContent = t("{name}: reading its tags…", { name: file.name });
  const tags = await attempt(() => send("/api/generate/tags", body).promise);
  if (audio !== file) return; // another one was chosen meanwhile
  find("[data-file-name]").textContent = file.name;
  for (const name of TAGS) if (tags?.[name] && !control(form, name).value) control(form, name).value = tags[name];
  const title = find("input[name=title]", form);
  title.focus();
  title.select();
}

/**
 * Takes one recording to correct its tags; several, and stems of one song, are charted as they are.
 * @param {import("./drop.js").Dropped[]} dropped
 */
async function take(dropped) {
  const loads = await joinStems(loadsOf(dropped, "generate"));
  const [first] = loads;
  if (loads.length === 1 && !first.isFolder) choose(first.files[0].file, lyricsOf(first));
  else addUploads(loads);
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

/** @param {File | null} words */
function setLyrics(words) {
  lyrics = words;
  find("[data-lyrics-choose]").textContent = words?.name ?? t("Choose an .lrc");
}

/**
 * Sends the audio with its options; its job then shows up among the charts.
 * @param {File} file
 */
function generate(file) {
  /** @type {[string, string | File][]} */
  const fields = [];
  for (const name of [...TAGS, "charter"]) {
    const value = control(form, name).value.trim();
    if (value) fields.push([name, value]);
  }
  const difficulties = findAll("input[name=difficulties]:checked", form).map((box) => box.value);
  if (!difficulties.length) {
    toast(t("Choose at least one difficulty."), { bad: true });
    return;
  }
  fields.push(["difficulties", difficulties.join(",")]);
  fields.push(["drums", String(find("input[name=drums]", form).checked)]);
  if (cover) fields.push(["art", cover]);
  if (lyrics) fields.push(["lyrics", lyrics]);
  addUploads([{ name: file.name, files: [{ file, folder: "" }], isFolder: false, kind: "generate", fields }]);
  startAgain();
}

/**
 * Shows the charts that are made, and those that were made last.
 * @param {Api.JobShape[]} jobs Newest first.
 */
function showCharts(jobs) {
  const charts = jobs.filter(({ kind }) => kind === "generate" || kind === "remake");
  const [over, underway] = [charts.filter(({ final }) => final), charts.filter(({ final }) => !final)];
  const shown = [...underway.reverse(), ...over.slice(0, OVER)];
  const list = find("[data-charts]");
  for (const [at, job] of shown.entries()) {
    const card = cards.get(job.id) ?? new ChartingCard();
    cards.set(job.id, card);
    card.show(job);
    if (list.children[at] !== card.element) list.insertBefore(card.element, list.children[at] ?? null);
  }
  while (list.children.length > shown.length) list.lastElementChild?.remove();
  find("[data-charts-head]").hidden = shown.length === 0;
}

function startAgain() {
  audio = null;
  showStep("drop");
}

shell();
const [fileInput, coverInput] = [find("input[data-file]"), find("input[data-cover-file]")];
const lyricsInput = find("input[data-lyrics-file]");
dropZone(find("[data-drop]"), take);
find("[data-choose]").addEventListener("click", () => fileInput.click());
fileInput.addEventListener("change", () => {
  take(filesOf(fileInput));
  fileInput.value = "";
});
find("[data-cover-choose]").addEventListener("click", () => coverInput.click());
coverInput.addEventListener("change", () => setCover(coverInput.files?.[0] ?? null));
find("[data-lyrics-choose]").addEventListener("click", () => lyricsInput.click());
lyricsInput.addEventListener("change", () => setLyrics(lyricsInput.files?.[0] ?? null));
dropZone(find("[data-cover]"), ([{ file }]) => file.type.startsWith("image/") && setCover(file));
form.addEventListener("submit", (event) => {
  event.preventDefault();
  if (audio) generate(audio);
});
find("[data-again]").addEventListener("click", startAgain);
watch(showCharts, signal);
