// What lies on the highway: gems, sustains, bars for open notes and kicks, and the targets of the strike line.
import { ellipse, triangle } from "./canvas_shapes.js";

const [HOPO, TAP, CYMBAL, DOUBLE, GHOST, ACCENT] = [1, 2, 4, 8, 16, 32]; // flags of a note

/** @param {string} name A colour of tokens.css. */
const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--fret-${name}`).trim();
const [GREEN, RED, YELLOW, BLUE, ORANGE] = ["green", "red", "yellow", "blue", "orange"].map(token);
const [WHITE, BLACK] = ["#eef0f4", "#3c404d"];
const STAR = "#5fe3f5";
const OPEN = "#b06bff";

/** @typedef {import("./highway.js").Highway} Highway */
/** @typedef {import("./highway.js").Note} Note */

/**
 * The colours of the lanes.
 * @param {string} family
 * @param {number} lanes
 */
export function gemColours(family, lanes) {
  if (family === "six-fret") return [WHITE, WHITE, WHITE, BLACK, BLACK, BLACK];
  if (family === "drums") return lanes === 5 ? [RED, YELLOW, BLUE, ORANGE, GREEN] : [RED, YELLOW, BLUE, GREEN];
  return [GREEN, RED, YELLOW, BLUE, ORANGE];
}

/**
 * @param {Highway} highway
 * @param {number} share Of a lane's width.
 */
const radiusOf = ({ size, chart }, share = 1) => (size.half / chart.lanes) * (chart.lanes > 3 ? 0.8 : 0.56) * share;

/**
 * @param {Highway} highway
 * @param {Note} note
 * @param {number} now
 * @param {boolean} star
 */
export function drawSustain(highway, [time, duration, lane], now, star) {
  const from = Math.max(time, now) - now;
  const to = Math.min(time + duration - now, highway.ahead);
  if (to <= from) return;
  const across = lane < 0 ? 0 : highway.across(lane);
  const wide = lane < 0 ? 0.8 : 0.055;
  highway.pen.globalAlpha = time <= now ? 1 : 0.75;
  const colour = star ? STAR : lane < 0 ? `${OPEN}99` : highway.colours[lane];
  highway.fill(across - wide, across + wide, from, to, colour);
  highway.pen.globalAlpha = 1;
}

/**
 * The target of a lane on the strike line, which flares while a note is hit.
 * @param {Highway} highway
 * @param {number} lane
 * @param {boolean} hit
 */
export function drawTarget(highway, lane, hit) {
  const { pen } = highway;
  const { x, y } = highway.point(highway.across(lane), 0);
  const radius = radiusOf(highway, 0.97);
  const colour = highway.colours[lane];
  ellipse(pen, x, y, radius, radius * 0.42, "#0a0b0f", colour, 4);
  ellipse(pen, x, y - 2, radius * 0.62, radius * 0.25, hit ? "#fff" : `${colour}44`);
  if (!hit) return;
  const flare = pen.createRadialGradient(x, y, 2, x, y, radius * 1.7);
  flare.addColorStop(0, `${colour}cc`);
  flare.addColorStop(1, `${colour}00`);
  pen.fillStyle = flare;
  pen.fillRect(x - radius * 2, y - radius * 2, radius * 4, radius * 4);
}

/**
 * @param {Highway} highway
 * @param {Note} note
 * @param {number} now
 * @param {boolean} star
 * @param {boolean} barre Whether both frets of the place are played: then black lies on top of white.
 */
export function drawGem(highway, [time, , lane, flags], now, star, barre) {
  const { pen } = highway;
  const { x, y, scale } = highway.point(highway.across(lane), time - now);
  const share = (barre && lane >= highway.chart.lanes ? 0.6 : 1) * (flags & GHOST ? 0.66 : flags & ACCENT ? 1.16 : 1);
  const radius = radiusOf(highway, share) * scale;
  const colour = star ? STAR : highway.colours[lane];
  ellipse(pen, x, y + radius * 0.16, radius, radius * 0.46, "#0009");
  if (flags & CYMBAL) triangle(pen, x, y, radius, colour);
  else ellipse(pen, x, y, radius, radius * 0.46, colour, flags & TAP ? "#15171d" : "#fff", Math.max(1, 3.2 * scale));
  if (flags & GHOST) {
    ellipse(pen, x, y - radius * 0.1, radius * 0.6, radius * 0.26, "#0c0d11");
    return;
  }
  if (flags & ACCENT) ellipse(pen, x, y, radius * 1.2, radius * 0.58, "#0000", "#fff", Math.max(1, 2.4 * scale));
  const [wide, high] = flags & HOPO ? [0.62, 0.26] : [0.34, 0.14];
  ellipse(pen, x, y - radius * 0.14, radius * wide, radius * high, flags & TAP ? "#0c0d11" : "#fff");
  if (star) ellipse(pen, x, y - radius * 0.14, radius * 0.2, radius * 0.08, highway.colours[lane]);
}

/**
 * An open note or a kick: a bar over all lanes. A double kick is broken in the middle.
 * @param {Highway} highway
 * @param {Note} note
 * @param {number} now
 * @param {boolean} star
 */
export function drawBar(highway, [time, , , flags], now, star) {
  const { pen } = highway;
  const [left, right] = [highway.point(-0.97, time - now), highway.point(0.97, time - now)];
  const drums = highway.chart.family === "drums";
  pen.lineCap = "round";
  pen.lineWidth = 12 * left.scale;
  pen.strokeStyle = star ? STAR : drums ? ORANGE : OPEN;
  pen.setLineDash(flags & DOUBLE ? [(right.x - left.x) / 14, (right.x - left.x) / 11] : []);
  pen.beginPath();
  pen.moveTo(left.x, left.y);
  pen.lineTo(right.x, right.y);
  pen.stroke();
  pen.setLineDash([]);
  if (!drums && flags & (HOPO | TAP)) {
    pen.lineWidth = 4 * left.scale;
    pen.strokeStyle = flags & TAP ? "#0c0d11" : "#fff";
    pen.stroke();
  }
  pen.lineCap = "butt";
}
