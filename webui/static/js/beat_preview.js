// The beats of a chart as they would be after a correction, so that it can be seen and heard before it is made.

/** @typedef {[number, boolean]} Beat Its time in seconds, and whether a bar begins with it. */

/** How many beats there are for each one that was found. @type {Record<string, number>} */
const RATES = { "": 1, x2: 2, "/2": 1 / 2, x3: 3, "/3": 1 / 3 };
const LARGEST = 4; // of the whole numbers in the ratio of a tapped tempo to the one that was found
const TAPPED = 0.05; // share by which a tapped tempo may be off; else the beat is tracked again near it

/**
 * The beats of a chart that was made with the options `kept`, if it were made with the correction `now`. They are exact
 * unless one of both tempos has to be tracked again. Beats before the recording are left out.
 * @param {Beat[]} beats
 * @param {Api.KeptOptions} kept
 * @param {Api.CorrectionShape} now
 * @returns {Beat[]}
 */
export function correctedBeats(beats, kept, now) {
  const { correction: was, lead_in: from } = kept;
  const times = beats.map(([time]) => time);
  const found = kept.found ?? guess(beats, kept);
  if (!found) return [];
  const zero = indexAt(times, found.downbeat + was.offset + from, (60 / found.bpm) * found.beats_per_bar);
  const isSame = now.tempo === was.tempo && now.bpm === was.bpm;
  const rate = isSame ? 1 : rateOf(found.bpm, now) / rateOf(found.bpm, was);
  const perBar = now.beats_per_bar || found.beats_per_bar;
  /** @type {Beat[]} */
  const corrected = [];
  for (let beat = Math.ceil(-zero * rate); beat / rate + zero <= times.length - 1; beat += 1) {
    const time = between(times, zero + beat / rate) + now.offset - was.offset;
    if (time >= from - 0.1) corrected.push([time, modulo(beat - now.bar_shift, perBar) === 0]);
  }
  return corrected;
}

/**
 * The tempo in the middle of a chart, in beats a minute; 0 where it has hardly any.
 * @param {number[]} times Of the beats.
 */
export function tempoOf(times) {
  const lengths = times.slice(1).map((time, at) => time - times[at]);
  const middle = lengths.sort((a, b) => a - b)[Math.floor(lengths.length / 2)];
  return middle ? 60 / middle : 0;
}

/**
 * What was found, by the beats of a chart whose options do not tell it; null if it has hardly any.
 * @param {Beat[]} beats
 * @param {Api.KeptOptions} kept
 */
function guess(beats, { correction: was, lead_in: from }) {
  const first = beats.findIndex(([time, isDownbeat]) => isDownbeat && time >= from - 0.1);
  const second = beats.findIndex(([, isDownbeat], at) => at > first && isDownbeat);
  if (first < 0 || first > beats.length - 2) return null;
  const times = beats.map(([time]) => time);
  const length = times[first + 1] - times[first];
  return {
    bpm: tempoOf(times.slice(first)) / (was.bpm ? 1 : RATES[was.tempo]),
    beats_per_bar: was.beats_per_bar || second < 0 ? 4 : second - first,
    downbeat: times[first] - was.bar_shift * length - was.offset - from,
  };
}

/**
 * The place of a beat at `time` among the beats at `times`, also before the first one. It counts back from a beat that
 * is `later` seconds later, since the bars before the music may have another tempo.
 * @param {number[]} times
 * @param {number} time
 * @param {number} later
 */
function indexAt(times, time, later) {
  const found = times.findIndex((each) => each >= time + later - 0.1);
  const sure = found < 0 || found > times.length - 2 ? times.length - 2 : found;
  return sure - Math.round((times[sure] - time) / (times[sure + 1] - times[sure]));
}

/**
 * How many beats there are with a correction for each one that was found.
 * @param {number} found Its tempo.
 * @param {Api.CorrectionShape} correction
 */
function rateOf(found, { tempo, bpm }) {
  if (!bpm) return RATES[tempo];
  const wanted = bpm / found;
  let best = 1;
  for (let above = 1; above <= LARGEST; above += 1)
    for (let below = 1; below <= LARGEST; below += 1)
      if (Math.abs(Math.log(above / below / wanted)) < Math.abs(Math.log(best / wanted))) best = above / below;
  return Math.abs(best / wanted - 1) <= TAPPED ? best : wanted;
}

/**
 * The value at a place between two numbers of a list.
 * @param {number[]} numbers
 * @param {number} at
 */
function between(numbers, at) {
  const below = Math.max(Math.min(Math.floor(at), numbers.length - 2), 0);
  return numbers[below] + (at - below) * (numbers[below + 1] - numbers[below]);
}

/**
 * @param {number} whole
 * @param {number} divisor
 */
const modulo = (whole, divisor) => ((whole % divisor) + divisor) % divisor;
