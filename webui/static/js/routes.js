// Where dropped files belong: archives and song folders are imported, audio becomes a chart, pictures are content.
import { post } from "./api.js";
import { ask, CANCEL } from "./dialog.js";
import { h } from "./dom.js";
import { attempt, toast } from "./toast.js";
import { t } from "./translate.js";

const AUDIO = /\.(ogg|opus|mp3|wav|flac|m4a|m4b|aac|wma|aiff?|webm|mka|mkv|mov|oga)$/i;
const PICTURE = /\.(png|jpe?g)$/i;
const LYRICS = /\.lrc$/i;
const NOTES = /^(notes\.(mid|chart)|song\.ini)$/i;
const ARCHIVE = /\.(zip|rar|7z|tar|gz|bz2|xz|tgz|sng)$/i;

/** @typedef {import("./drop.js").Dropped} Dropped */
/** @typedef {"songs" | "generate" | "backgrounds" | "highways" | "colors"} Kind */
/**
 * @typedef {Object} Load What is uploaded as one.
 * @property {string} name
 * @property {Dropped[]} files
 * @property {boolean} isFolder
 * @property {Kind} kind
 * @property {[string, string | File][]} [fields] Of the generator's form.
 * @property {{folder: string, replace: boolean}} [target] The folder of the tree that was chosen, instead of a kind.
 */

/**
 * Sorts dropped files into loads, each file or folder by itself. Asks what pictures and audio are for.
 * @param {Dropped[]} dropped
 * @param {Kind} [chosen] The kind that the person chose; songs lets the files say it.
 * @returns {Promise<Load[]>}
 */
export async function sortIntoLoads(dropped, chosen = "songs") {
  const loads = loadsOf(dropped, chosen);
  if (chosen !== "songs") return loads;
  for (const load of loads) if (load.isFolder && isStems(load.files)) load.kind = "generate";
  const single = (/** @type {RegExp} */ pattern) =>
    loads.filter(({ name, isFolder }) => !isFolder && pattern.test(name));
  for (const load of single(/\.ini$/i)) load.kind = "colors";
  const pictures = await askKind(single(PICTURE), t("What are these pictures for?"), [
    { label: t("Backgrounds"), value: "backgrounds", kind: "primary" },
    { label: t("Highways"), value: "highways" },
  ]);
  const audio = await askKind(single(AUDIO), t("What are these recordings for?"), [
    { label: t("Make charts of them"), value: "generate", kind: "primary" },
  ]);
  if (loads.some(({ kind }) => kind === "generate")) for (const load of single(LYRICS)) load.kind = "generate";
  return joinStems(loads.filter((load) => pictures(load) && audio(load)));
}

/**
 * The loads, with recordings that are stems of one song as one folder, and lyrics with their recording.
 * @param {Load[]} loads
 * @returns {Promise<Load[]>}
 */
export async function joinStems(loads) {
  const lyrics = loads.filter(({ kind, isFolder, name }) => kind === "generate" && !isFolder && LYRICS.test(name));
  const songs = await asSongs(loads.filter((load) => !lyrics.includes(load)));
  const recordings = songs.filter(({ kind }) => kind === "generate");
  const only = lyrics.length === 1 && recordings.length === 1 ? recordings[0] : undefined;
  const alone = lyrics.filter((words) => !joinLyrics(words, recordings, only));
  for (const { name } of alone)
    toast(t("{name} has no recording of its name here. Choose both together.", { name }), { bad: true });
  return songs;
}

/**
 * Adds lyrics to the recording of their name, or to the `only` one; in a folder, beside its audio. Returns whether
 * there is one.
 * @param {Load} words
 * @param {Load[]} songs
 * @param {Load} [only]
 */
function joinLyrics({ name, files: [{ file }] }, songs, only) {
  const stem = (/** @type {string} */ text) => text.replace(/\.\w+$/, "").toLowerCase();
  const named = songs.find((load) => (load.isFolder ? load.name.toLowerCase() : stem(load.name)) === stem(name));
  const song = named ?? only;
  if (song?.isFolder) {
    const { folder } = song.files.find((each) => AUDIO.test(each.file.name)) ?? song.files[0];
    song.files.push({ file, folder });
  } else song?.fields?.push(["lyrics", file]);
  return song !== undefined;
}

/**
 * The lyrics that are sent with a recording.
 * @param {Load} load
 */
export function lyricsOf({ fields = [] }) {
  const words = fields.find(([name]) => name === "lyrics")?.[1];
  return words instanceof File ? words : null;
}

/**
 * The loads, with recordings that are stems of one song as one folder.
 * @param {Load[]} loads
 * @returns {Promise<Load[]>}
 */
async function asSongs(loads) {
  const alone = new Map(
    loads.filter((load) => load.kind === "generate" && !load.isFolder).map((load) => [load.name, load]),
  );
  if (alone.size < 2) return loads;
  const found = await attempt(() => post("/api/generate/songs", { names: [...alone.keys()] }));
  /** @type {Api.SongFiles[]} */
  const stems = (found?.songs ?? []).filter((/** @type {Api.SongFiles} */ song) => song.files.length > 1);
  const joined = stems.map(({ name, files }) => {
    const folder = name || t("Stems");
    const its = files.flatMap((file) => alone.get(file)?.files ?? []);
    return /** @type {Load} */ ({
      name: folder,
      files: its.map(({ file }) => ({ file, folder })),
      isFolder: true,
      kind: "generate",
    });
  });
  const taken = new Set(stems.flatMap(({ files }) => files.map((file) => alone.get(file))));
  return [...loads.filter((load) => !taken.has(load)), ...joined];
}

/**
 * Each dropped file or folder as one load.
 * @param {Dropped[]} dropped
 * @param {Kind} kind
 * @returns {Load[]}
 */
export function loadsOf(dropped, kind) {
  const [inside, alone] = [dropped.filter(({ folder }) => folder), dropped.filter(({ folder }) => !folder)];
  const folders = Map.groupBy(inside, ({ folder }) => folder.split("/")[0]);
  return [
    ...alone.map((each) => ({ name: each.file.name, files: [each], isFolder: false, kind, fields: [] })),
    ...[...folders].map(([name, files]) => ({ name, files, isFolder: true, kind })),
  ];
}

/**
 * Whether a folder has audio and nothing that a song is known by: its stems become one chart.
 * @param {Dropped[]} files
 */
function isStems(files) {
  const names = files.map(({ file }) => file.name);
  return names.some((name) => AUDIO.test(name)) && !names.some((name) => NOTES.test(name) || ARCHIVE.test(name));
}

/**
 * Asks what some loads are for, and sets their kind. Returns whether a load stays.
 * @param {Load[]} loads
 * @param {string} question About several of them.
 * @param {import("./dialog.js").Choice[]} choices
 * @returns {Promise<(load: Load) => boolean>}
 */
async function askKind(loads, question, choices) {
  if (!loads.length) return () => true;
  const names = loads.slice(0, 5).map(({ name }) => h("li", {}, name));
  const more = loads.length > 5 ? h("p.muted", {}, t("… and {count} more", { count: loads.length - 5 })) : "";
  const title = loads.length === 1 ? t("What is “{name}” for?", { name: loads[0].name }) : question;
  const content = [h("ul.plain", {}, names), h("div", {}, more)];
  const kind = /** @type {Kind | null} */ (await ask(title, content, [CANCEL, ...choices]));
  for (const load of loads) load.kind = kind ?? load.kind;
  return (load) => Boolean(kind) || !loads.includes(load);
}
