// The highway: lanes in perspective, and notes that reach the strike line when they sound.
import { h, icon } from "./dom.js";
import { drawBar, drawGem, drawSustain, drawTarget, gemColours } from "./highway_gems.js";
import { t } from "./translate.js";

const REACH = 2.4; // seconds of the song between strike line and horizon at the usual note speed
const BEHIND = -0.22; // seconds of the song below the strike line
const DEPTH = 7; // how strongly distance shrinks

/** @typedef {Api.HighwayChart["notes"][number]} Note Time and duration in seconds, lane, flags. */
/** @typedef {{x: number, y: number, scale: number}} Point */
/**
 * @typedef {Object} Clock What the highway follows.
 * @property {number} position Seconds of the audio that are heard now.
 * @property {boolean} playing
 * @property {(listener: () => void) => unknown} onChange
 * @property {() => unknown} toggle
 */

/** @type {Api.HighwayChart} */
const NO_CHART = {
  instrument: "",
  difficulty: "",
  family: "",
  lanes: 5,
  tracks: [],
  offset: 0,
  length: 0,
  notes: [],
  star_power: [],
  solos: [],
  rolls: [],
  sections: [],
  beats: [],
  lyrics: [],
};

export class Highway {
  /**
   * @param {HTMLElement} stage The element that holds the canvas.
   * @param {Clock} player
   */
  constructor(stage, player) {
    const label = t("The notes of the chart, scrolling towards you in time with the song");
    this.canvas = h("canvas", { id: "highway", role: "img", "aria-label": label });
    const pen = this.canvas.getContext("2d", { alpha: false });
    if (!pen) throw new Error(t("This browser cannot draw the highway."));
    this.pen = pen;
    this.section = h("p.stage-section");
    this.lyrics = h("p.stage-lyrics");
    const play = { type: "button", "aria-label": t("Play the song with its notes"), onclick: () => player.toggle() };
    this.play = h("button.stage-play", play, icon("play"));
    stage.replaceChildren(this.canvas, this.section, this.lyrics, this.play);
    this.player = player;
    this.chart = NO_CHART;
    this.colours = gemColours("five-fret", 5);
    this.longest = 0; // seconds of the longest note
    this.speed = 1; // of the notes; 2 comes twice as fast
    this.lefty = false;
    this.size = { width: 0, height: 0, horizon: 0, strike: 0, half: 0 };
    this.empty = h("canvas"); // the board without notes, which takes longest to draw and is copied to each frame
    this.drawn = ""; // what it depends on
    this.requested = 0; // the animation frame
    player.onChange(() => {
      this.play.hidden = player.playing;
      this.redraw();
    });
    new ResizeObserver(() => this.redraw()).observe(stage);
  }

  /**
   * Shows another chart.
   * @param {Api.HighwayChart} chart
   */
  show(chart) {
    this.chart = chart;
    this.colours = gemColours(chart.family, chart.lanes);
    this.longest = chart.notes.reduce((longest, [, duration]) => Math.max(longest, duration), 0);
    this.redraw();
  }

  redraw() {
    this.requested ||= requestAnimationFrame(() => {
      this.requested = 0;
      this.#draw();
    });
  }

  /** Seconds of the song between strike line and horizon. */
  get ahead() {
    return REACH / this.speed;
  }

  /**
   * Where a point of the board is on the canvas.
   * @param {number} across From -1, the left edge, to 1.
   * @param {number} ahead Seconds from the strike line.
   * @returns {Point}
   */
  point(across, ahead) {
    const { width, horizon, strike, half } = this.size;
    const scale = 1 / (1 + (Math.max(ahead, BEHIND / this.speed) / this.ahead) * DEPTH);
    return { x: width / 2 + across * half * scale, y: horizon + (strike - horizon) * scale, scale };
  }

  /**
   * The middle of a lane, from -1 to 1. The black frets of six are above the white ones.
   * @param {number} lane
   */
  across(lane) {
    const across = (((lane % this.chart.lanes) + 0.5) / this.chart.lanes) * 2 - 1;
    return this.lefty ? -across : across;
  }

  /**
   * Fills the quadrilateral of the board between two times.
   * @param {number} left
   * @param {number} right
   * @param {number} from
   * @param {number} to
   * @param {string | CanvasGradient} colour
   */
  fill(left, right, from, to, colour) {
    this.#path([this.point(left, from), this.point(left, to), this.point(right, to), this.point(right, from)]);
    this.pen.fillStyle = colour;
    this.pen.fill();
  }

  /** @param {Point[]} points */
  #path(points) {
    this.pen.beginPath();
    for (const { x, y } of points) this.pen.lineTo(x, y); // the first one only moves the pen
  }

  #draw() {
    this.#measure();
    const now = this.player.position - this.chart.offset;
    this.pen.save();
    this.pen.resetTransform();
    if (this.empty.width && this.empty.height) this.pen.drawImage(this.empty, 0, 0); // not while its page is left
    this.pen.restore();
    for (const span of this.chart.solos) this.#drawSpan(span, now, "#3d8bfd2e");
    for (const span of this.chart.rolls) this.#drawSpan(span, now, "#b06bff30");
    this.#drawBeats(now);
    this.#drawNotes(now);
    setText(this.section, this.chart.sections.findLast(([time]) => time <= now)?.[1] ?? "");
    this.#showLyrics(now);
    if (this.player.playing) this.redraw();
  }

  /** Takes over the size of the canvas, and draws the board that goes with it. */
  #measure() {
    const ratio = Math.min(devicePixelRatio, 2);
    const { clientWidth: width, clientHeight: height } = this.canvas;
    const [wide, high] = [Math.round(width * ratio), Math.round(height * ratio)];
    const drawn = `${wide} ${high} ${ratio} ${this.chart.lanes} ${this.speed}`;
    if (drawn === this.drawn) return;
    this.drawn = drawn;
    for (const canvas of [this.canvas, this.empty]) [canvas.width, canvas.height] = [wide, high];
    this.pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    const half = Math.min(width * 0.4, height * 0.54);
    this.size = { width, height, horizon: height * 0.03, strike: height * 0.86, half };
    this.#drawBoard();
    if (wide && high) this.empty.getContext("2d", { alpha: false })?.drawImage(this.canvas, 0, 0);
  }

  /**
   * A colour that fades out at the far end of the board.
   * @param {string} far
   * @param {string} near
   */
  #fading(far, near) {
    const top = this.point(0, this.ahead).y;
    const colour = this.pen.createLinearGradient(0, top, 0, this.size.height);
    colour.addColorStop(0, `${far}00`);
    colour.addColorStop(0.22, far);
    colour.addColorStop(1, near);
    return colour;
  }

  #drawBoard() {
    const { pen, ahead } = this;
    const { width, height } = this.size;
    const sky = pen.createRadialGradient(width / 2, 0, 10, width / 2, 0, height * 0.8);
    sky.addColorStop(0, "#3a2c12");
    sky.addColorStop(1, "#06070b");
    pen.fillStyle = sky;
    pen.fillRect(0, 0, width, height);
    const [edge, line] = [this.#fading("#ffb52e", "#ffb52e"), this.#fading("#3b3e48", "#4a4e5a")];
    this.fill(-1, 1, ahead, BEHIND, this.#fading("#12141b", "#1d2029"));
    for (let at = 0; at <= this.chart.lanes; at += 1) {
      const across = (at / this.chart.lanes) * 2 - 1;
      const outer = at === 0 || at === this.chart.lanes;
      this.#path([this.point(across, ahead), this.point(across, BEHIND)]);
      pen.lineWidth = outer ? 4 : 1;
      pen.strokeStyle = outer ? edge : line;
      pen.stroke();
    }
  }

  /**
   * Tints the board for the time of a solo or roll.
   * @param {[number, number]} span
   * @param {number} now
   * @param {string} colour
   */
  #drawSpan([from, to], now, colour) {
    if (to < now + BEHIND || from > now + this.ahead) return;
    this.fill(-1, 1, Math.max(from - now, BEHIND), Math.min(to - now, this.ahead), colour);
  }

  /** @param {number} now Seconds of the chart. */
  #drawBeats(now) {
    const { pen } = this;
    const { beats } = this.chart;
    for (let at = firstFrom(beats, now + BEHIND); at < beats.length && beats[at][0] < now + this.ahead; at += 1) {
      const [time, downbeat] = beats[at];
      const left = this.point(-1, time - now);
      this.#path([left, this.point(1, time - now)]);
      pen.lineWidth = (downbeat ? 3 : 1.2) * left.scale;
      pen.strokeStyle = downbeat ? "#ffffff55" : "#ffffff26";
      pen.stroke();
    }
  }

  /** @param {number} now Seconds of the chart. */
  #drawNotes(now) {
    const { notes } = this.chart;
    /** @type {Note[]} */
    const shown = [];
    const until = now + this.ahead;
    for (let at = firstFrom(notes, now - this.longest - 0.25); at < notes.length && notes[at][0] < until; at += 1)
      if (notes[at][0] + notes[at][1] > now - 0.2) shown.push(notes[at]);
    for (const note of shown) if (note[1] > 0) drawSustain(this, note, now, this.#hasStarPower(note[0]));
    for (let lane = 0; lane < this.chart.lanes; lane += 1)
      drawTarget(this, lane, isHit(shown, lane, now, this.chart.lanes));
    for (let at = shown.length - 1; at >= 0; at -= 1) {
      const note = shown[at];
      if (note[0] <= now - 0.005) continue;
      this.pen.globalAlpha = Math.max(0, Math.min(1, (until - note[0]) / 0.35));
      if (note[2] < 0) drawBar(this, note, now, this.#hasStarPower(note[0]));
      else drawGem(this, note, now, this.#hasStarPower(note[0]), hasBarre(shown, at, this.chart));
    }
    this.pen.globalAlpha = 1;
  }

  /**
   * Whether a note at `time` has star power.
   * @param {number} time
   */
  #hasStarPower(time) {
    const phrases = this.chart.star_power;
    const next = firstFrom(phrases, time + 1e-6);
    return next > 0 && time < phrases[next - 1][1] - 1e-6;
  }

  /** @param {number} now Seconds of the chart. */
  #showLyrics(now) {
    const line = this.chart.lyrics.findLast(([[time]]) => time <= now + 0.6);
    const end = line ? line[line.length - 1][0] + 2 : 0;
    if (!line || now > end) {
      setText(this.lyrics, "");
      return;
    }
    const sung = line.filter(([time]) => time <= now).length;
    const key = `${line[0][0]}/${sung}`;
    if (this.lyrics.dataset.key === key) return;
    this.lyrics.dataset.key = key;
    const words = line.map(([, text]) => shownSyllable(text));
    this.lyrics.replaceChildren(h("b", {}, words.slice(0, sung).join("")), words.slice(sung).join(""));
  }
}

/**
 * A syllable as games show it: `-` and `=` at its end join it to the next one, `=` is shown as a hyphen, `_` and `§` as
 * a space, and signs for singers are not shown.
 * @param {string} text
 */
const shownSyllable = (text) =>
  (/[-=]$/.test(text) ? text : `${text} `)
    .replace(/[-#^+*%$/]/g, "")
    .replace(/=/g, "-")
    .replace(/[_§]/g, " ");

/**
 * When something is played: the times of the notes, chords once.
 * @param {Api.HighwayChart} chart
 */
export const chordTimes = ({ notes }) =>
  notes.map(([time]) => time).filter((time, at, times) => time !== times[at - 1]);

/**
 * Sets a text where it differs, so that nothing is laid out again.
 * @param {HTMLElement} element
 * @param {string} text
 */
function setText(element, text) {
  if (element.textContent === text) return;
  element.textContent = text;
  delete element.dataset.key;
}

/**
 * Whether a note of the lane sounds now.
 * @param {Note[]} notes
 * @param {number} lane
 * @param {number} now
 * @param {number} lanes
 */
const isHit = (notes, lane, now, lanes) =>
  notes.some(
    ([time, duration, each]) =>
      each >= 0 && each % lanes === lane && time <= now && now < time + Math.max(duration, 0.09),
  );

/**
 * Whether black and white of one place of six frets are played together.
 * @param {Note[]} notes
 * @param {number} at
 * @param {Api.HighwayChart} chart
 */
function hasBarre(notes, at, { family, lanes }) {
  if (family !== "six-fret") return false;
  const [time, , lane] = notes[at];
  return notes.some(([other, , each]) => other === time && Math.abs(each - lane) === lanes);
}

/**
 * The index of the first row at or after `time`, by binary search.
 * @param {[number, ...unknown[]][]} rows Sorted by their first value, a time.
 * @param {number} time
 */
export function firstFrom(rows, time) {
  let [low, high] = [0, rows.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (rows[middle][0] < time) low = middle + 1;
    else high = middle;
  }
  return low;
}
