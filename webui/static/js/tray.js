// The tray of uploads: in a corner of every page, or in the upload page itself. It stays while pages change.
import { find, h, icon } from "./dom.js";
import { bytes, timeLeft } from "./format.js";
import { canChoose, choose } from "./import_choices.js";
import { importResult } from "./import_result.js";
import { onTurn } from "./navigate.js";
import { attempt } from "./toast.js";
import { t, tn } from "./translate.js";
import { clearOver, isPaused, onUpload, retry, togglePause, totals, uploads } from "./uploads.js";

/** @typedef {import("./uploads.js").Upload} Upload */

/** Rows of uploads. @type {Map<Upload, HTMLElement>} */
const rows = new Map();
let drawing = false;

const list = h("ul.plain.uploads");
const bar = h("progress", { max: 1, value: 0, "aria-label": t("All uploads") });
const words = h("p.tray-words", { role: "status" });
const pause = h("button.button", { type: "button", onclick: () => togglePause() }, t("Pause"));
const clear = h("button.button.ghost", { type: "button", onclick: () => removeOver() }, t("Clear the list"));
const fold = h("button.button.ghost.icon-only", { type: "button", "aria-expanded": "true" }, icon("list"));
fold.setAttribute("aria-label", t("Show each upload"));
const tray = h(
  "section.tray",
  { "aria-label": t("Uploads"), hidden: true },
  h("div.tray-head", {}, words, pause, clear, fold, bar),
  list,
);
fold.addEventListener("click", () => {
  list.hidden = !list.hidden;
  fold.setAttribute("aria-expanded", String(!list.hidden));
});

/** Shows the uploads that there are, and what becomes of them. */
export function startTray() {
  for (const upload of uploads) show(upload);
  onUpload((upload) => {
    show(upload);
    if (drawing) return;
    drawing = true;
    requestAnimationFrame(showTotals);
  });
  placeTray();
  showTotals();
  window.addEventListener("pageturn", undockTray);
  onTurn(placeTray);
}

/** Puts the tray where the page has room for it, or into the corner. */
function placeTray() {
  const dock = document.querySelector("[data-uploads]");
  if (!dock) undockTray();
  else {
    tray.classList.add("docked");
    dock.append(tray);
  }
}

/** Puts the tray into the corner, so that it stays when its page goes. */
function undockTray() {
  tray.classList.remove("docked");
  document.body.append(tray);
}

function removeOver() {
  clearOver();
  for (const [upload, row] of rows)
    if (!uploads.includes(upload)) {
      row.remove();
      rows.delete(upload);
    }
  showTotals();
}

function showTotals() {
  drawing = false;
  tray.hidden = uploads.length === 0;
  const { size, sent, speed } = totals();
  const over = uploads.filter(({ state }) => state === "done" || state === "failed").length;
  const sending = sent < size && !isPaused();
  bar.value = size ? sent / size : 1;
  bar.hidden = over === uploads.length;
  pause.hidden = !sending && !isPaused();
  pause.textContent = isPaused() ? t("Go on") : t("Pause");
  clear.hidden = over === 0;
  const parts = [tn("{done} of {count} upload done", "{done} of {count} uploads done", uploads.length, { done: over })];
  if (isPaused()) parts.push(t("paused"));
  else if (sending) {
    parts.push(t("{part} of {whole}", { part: bytes(sent), whole: bytes(size) }));
    if (speed) parts.push(`${bytes(speed)}/s`, timeLeft(sent / size, (sent || 1) / speed));
  }
  words.textContent = parts.filter(Boolean).join(" · ");
}

/** @param {Upload} upload */
function show(upload) {
  let row = rows.get(upload);
  if (!row) {
    row = h("li.upload");
    rows.set(upload, row);
    list.prepend(row);
  }
  const { state, load, note, sent, size, progress } = upload;
  const shown = state === "done" || state === "failed" ? state : "busy";
  if (state === "sending" && row.dataset.state === "sending") {
    find("progress", row).value = sent / (size || 1);
    find(".upload-note", row).textContent = note;
    return;
  }
  row.dataset.state = state;
  row.className = `upload ${shown}`;
  const part = state === "sending" ? sent / (size || 1) : state === "working" ? progress : null;
  const done = state === "done" && !note ? importResult(upload.result) : { words: note, links: [] };
  row.replaceChildren(
    icon(state === "done" ? "check" : state === "failed" ? "stop" : load.isFolder ? "folder" : "archive"),
    h("span.upload-name", {}, load.name),
    rowButton(upload),
    part === null ? "" : h("progress", { max: 1, value: part, "aria-label": load.name }),
    h("span.upload-note", {}, done.words),
    done.links.length ? h("div.upload-songs", {}, done.links) : "",
  );
}

/** @param {Upload} upload */
function rowButton(upload) {
  const { name } = upload.load;
  if (upload.state === "failed" && upload.isRefused) return h("span");
  if (upload.state === "failed")
    return h("button.button", { type: "button", onclick: () => retry(upload) }, icon("refresh"), t("Try again"));
  const { job } = upload;
  if (job && canChoose(job)) {
    const started = () => {
      upload.job = null; // what came is imported once more
      show(upload);
    };
    return h("button.button", { type: "button", onclick: () => attempt(() => choose(job, started)) }, t("Choose"));
  }
  if (upload.state !== "sending") return h("span");
  return h(
    "button.button.ghost",
    { type: "button", onclick: () => upload.stop(true), "aria-label": t("Stop {name}", { name }) },
    t("Stop"),
  );
}
