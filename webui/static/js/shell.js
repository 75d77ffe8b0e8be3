// The frame of every page: the theme's button, the number of running jobs, navigation, and uploads once something is dropped.
import { find } from "./dom.js";
import { dropZone } from "./drop.js";
import { watchConnection } from "./events.js";
import { watch } from "./jobs.js";
import { startNavigation, visit } from "./navigate.js";
import { themeButton } from "./theme_button.js";
import { attempt } from "./toast.js";
import { tn } from "./translate.js";

let started = false;

/**
 * Ctrl+K, or / where nobody types, opens the search.
 * @param {KeyboardEvent} event
 */
async function openSearch(event) {
  const isTyping = event.target instanceof HTMLElement && event.target.closest("input, select, textarea, dialog");
  const isAsked = (event.key === "k" && (event.ctrlKey || event.metaKey)) || (event.key === "/" && !isTyping);
  if (!isAsked) return;
  event.preventDefault();
  if (!document.querySelector("#search")) await visit("/songs");
  const box = document.querySelector("#search");
  if (!(box instanceof HTMLInputElement)) return;
  box.focus();
  box.select();
}

/** @param {import("./drop.js").Dropped[]} files */
async function upload(files) {
  const [{ sortIntoLoads }, { addUploads }] = await Promise.all([import("./routes.js"), import("./uploads.js")]);
  addUploads(await sortIntoLoads(files));
}

/** Starts the frame, once for a document. */
export function shell() {
  if (started) return;
  started = true;
  themeButton(find("[data-theme-toggle]"));
  const language = find("select[data-language]");
  language.addEventListener("change", () => language.form?.requestSubmit());
  watchConnection();
  const link = find("[data-jobs]");
  watch((jobs) => {
    const active = jobs.filter((job) => !job.final).length;
    link.hidden = active === 0;
    find("[data-jobs-text]").textContent = tn("{count} job", "{count} jobs", active);
  });
  startNavigation();
  window.addEventListener("keydown", openSearch);
  dropZone(document.body, (files) => attempt(() => upload(files)));
}
