// The dashboard: the library in numbers, jobs, problems, and how to mount the library.
import { get, post, treeAddress } from "./api.js";
import { cover } from "./cover.js";
import { debounce, findAll, find as findIn, h, icon } from "./dom.js";
import { on, whenLive } from "./events.js";
import { bytes, count, tenths } from "./format.js";
import { jobRow } from "./job_row.js";
import { follow, watch } from "./jobs.js";
import { pageSignal } from "./page.js";
import { playInBar } from "./player_bar.js";
import { readingWords } from "./reading.js";
import { richText } from "./rich_text.js";
import { shell } from "./shell.js";
import { showStatistics } from "./statistics.js";
import { tabs } from "./tabs.js";
import { attempt, toast } from "./toast.js";
import { allSentences, t, tn } from "./translate.js";

const JOBS = 6; // shown at most
const NEWEST = 8; // songs
const signal = pageSignal();
const main = findIn("main");
/** @type {typeof findIn} */
const find = (selector, root = main) => findIn(selector, root); // also once the page is left
/** Words for the states of the sync. @type {Record<string, string>} */
const STATES = {
  current: t("Everything is up to date."),
  unreachable: t("The remote cannot be reached; you see what was known last."),
  failed: t("Not everything on the remote could be read."),
};

async function showStatus() {
  /** @type {Api.Status | undefined} */
  const status = await attempt(() => get("/api/library/status"));
  if (!status) return;
  const { songs, artists, server } = status;
  const reading = readingWords(status);
  const state = status.message || reading || STATES[status.state] || "";
  find("[data-headline]").textContent = songs
    ? `${t("{songs} by {artists}", { songs: tn("{count} song", "{count} songs", songs), artists: tn("{count} artist", "{count} artists", artists) })} · ${server === "local folder" ? t("local folder") : server}. ${state}`
    : reading ||
      t(
        "Your library is empty. Drop some archives anywhere on this page, or make your first chart from a song you like.",
      );
  showFigures(status);
  showProblems(status);
}

/** @param {Api.Status} status */
function showFigures({ songs, artists, length, size, quota_used: used, quota_free: free }) {
  const hours = length / 3_600_000;
  const figures = find("[data-figures]");
  figures.replaceChildren(
    figure(count(songs), t("songs")),
    figure(count(artists), t("artists")),
    figure(hours < 10 ? tenths(hours) : count(Math.round(hours)), t("hours of music")),
    free === null
      ? figure(bytes(size), t("in the library"))
      : figure(bytes(size), t("in the library, {bytes} left", { bytes: bytes(free) }), used / (used + free || 1)),
  );
  figures.setAttribute("aria-busy", "false");
}

/**
 * A figure with its label, and the share of the space that is used.
 * @param {string} value
 * @param {string} label
 * @param {number} [used]
 */
function figure(value, label, used) {
  const bar = used === undefined ? null : h("progress", { max: 1, value: used, "aria-label": t("Space used") });
  return h("div.figure", {}, h("b", {}, value), h("span", {}, label), bar);
}

/** @param {Api.Status} status */
function showProblems({ songs, unread, refused, without_art, duplicates, problems, folders }) {
  const items = [
    ...folders.map(({ path, not_imported: number }) =>
      problemLink(
        number,
        t("in {folder} could not be imported", { folder: path }),
        treeAddress(path),
        "archive",
        "bad",
      ),
    ),
    problemLink(refused, t("a game would refuse"), "/songs?problem=refused", "stop", "bad"),
    problemLink(without_art, t("without album art"), "/songs?has=-art", "image", "warn"),
    problemLink(duplicates, t("with notes that are there twice"), "/songs?duplicates=true&sort=artist", "copy", "warn"),
    problemLink(problems, t("with something to improve"), "/songs?problem=any", "warning", "warn"),
  ].filter((item) => item !== null);
  if (!items.length) {
    const well = songs && !unread ? t("Nothing. Every song is in good order.") : "";
    items.push(h("li", {}, well ? h("p.all-well", {}, icon("check"), well) : h("p.muted", {}, t("Nothing so far."))));
  }
  find("[data-problems]").replaceChildren(...items);
}

/**
 * A link to what has one kind of problem; null if there is nothing.
 * @param {number} number
 * @param {string} text
 * @param {string} href
 * @param {string} picture
 * @param {string} tone
 */
function problemLink(number, text, href, picture, tone) {
  if (!number) return null;
  const link = h("a", { href }, icon(picture), h("b", {}, count(number)), h("span", {}, text));
  link.className = tone;
  link.append(h("span.go", {}, icon("forward")));
  return h("li", {}, link);
}

async function showNewest() {
  /** @type {Api.SongPage | undefined} */
  const page = await attempt(() => get("/api/songs", { sort: "newest", limit: NEWEST }));
  if (!page) return;
  find("section.newest").hidden = page.total === 0;
  find("[data-newest]").replaceChildren(...page.songs.map(newSong));
}

/** @param {Api.SongSummary} song */
function newSong(song) {
  const play = {
    type: "button",
    "aria-label": t("Play {title}", { title: song.title }),
    onclick: () => playInBar(song.id),
  };
  const name = h("a.open", { href: `/songs/${song.id}` }, richText(song.rich_title));
  return h(
    "li.song",
    {},
    h("div.song-cover", {}, cover(song)),
    h("button.card-play", play, icon("play")),
    h("div.song-text", {}, h("div.song-title", {}, name), h("div.song-artist", {}, song.artist)),
  );
}

/** @param {Api.JobShape[]} jobs */
function showJobs(jobs) {
  const [over, active] = [jobs.filter((job) => job.final), jobs.filter((job) => !job.final)];
  const shown = [...active, ...over].slice(0, JOBS);
  find("[data-job-list]").replaceChildren(
    shown.length
      ? h(
          "div.jobs",
          {},
          shown.map((job) => jobRow(job, jobs)),
        )
      : h("p.muted", {}, t("All quiet. What you upload, make or sync shows up here.")),
  );
}

async function showAddress() {
  /** @type {Api.Connection | undefined} */
  const connection = await attempt(() => get("/api/webdav/status"));
  if (!connection) return;
  const { address } = connection;
  find("input[data-address]").value = address;
  for (const element of findAll("[data-address-text]", main)) element.textContent = address;
  find("[data-dav-address]").textContent = address.replace(/^http/, "dav");
}

async function copyAddress() {
  await navigator.clipboard.writeText(find("input[data-address]").value);
  toast(t("Copied the address."));
}

const showPlots = () => showStatistics(find("[data-statistics]"));

const load = () => Promise.all([showStatus(), showNewest(), showPlots()]);
const refresh = debounce(200, load);

async function sync() {
  const job = await follow((await post("/api/library/sync?wait=false")).id);
  const { synced = 0, added = 0, changed = 0, purged = 0 } = job.result ?? {};
  if (job.state === "done")
    toast(
      tn(
        "Synced {count} song: {added} new, {changed} changed, {purged} gone.",
        "Synced {count} songs: {added} new, {changed} changed, {purged} gone.",
        synced,
        { added, changed, purged },
      ),
    );
  else toast(allSentences(job.error ?? t("The sync was stopped.")), { bad: true });
  await showStatus();
}

find("[data-copy]").addEventListener("click", () => attempt(copyAddress));
find("[data-sync]").addEventListener("click", () => attempt(sync));
shell();
tabs(find("[data-tabs]"));
showAddress();
watch(showJobs, signal);
on("library", () => refresh(), signal);
whenLive(load, signal);
