// The page of a song: its highway, player and charts.
import { get } from "./api.js";
import { cover } from "./cover.js";
import { Density } from "./density.js";
import { find as findIn, h } from "./dom.js";
import { dateTime, duration } from "./format.js";
import { Highway } from "./highway.js";
import { pageAddress, pageSignal } from "./page.js";
import { Player } from "./player.js";
import { shell } from "./shell.js";
import { showHead, startHead } from "./song_head.js";
import { leaderboard, tagList } from "./song_scores.js";
import { fillScreen, highwayOptions, stemSwitches, transport } from "./stage_controls.js";
import { starButton } from "./star.js";
import { attempt, errorLine, messageOf } from "./toast.js";
import { trackGrid } from "./track_grid.js";
import { t } from "./translate.js";

const signal = pageSignal();
const { pathname, searchParams: address } = pageAddress();
const main = findIn("main");
/** @type {typeof findIn} */
const find = (selector, root = main) => findIn(selector, root); // also once the page is left
const id = find("[data-song]").dataset.song;

/** @param {Api.SongDetail} song */
function showSong(song) {
  showHead(song);
  find("[data-art]").replaceChildren(cover(song));
  const facts = [
    [t("Charter"), song.charter],
    [t("Genre"), song.genre],
    [t("Length"), song.length ? duration(song.length) : ""],
    [t("Changed"), dateTime(song.modified)],
  ].filter(([, value]) => value);
  find("[data-facts]").replaceChildren(...facts.flatMap(([name, value]) => [h("dt", {}, name), h("dd", {}, value)]));
  find("[data-star]").replaceChildren(starButton(song));
  tagList(find("[data-tags]"), song);
  leaderboard(find("[data-scores]"), song);
}

class SongPage {
  /** @param {Api.SongDetail} song */
  constructor(song) {
    this.player = new Player(find("[data-player]"), song, { start: Number(address.get("t")) || 0 });
    this.sound = this.player.sound;
    this.lag = 0; // milliseconds that the ears lag behind, as the person says
    const page = this;
    const clock = {
      get position() {
        return page.sound.position - page.lag / 1000;
      },
      get playing() {
        return page.sound.playing;
      },
      onChange: (/** @type {() => void} */ listener) => this.sound.onChange(listener),
      toggle: () => this.sound.toggle(),
    };
    this.highway = new Highway(find("[data-stage]"), clock);
    this.density = new Density(find("[data-density]"), (seconds) =>
      this.sound.seek(seconds + this.highway.chart.offset),
    );
    this.sections = transport(find("[data-transport]"), this.sound, this.highway);
    stemSwitches(find("[data-stems]"), this.sound);
    highwayOptions(find("[data-options]"), this.highway, (milliseconds) => {
      this.lag = milliseconds;
    });
    this.preview = Number(song.metadata.preview_start_time || -1) / 1000;
    this.sound.onChange(() => this.#showPosition());
    window.addEventListener("keydown", (event) => this.#press(event), { signal });
    signal.addEventListener("abort", () => this.sound.stop());
  }

  /**
   * Shows a chart of the song.
   * @param {string} instrument
   * @param {string} difficulty
   */
  async choose(instrument, difficulty) {
    /** @type {Api.HighwayChart} */
    const chart = await get(`/api/songs/${id}/notes`, { instrument, difficulty });
    this.highway.show(chart);
    this.density.show(chart);
    this.sections.list();
    if (!this.sound.seconds) this.sound.seconds = chart.length + chart.offset;
    trackGrid(find("[data-tracks]"), chart, (...chosen) => attempt(() => this.choose(...chosen)));
    this.#showPosition();
    this.#writeAddress();
  }

  #showPosition() {
    const { offset } = this.highway.chart;
    this.density.moveTo(this.sound.position - offset, this.preview - offset);
    if (!this.sound.playing) this.#writeAddress();
  }

  /** Keeps the position and the chart in the page's URL, to share or to come back to. */
  #writeAddress() {
    if (signal.aborted || location.pathname !== pathname) return; // going back changes it before the page changes
    const { instrument, difficulty } = this.highway.chart;
    const values = { t: String(Math.round(this.sound.position) || ""), i: instrument, d: difficulty };
    const query = new URLSearchParams(Object.entries(values).filter(([, value]) => value)).toString();
    const url = query ? `?${query}` : location.pathname;
    if (url !== location.search) history.replaceState(null, "", url);
  }

  /** @param {KeyboardEvent} event */
  #press(event) {
    const { target } = event;
    const typing = target instanceof HTMLElement && target.closest("input:not([type=range]), select, textarea, dialog");
    if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
    const range = target instanceof HTMLInputElement;
    const { sound } = this;
    /** @type {Record<string, () => unknown>} */
    const actions = {
      ArrowLeft: () => sound.seek(sound.position - 5),
      ArrowRight: () => sound.seek(sound.position + 5),
      ArrowUp: () => sound.setVolume(Math.min(1, sound.loudness + 0.1)),
      ArrowDown: () => sound.setVolume(Math.max(0, sound.loudness - 0.1)),
      "[": () => this.sections.go(this.sections.current - 1),
      "]": () => this.sections.go(this.sections.current + 1),
      l: () => this.sections.toggleLoop(),
      m: () => this.player.toggleVolume(),
      f: () => fillScreen(this.highway),
    };
    if (event.key === " " && !(target instanceof HTMLButtonElement || target instanceof HTMLAnchorElement))
      actions[" "] = () => sound.toggle();
    const action = actions[event.key.toLowerCase()] ?? actions[event.key];
    if (!action || (range && event.key.startsWith("Arrow"))) return;
    event.preventDefault();
    action();
  }
}

async function start() {
  /** @type {Api.SongDetail} */
  let song;
  try {
    song = await get(`/api/songs/${id}`);
  } catch (error) {
    find(".song-play").replaceChildren(errorLine(error));
    return;
  }
  if (signal.aborted) return;
  showSong(song);
  const page = new SongPage(song);
  try {
    await page.choose(address.get("i") ?? "", address.get("d") ?? "");
  } catch (error) {
    find("[data-tracks]").replaceChildren(h("p.muted", {}, messageOf(error)));
  }
}

shell();
startHead();
start();
