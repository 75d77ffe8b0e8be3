// The page of what songs lack: a job looks for proposals, and one job fills in what is accepted.
import { get, post } from "./api.js";
import { find, h } from "./dom.js";
import { shell } from "./shell.js";
import { followSongJob } from "./song_job.js";
import { attempt } from "./toast.js";
import { allSentences, t, tn } from "./translate.js";

const PAGE = 100; // songs
const SURE = 0.8;
/** @type {Record<string, string>} */
const WORDS = {
  name: t("title"),
  artist: t("artist"),
  album: t("album"),
  year: t("year"),
  genre: t("genre"),
  album_track: t("track in the album"),
  art: t("album art"),
  lyrics: t("lyrics"),
};

let job = "";
/** @type {Api.SongProposals[]} */
let songs = [];
/** Fields that were chosen, as "ID field". @type {Set<string>} */
const chosen = new Set();

async function look() {
  /** @type {Api.JobShape} */
  const started = await post("/api/fill-in/proposals?wait=false", {});
  job = started.id;
  await followSongJob(started, () => attempt(show));
}

/** @param {boolean} [more] */
async function show(more = false) {
  /** @type {Api.ProposalPage} */
  const page = await get(`/api/fill-in/proposals/${job}`, { limit: PAGE, offset: more ? songs.length : 0 });
  songs = more ? [...songs, ...page.songs] : page.songs;
  if (!more) chosen.clear();
  find("[data-found]").hidden = false;
  find("[data-count]").textContent = page.total
    ? tn("Something is proposed for {count} song", "Something is proposed for {count} songs", page.total)
    : t("Nothing is proposed.");
  find("[data-rows]").replaceChildren(...songs.flatMap((song) => song.proposals.map((each) => row(song, each))));
  find("button[data-more]").hidden = songs.length >= page.total;
  find("button[data-all]").disabled = !page.total;
  find("button[data-chosen]").disabled = !chosen.size;
}

/**
 * @param {Api.SongProposals} song
 * @param {Api.ProposalShape} proposal
 */
function row(song, { field, value, confidence, reason }) {
  const key = `${song.id} ${field}`;
  const words = WORDS[field] ?? field;
  const choose = (/** @type {Event} */ { target }) => {
    if (/** @type {HTMLInputElement} */ (target).checked) chosen.add(key);
    else chosen.delete(key);
    find("button[data-chosen]").disabled = !chosen.size;
  };
  const label = t("Accept {words} of {title}", { words, title: song.title });
  const box = h("input", { type: "checkbox", checked: chosen.has(key), "aria-label": label, onchange: choose });
  const shown =
    field === "lyrics" ? h("details", {}, h("summary", {}, t("Lyrics")), h("pre", {}, value)) : named(field, value);
  return h(
    "tr",
    {},
    h("td", {}, box),
    h("td", {}, h("a", { href: `/songs/${song.id}/edit` }, song.title), h("p.muted", {}, song.artist)),
    h("td.muted", {}, t("no {words}", { words })),
    h("td", {}, shown),
    h("td", {}, `${Math.round(confidence * 100)} %`),
    h("td.muted", {}, allSentences(reason)),
  );
}

/**
 * A value for people: of a picture only the server or the file that it is from.
 * @param {string} field
 * @param {string} value
 */
function named(field, value) {
  if (field !== "art") return value;
  const host = URL.canParse(value) ? new URL(value).host : value.split("/").at(-1);
  return t("the picture from {source}", { source: host ?? value });
}

/** @param {{least?: number, choices?: [number, string][]}} accepted */
async function accept(accepted) {
  /** @type {Api.JobShape} */
  const started = await post("/api/fill-in?wait=false", { job, ...accepted });
  await followSongJob(started, () => attempt(() => show()));
}

/** Shows what was found last, also by a look that goes on. */
async function showLast() {
  const { jobs } = /** @type {Api.JobList} */ (await get("/api/jobs"));
  const last = jobs.find(({ kind }) => kind === "find proposals");
  if (!last) return;
  job = last.id;
  await show();
}

const chosenPairs = () =>
  [...chosen].map((key) => {
    const [id, field] = key.split(" ");
    return /** @type {[number, string]} */ ([Number(id), field]);
  });

find("button[data-look]").addEventListener("click", () => attempt(look));
find("button[data-all]").addEventListener("click", () => attempt(() => accept({ least: SURE })));
find("button[data-chosen]").addEventListener("click", () => attempt(() => accept({ choices: chosenPairs() })));
find("button[data-more]").addEventListener("click", () => attempt(() => show(true)));
shell();
attempt(showLast);
