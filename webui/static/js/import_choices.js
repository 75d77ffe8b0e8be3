// What an import brought differs from ours, which was kept: replace it, or keep both, while what came is in the trash bin.
import { post } from "./api.js";
import { ask, CANCEL } from "./dialog.js";
import { find, findAll, h } from "./dom.js";
import { partName } from "./import_result.js";
import { followSongJob } from "./song_job.js";
import { t } from "./translate.js";

/** @typedef {{path: string, title: string, differs?: string[]}} KnownSong */

/**
 * The songs in which something differs.
 * @param {Api.JobShape} job
 * @returns {KnownSong[]}
 */
const differing = ({ result }) =>
  (result?.duplicates ?? []).filter((/** @type {KnownSong} */ { differs }) => differs?.length);

/**
 * Whether another choice can be made than the one that the import made.
 * @param {Api.JobShape} job
 */
export const canChoose = (job) => Boolean(job.final && job.result?.kept && differing(job).length);

/**
 * Asks for each part what is to be kept, and has what came imported once more.
 * @param {Api.JobShape} job
 * @param {() => void} [onStart] Called once the choice is made.
 */
export async function choose(job, onStart = () => {}) {
  const songs = differing(job);
  const sets = songs.map(fields);
  const words = h(
    "p.muted",
    {},
    t("What is not chosen stays as it is. Ours goes to the trash bin where it is replaced."),
  );
  const go = { label: t("Do what is chosen"), value: "yes", kind: "primary" };
  if (!(await ask(t("Which to keep"), [words, ...sets], [CANCEL, go], { large: true }))) return;
  const chosen = songs
    .map(({ path }, at) => ({
      path,
      replace: checked(sets[at], "replace"),
      both: checked(sets[at], "both").length > 0,
    }))
    .filter(({ replace, both }) => both || replace.length);
  if (!chosen.length) return;
  const started = await post(`/api/webdav/import/${job.id}/choices?wait=false`, { songs: chosen });
  onStart();
  await followSongJob(started);
}

/** @param {KnownSong} song */
function fields({ title, differs = [] }) {
  const box = (/** @type {string} */ name, /** @type {string} */ value, /** @type {string} */ label) =>
    h("label.check", {}, h("input", { type: "checkbox", name, value }), label);
  const parts = differs.map((part) => box("replace", part, t("replace ours: {part}", { part: partName(part) })));
  const both = box("both", "yes", t("keep both: what came becomes a song of its own"));
  both.addEventListener("change", () => {
    const isBoth = find("input", both).checked;
    for (const part of parts) find("input", part).disabled = isBoth; // ours then stays as it is
  });
  return h("fieldset", {}, h("legend", {}, title), ...parts, both);
}

/**
 * @param {HTMLElement} set
 * @param {string} name
 */
const checked = (set, name) =>
  /** @type {HTMLInputElement[]} */ (findAll(`input[name=${name}]:checked:enabled`, set)).map(({ value }) => value);
