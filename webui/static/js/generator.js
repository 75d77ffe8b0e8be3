// The generator: drop audio, correct its tags, watch the work, listen with the notes, keep or delete.
import { get, remove, send } from "./api.js";
import { chartChoice } from "./chart_choice.js";
import { confirm } from "./dialog.js";
import { find, findAll, h, icon } from "./dom.js";
import { dropZone } from "./drop.js";
import { count, length, plural } from "./format.js";
import { Highway } from "./highway.js";
import { instrumentName } from "./instruments.js";
import { follow } from "./jobs.js";
import { Player } from "./player.js";
import { shell } from "./shell.js";
import { attempt, toast } from "./toast.js";

const TAGS_AT_FRONT = 4 * 1024 * 1024;
let file = null;
let job = null;
let song = null;
let player = null;
let cover = null;

function step(name) {
  for (const section of findAll("[data-step]")) section.hidden = section.dataset.step !== name;
  find(`[data-step=${name}] h2`)?.scrollIntoView({ block: "nearest" });
}

async function choose(chosen) {
  file = chosen;
  const form = find("[data-form]");
  form.reset();
  setCover(null);
  step("options");
  const body = new FormData();
  body.append("file", file.slice(0, TAGS_AT_FRONT), file.name);
  find("[data-file-name]").textContent = `${file.name}: reading its tags…`;
  const tags = await attempt(() => send("/api/generate/tags", body).promise);
  find("[data-file-name]").textContent = file.name;
  for (const name of ["title", "artist", "album", "year", "genre"])
    if (tags?.[name] && !form.elements[name].value) form.elements[name].value = tags[name];
  form.elements.title.focus();
  form.elements.title.select();
}

function setCover(picture) {
  cover = picture;
  const image = find("[data-cover-image]");
  image.hidden = !picture;
  find("[data-cover-none]").hidden = Boolean(picture);
  if (image.src) URL.revokeObjectURL(image.src);
  if (picture) image.src = URL.createObjectURL(picture);
  else image.removeAttribute("src");
}

async function make(form) {
  const body = new FormData();
  for (const name of ["title", "artist", "album", "year", "genre", "charter"])
    if (form.elements[name].value.trim()) body.append(name, form.elements[name].value.trim());
  const difficulties = findAll("[name=difficulties]:checked", form).map((box) => box.value);
  if (!difficulties.length) {
    toast("Choose at least one difficulty.", { bad: true });
    return;
  }
  body.append("difficulties", difficulties.join(","));
  body.append("drums", form.elements.drums.checked);
  if (cover) body.append("art", cover, cover.name);
  body.append("file", file, file.name);
  step("progress");
  showProgress({ step: "sending the file", progress: 0 });
  const sending = send("/api/generate", body, (part) =>
    showProgress({ step: "sending the file", progress: part * 0.1 }),
  );
  find("[data-cancel]").onclick = sending.abort;
  const answer = await attempt(() => sending.promise);
  if (!answer) {
    step("options");
    return;
  }
  job = answer;
  await listen();
}

const seen = [];
function showProgress({ step: now, progress }) {
  find("[data-progress]").value = progress;
  const word = now || "waiting for its turn";
  if (seen.at(-1) !== word) {
    seen.push(word);
    find("[data-progress-title]").textContent = `${word[0].toUpperCase()}${word.slice(1)}…`;
    find("[data-steps]").replaceChildren(
      ...seen.map((each, at) =>
        h(`li.${at < seen.length - 1 ? "done" : "now"}`, {}, icon(at < seen.length - 1 ? "check" : "activity"), each),
      ),
    );
  }
}

async function listen() {
  find("[data-cancel]").onclick = () => attempt(() => remove(`/api/jobs/${job.id}`));
  const done = await follow(
    job.id,
    (now) => !now.final && showProgress({ step: now.step, progress: 0.1 + now.progress * 0.9 }),
  );
  seen.length = 0;
  if (done.state !== "done") {
    toast(done.error ?? "Stopped.", { bad: done.state === "failed" });
    step("options");
    return;
  }
  const { songs: [made] = [], duplicates: [known] = [] } = done.result ?? {};
  song = await attempt(() => get(`/api/songs/${(made ?? known)?.id}`));
  if (!song) {
    step("options");
    return;
  }
  if (!made) toast("The library has this very chart already.");
  preview();
}

async function preview() {
  step("preview");
  find("[data-preview-title]").textContent = song.title;
  find("[data-preview-artist]").textContent = [song.artist, song.album, song.year].filter(Boolean).join(" · ");
  find("[data-accept]").href = find("[data-edit]").href = `/songs/${song.id}/edit`;
  player = new Player(find("[data-player]"), song);
  const highway = new Highway(find("[data-stage]"), player);
  await attempt(() =>
    chartChoice(find("[data-chart-choice]"), song.id, (chart) => {
      highway.show(chart);
      facts(chart);
    }),
  );
}

function facts(chart) {
  const rows = [
    ["Length", length(song.length)],
    ["Notes", count(chart.notes.length)],
    ["Chart", `${instrumentName(chart.instrument)}, ${chart.difficulty}`],
    ["Star power", plural(chart.star_power.length, "phrase")],
    ["Sections", count(chart.sections.length)],
  ];
  find("[data-facts]").replaceChildren(...rows.flatMap(([name, value]) => [h("dt", {}, name), h("dd", {}, value)]));
}

async function discard() {
  if (!(await confirm(`Delete “${song.title}”?`, "The chart goes, with the audio in its folder.", "Delete"))) return;
  if (await attempt(() => remove(`/api/songs/${song.id}`))) again();
}

function again() {
  player?.stop();
  player = song = job = file = null;
  step("drop");
}

shell();
dropZone(find("[data-drop]"), ([{ file: dropped }]) => choose(dropped));
find("[data-choose]").addEventListener("click", () => find("[data-file]").click());
find("[data-file]").addEventListener("change", (event) => {
  if (event.target.files[0]) choose(event.target.files[0]);
  event.target.value = "";
});
find("[data-cover-choose]").addEventListener("click", () => find("[data-cover-file]").click());
find("[data-cover-file]").addEventListener("change", (event) => setCover(event.target.files[0] ?? null));
dropZone(find("[data-cover]"), ([{ file: picture }]) => picture.type.startsWith("image/") && setCover(picture));
find("[data-form]").addEventListener("submit", (event) => {
  event.preventDefault();
  make(event.target);
});
find("[data-delete]").addEventListener("click", discard);
for (const button of findAll("[data-again]")) button.addEventListener("click", again);
