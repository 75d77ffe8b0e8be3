// The highway: lanes in perspective, and notes that reach the strike line when they sound.
import { ellipse, triangle } from "./canvas_shapes.js";
import { h, icon } from "./dom.js";

const AHEAD = 2.4; // seconds of the song between strike line and horizon
const BEHIND = -0.22; // seconds of the song below the strike line
const DEPTH = 7; // how strongly distance shrinks
const [HOPO, TAP, CYMBAL] = [1, 2, 4]; // flags of a note

/** @param {string} name A colour of tokens.css. */
const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
const [GREEN, RED, YELLOW, BLUE, ORANGE] = ["green", "red", "yellow", "blue", "orange"].map((name) =>
  token(`fret-${name}`),
);
const FRETS = [GREEN, RED, YELLOW, BLUE, ORANGE];
const DRUMS = [RED, YELLOW, BLUE, GREEN];
const KICK = ORANGE;
const [WHITE, BLACK] = ["#eef0f4", "#3c404d"];
const SIX_FRETS = [WHITE, WHITE, WHITE, BLACK, BLACK, BLACK]; // black frets are above the white ones: three lanes
const STAR = "#5fe3f5";
const OPEN = "#b06bff";

/** @typedef {Api.HighwayChart["notes"][number]} Note Time and duration in seconds, lanes, flags. */
/** @typedef {{x: number, y: number, scale: number}} Point */

/** @type {Api.HighwayChart} */
const NO_CHART = {
  instrument: "",
  difficulty: "",
  family: "",
  tracks: [],
  offset: 0,
  length: 0,
  notes: [],
  star_power: [],
  sections: [],
  beats: [],
};

export class Highway {
  /**
   * @param {HTMLElement} stage The element that holds the canvas.
   * @param {import("./player.js").Player} player The source of the time.
   */
  constructor(stage, player) {
    this.canvas = h("canvas", {
      role: "img",
      "aria-label": "The notes of the chart, scrolling towards you in time with the song",
    });
    const pen = this.canvas.getContext("2d");
    if (!pen) throw new Error("This browser cannot draw the highway.");
    this.pen = pen;
    this.section = h("p.stage-section");
    this.play = h(
      "button.stage-play",
      { type: "button", "aria-label": "Play the song with its notes", onclick: () => player.toggle() },
      icon("play"),
    );
    stage.replaceChildren(this.canvas, this.section, this.play);
    this.player = player;
    this.chart = NO_CHART;
    this.lanes = FRETS; // their colours
    this.count = FRETS.length; // lanes side by side
    this.longest = 0; // seconds of the longest note
    this.size = { width: 0, height: 0, horizon: 0, strike: 0, half: 0 };
    this.requested = 0; // the animation frame
    player.onChange(() => {
      this.play.hidden = player.playing;
      this.#requestFrame();
    });
    new ResizeObserver(() => this.#requestFrame()).observe(stage);
  }

  /**
   * Shows another chart.
   * @param {Api.HighwayChart} chart
   */
  show(chart) {
    this.chart = chart;
    this.lanes = chart.family === "drums" ? DRUMS : chart.family === "six-fret" ? SIX_FRETS : FRETS;
    this.count = chart.family === "six-fret" ? 3 : this.lanes.length;
    this.longest = chart.notes.reduce((longest, [, duration]) => Math.max(longest, duration), 0);
    this.#requestFrame();
  }

  #requestFrame() {
    this.requested ||= requestAnimationFrame(() => {
      this.requested = 0;
      this.#draw();
    });
  }

  #draw() {
    const ratio = Math.min(devicePixelRatio, 2);
    const { clientWidth: width, clientHeight: height } = this.canvas;
    if (this.canvas.width !== Math.round(width * ratio)) this.canvas.width = Math.round(width * ratio);
    if (this.canvas.height !== Math.round(height * ratio)) this.canvas.height = Math.round(height * ratio);
    this.pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    this.size = {
      width,
      height,
      horizon: height * 0.03,
      strike: height * 0.86,
      half: Math.min(width * 0.4, height * 0.54),
    };
    this.pen.clearRect(0, 0, width, height);
    const now = this.player.position - this.chart.offset;
    this.#drawBoard();
    this.#drawBeats(now);
    this.#drawNotes(now);
    this.section.textContent = this.chart.sections.findLast(([time]) => time <= now)?.[1] ?? "";
    if (this.player.playing) this.#requestFrame();
  }

  /**
   * Where a point of the board is on the canvas.
   * @param {number} across From -1, the left edge, to 1.
   * @param {number} ahead Seconds from the strike line.
   * @returns {Point}
   */
  #point(across, ahead) {
    const { width, horizon, strike, half } = this.size;
    const scale = 1 / (1 + (Math.max(ahead, BEHIND) / AHEAD) * DEPTH);
    return { x: width / 2 + across * half * scale, y: horizon + (strike - horizon) * scale, scale };
  }

  /**
   * The middle of a lane, from -1 to 1.
   * @param {number} lane
   */
  #across(lane) {
    return (((lane % this.count) + 0.5) / this.count) * 2 - 1;
  }

  /** @param {Point[]} points */
  #path(points) {
    this.pen.beginPath();
    for (const { x, y } of points) this.pen.lineTo(x, y); // the first one only moves the pen
  }

  #drawBoard() {
    const { pen } = this;
    const { width, height, horizon } = this.size;
    const glow = pen.createRadialGradient(width / 2, horizon, 10, width / 2, horizon, height * 0.8);
    glow.addColorStop(0, "#3a2c12");
    glow.addColorStop(1, "#06070b");
    pen.fillStyle = glow;
    pen.fillRect(0, 0, width, height);
    this.#path([this.#point(-1, AHEAD), this.#point(1, AHEAD), this.#point(1, BEHIND), this.#point(-1, BEHIND)]);
    pen.fillStyle = this.#fading("#12141b", "#1d2029");
    pen.fill();
    const [edge, line] = [this.#fading("#ffb52e", "#ffb52e"), this.#fading("#3b3e48", "#4a4e5a")];
    for (let at = 0; at <= this.count; at += 1) {
      const across = (at / this.count) * 2 - 1;
      const outer = at === 0 || at === this.count;
      this.#path([this.#point(across, AHEAD), this.#point(across, BEHIND)]);
      pen.lineWidth = outer ? 4 : 1;
      pen.strokeStyle = outer ? edge : line;
      pen.stroke();
    }
  }

  /**
   * A colour that fades out at the far end of the board.
   * @param {string} far
   * @param {string} near
   */
  #fading(far, near) {
    const top = this.#point(0, AHEAD).y;
    const colour = this.pen.createLinearGradient(0, top, 0, this.size.height);
    colour.addColorStop(0, `${far}00`);
    colour.addColorStop(0.22, far);
    colour.addColorStop(1, near);
    return colour;
  }

  /** @param {number} now Seconds of the chart. */
  #drawBeats(now) {
    const { pen } = this;
    const { beats } = this.chart;
    for (let at = firstFrom(beats, now + BEHIND); at < beats.length && beats[at][0] < now + AHEAD; at += 1) {
      const [time, downbeat] = beats[at];
      const left = this.#point(-1, time - now);
      this.#path([left, this.#point(1, time - now)]);
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
    for (let at = firstFrom(notes, now - this.longest - 0.25); at < notes.length && notes[at][0] < now + AHEAD; at += 1)
      if (notes[at][0] + notes[at][1] > now - 0.2) shown.push(notes[at]);
    for (const note of shown) this.#drawSustain(note, now);
    this.#drawStrikeLine(now, shown);
    for (const note of shown.reverse()) if (note[0] > now - 0.02) this.#drawGem(note, now);
  }

  /**
   * Whether a note at `time` has star power.
   * @param {number} time
   */
  #hasStarPower(time) {
    return this.chart.star_power.some(([from, to]) => time >= from - 1e-6 && time < to - 1e-6);
  }

  /**
   * @param {Note} note
   * @param {number} now
   */
  #drawSustain([time, duration, lanes], now) {
    if (duration <= 0) return;
    const from = Math.max(time, now) - now;
    const to = Math.min(time + duration - now, AHEAD);
    for (const lane of lanes) {
      const across = lane < 0 ? 0 : this.#across(lane);
      const wide = lane < 0 ? 0.8 : 0.055;
      this.#path([
        this.#point(across - wide, from),
        this.#point(across - wide, to),
        this.#point(across + wide, to),
        this.#point(across + wide, from),
      ]);
      this.pen.fillStyle = this.#hasStarPower(time) ? STAR : lane < 0 ? `${OPEN}99` : this.lanes[lane];
      this.pen.globalAlpha = time <= now ? 1 : 0.75;
      this.pen.fill();
      this.pen.globalAlpha = 1;
    }
  }

  /**
   * @param {number} now
   * @param {Note[]} notes
   */
  #drawStrikeLine(now, notes) {
    const { pen } = this;
    this.lanes.slice(0, this.count).forEach((colour, lane) => {
      const hit = notes.some(
        ([time, duration, lanes]) =>
          lanes.some((each) => each >= 0 && each % this.count === lane) &&
          time <= now &&
          now < time + Math.max(duration, 0.09),
      );
      const { x, y } = this.#point(this.#across(lane), 0);
      const radius = (this.size.half / this.count) * (this.count > 3 ? 0.78 : 0.55);
      ellipse(pen, x, y, radius, radius * 0.42, "#0a0b0f", colour, 4);
      ellipse(pen, x, y - 2, radius * 0.62, radius * 0.25, hit ? "#fff" : `${colour}44`);
      if (hit) {
        const flare = pen.createRadialGradient(x, y, 2, x, y, radius * 1.7);
        flare.addColorStop(0, `${colour}cc`);
        flare.addColorStop(1, `${colour}00`);
        pen.fillStyle = flare;
        pen.fillRect(x - radius * 2, y - radius * 2, radius * 4, radius * 4);
      }
    });
  }

  /**
   * @param {Note} note
   * @param {number} now
   */
  #drawGem([time, , lanes, flags], now) {
    const { pen } = this;
    const star = this.#hasStarPower(time);
    const far = Math.min(1, (AHEAD - (time - now)) / 0.35);
    pen.globalAlpha = Math.max(0, far);
    for (const lane of lanes) {
      if (lane < 0) {
        this.#drawBar(time - now, star ? STAR : this.chart.family === "drums" ? KICK : OPEN);
        continue;
      }
      const { x, y, scale } = this.#point(this.#across(lane), time - now);
      const both = lane > 2 && this.count === 3 && lanes.includes(lane - 3); // a barre: black on top of white
      const radius = (this.size.half / this.count) * (this.count > 3 ? 0.8 : 0.56) * (both ? 0.6 : 1) * scale;
      const colour = star ? STAR : this.lanes[lane];
      ellipse(pen, x, y + radius * 0.16, radius, radius * 0.46, "#0009");
      if (flags & CYMBAL) triangle(pen, x, y, radius, colour);
      else
        ellipse(pen, x, y, radius, radius * 0.46, colour, flags & TAP ? "#15171d" : "#fff", Math.max(1, 3.2 * scale));
      ellipse(
        pen,
        x,
        y - radius * 0.14,
        radius * (flags & HOPO ? 0.62 : 0.34),
        radius * (flags & HOPO ? 0.26 : 0.14),
        flags & TAP ? "#0c0d11" : "#fff",
      );
      if (star) ellipse(pen, x, y - radius * 0.14, radius * 0.2, radius * 0.08, this.lanes[lane]);
    }
    pen.globalAlpha = 1;
  }

  /**
   * An open note or a kick: a bar over all lanes.
   * @param {number} ahead
   * @param {string} colour
   */
  #drawBar(ahead, colour) {
    const left = this.#point(-0.97, ahead);
    this.#path([left, this.#point(0.97, ahead)]);
    this.pen.lineCap = "round";
    this.pen.lineWidth = 12 * left.scale;
    this.pen.strokeStyle = colour;
    this.pen.stroke();
    this.pen.lineCap = "butt";
  }
}

/**
 * The index of the first row at or after `time`, by binary search.
 * @param {[number, ...unknown[]][]} rows Sorted by their first value, a time.
 * @param {number} time
 */
function firstFrom(rows, time) {
  let [low, high] = [0, rows.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (rows[middle][0] < time) low = middle + 1;
    else high = middle;
  }
  return low;
}
