// The highway: lanes in perspective, notes that arrive at the strike line as they sound.
import { h, icon } from "./dom.js";

const AHEAD = 2.4; // seconds of the song between strike line and horizon
const DEPTH = 7; // how strongly what is far shrinks
const FRETS = ["#35c26b", "#f2484f", "#f6cd3b", "#3d8bfd", "#ff8b2b"];
const [WHITE, BLACK] = ["#eef0f4", "#3c404d"];
const SIX_FRETS = [WHITE, WHITE, WHITE, BLACK, BLACK, BLACK]; // black frets lie above the white ones: three lanes
const DRUMS = ["#f2484f", "#f6cd3b", "#3d8bfd", "#35c26b"];
const STAR = "#5fe3f5";
const OPEN = "#b06bff";
const KICK = "#ff8b2b";
export const [HOPO, TAP, CYMBAL] = [1, 2, 4];

export class Highway {
  /** `player` gives the time, `stage` holds the canvas. */
  constructor(stage, player) {
    this.canvas = h("canvas", {
      role: "img",
      "aria-label": "The notes of the chart, scrolling towards you in time with the song",
    });
    this.section = h("p.stage-section");
    this.play = h(
      "button.stage-play",
      { type: "button", "aria-label": "Play the song with its notes", onclick: () => player.toggle() },
      icon("play"),
    );
    stage.replaceChildren(this.canvas, this.section, this.play);
    this.player = player;
    this.pen = this.canvas.getContext("2d");
    this.chart = null;
    player.onChange(() => {
      this.play.hidden = player.playing;
      this.#wake();
    });
    new ResizeObserver(() => this.#wake()).observe(stage);
  }

  /** Show another chart: the answer of /api/songs/{id}/notes. */
  show(chart) {
    this.chart = chart;
    this.lanes = { drums: DRUMS, "six-fret": SIX_FRETS }[chart.family] ?? FRETS;
    this.count = chart.family === "six-fret" ? 3 : this.lanes.length;
    this.longest = Math.max(0, ...chart.notes.map((note) => note[1]));
    this.#wake();
  }

  #wake() {
    if (!this.asked)
      this.asked = requestAnimationFrame(() => {
        this.asked = null;
        this.#frame();
      });
  }

  #frame() {
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
    const now = this.player.position - (this.chart?.offset ?? 0);
    this.#board();
    if (this.chart) {
      this.#beats(now);
      this.#notes(now);
      this.section.textContent = this.chart.sections.findLast(([at]) => at <= now)?.[1] ?? "";
    }
    if (this.player.playing) this.#wake();
  }

  /** Where a point is drawn: `across` from -1 to 1, `ahead` in seconds. */
  #point(across, ahead) {
    const { width, horizon, strike, half } = this.size;
    const scale = 1 / (1 + (Math.max(ahead, -0.22) / AHEAD) * DEPTH);
    return { x: width / 2 + across * half * scale, y: horizon + (strike - horizon) * scale, scale };
  }

  #across(lane) {
    return (((lane % this.count) + 0.5) / this.count) * 2 - 1;
  }

  #path(points) {
    this.pen.beginPath();
    for (const { x, y } of points) this.pen.lineTo(x, y); // the first one only moves the pen
  }

  #board() {
    const { pen } = this;
    const lanes = this.count ?? FRETS.length;
    const glow = pen.createRadialGradient(
      this.size.width / 2,
      this.size.horizon,
      10,
      this.size.width / 2,
      this.size.horizon,
      this.size.height * 0.8,
    );
    glow.addColorStop(0, "#3a2c12");
    glow.addColorStop(1, "#06070b");
    pen.fillStyle = glow;
    pen.fillRect(0, 0, this.size.width, this.size.height);
    this.#path([this.#point(-1, AHEAD), this.#point(1, AHEAD), this.#point(1, -0.22), this.#point(-1, -0.22)]);
    pen.fillStyle = this.#fading("#12141b", "#1d2029");
    pen.fill();
    const [edge, line] = [this.#fading("#ffb52e", "#ffb52e"), this.#fading("#3b3e48", "#4a4e5a")];
    for (let at = 0; at <= lanes; at += 1) {
      const across = (at / lanes) * 2 - 1;
      const outer = at === 0 || at === lanes;
      this.#path([this.#point(across, AHEAD), this.#point(across, -0.22)]);
      pen.lineWidth = outer ? 4 : 1;
      pen.strokeStyle = outer ? edge : line;
      pen.stroke();
    }
  }

  /** A colour that is not there yet at the far end of the board. */
  #fading(far, near) {
    const top = this.#point(0, AHEAD).y;
    const colour = this.pen.createLinearGradient(0, top, 0, this.size.height);
    colour.addColorStop(0, `${far}00`);
    colour.addColorStop(0.22, far);
    colour.addColorStop(1, near);
    return colour;
  }

  #beats(now) {
    const { pen } = this;
    const { beats } = this.chart;
    for (let at = lowest(beats, now - 0.22); at < beats.length && beats[at][0] < now + AHEAD; at += 1) {
      const [time, strong] = beats[at];
      const left = this.#point(-1, time - now);
      this.#path([left, this.#point(1, time - now)]);
      pen.lineWidth = (strong ? 3 : 1.2) * left.scale;
      pen.strokeStyle = strong ? "#ffffff55" : "#ffffff26";
      pen.stroke();
    }
  }

  #notes(now) {
    const { notes } = this.chart;
    const shown = [];
    for (let at = lowest(notes, now - this.longest - 0.25); at < notes.length && notes[at][0] < now + AHEAD; at += 1)
      if (notes[at][0] + notes[at][1] > now - 0.2) shown.push(notes[at]);
    for (const note of shown) this.#sustain(note, now);
    this.#strike(now, shown);
    for (const note of shown.reverse()) if (note[0] > now - 0.02) this.#gem(note, now);
  }

  #star(time) {
    return this.chart.star_power.some(([from, to]) => time >= from - 1e-6 && time < to - 1e-6);
  }

  #sustain([time, length, lanes], now) {
    if (length <= 0) return;
    const from = Math.max(time, now) - now;
    const to = Math.min(time + length - now, AHEAD);
    for (const lane of lanes) {
      const across = lane < 0 ? 0 : this.#across(lane);
      const wide = lane < 0 ? 0.8 : 0.055;
      this.#path([
        this.#point(across - wide, from),
        this.#point(across - wide, to),
        this.#point(across + wide, to),
        this.#point(across + wide, from),
      ]);
      this.pen.fillStyle = this.#star(time) ? STAR : lane < 0 ? `${OPEN}99` : this.lanes[lane];
      this.pen.globalAlpha = time <= now ? 1 : 0.75;
      this.pen.fill();
      this.pen.globalAlpha = 1;
    }
  }

  #strike(now, shown) {
    const { pen } = this;
    this.lanes.slice(0, this.count).forEach((colour, lane) => {
      const hit = shown.some(
        ([time, length, lanes]) =>
          lanes.some((each) => each >= 0 && each % this.count === lane) &&
          time <= now &&
          now < time + Math.max(length, 0.09),
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

  #gem([time, , lanes, flags], now) {
    const { pen } = this;
    const star = this.#star(time);
    const far = Math.min(1, (AHEAD - (time - now)) / 0.35);
    pen.globalAlpha = Math.max(0, far);
    for (const lane of lanes) {
      if (lane < 0) {
        this.#bar(time - now, star ? STAR : this.chart.family === "drums" ? KICK : OPEN);
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

  #bar(ahead, colour) {
    const left = this.#point(-0.97, ahead);
    this.#path([left, this.#point(0.97, ahead)]);
    this.pen.lineCap = "round";
    this.pen.lineWidth = 12 * left.scale;
    this.pen.strokeStyle = colour;
    this.pen.stroke();
    this.pen.lineCap = "butt";
  }
}

function ellipse(pen, x, y, across, up, fill, stroke, width) {
  pen.beginPath();
  pen.ellipse(x, y, across, up, 0, 0, 2 * Math.PI);
  pen.fillStyle = fill;
  pen.fill();
  if (!stroke) return;
  pen.strokeStyle = stroke;
  pen.lineWidth = width;
  pen.stroke();
}

function triangle(pen, x, y, radius, colour) {
  pen.beginPath();
  pen.moveTo(x, y - radius * 0.7);
  pen.lineTo(x + radius, y + radius * 0.35);
  pen.lineTo(x - radius, y + radius * 0.35);
  pen.closePath();
  pen.fillStyle = colour;
  pen.fill();
  pen.strokeStyle = "#fff";
  pen.lineWidth = 2;
  pen.stroke();
}

/** The first row of `rows` at or after `time`; rows begin with their time. */
function lowest(rows, time) {
  let [low, high] = [0, rows.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (rows[middle][0] < time) low = middle + 1;
    else high = middle;
  }
  return low;
}
