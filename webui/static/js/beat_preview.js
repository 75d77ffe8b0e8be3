// The beats of a chart as they would be after a correction, so that it can be seen and heard before it is made.

/** @typedef {[number, boolean]} Beat Its time in seconds, and whether a bar begins with it. */

/** How many beats there are for each one that was found. @type {Record<string, number>} */
const RATES = { "": 1, x2: 2, "/2": 1 / 2, x3: 3, "/3": 1 / 3 };
const LARGEST = 4; // of the whole numbers in the ratio of a tapped tempo to the one that was found

/**
 * The beats of a chart that was made with the correction `was`, if it were made with `now`.
 * @param {Beat[]} beats
 * @param {number} from Where the recording begins, in seconds; beats before it are left out.
 * @param {Api.CorrectionShape} was
 * @param {Api.CorrectionShape} now
 * @returns {Beat[]}
 */
export function correctedBeats(beats, from, was, now) {
  const times = beats.map(([time]) => time);
  const first = beats.findIndex(([time, isDownbeat]) => isDownbeat && time >= from - 0.1);
  if (first < 0) return [];
  const second = beats.findIndex(([, isDownbeat], at) => at > first && isDownbeat);
  const found = second < 0 ? 4 : second - first;
  const perBar = now.beats_per_bar || (was.beats_per_bar ? 4 : found);
  const rate = rateOf(times, first, now) / (was.bpm ? 1 : RATES[was.tempo]);
  const [moved, shift] = [now.offset - was.offset, now.bar_shift - Math.round(was.bar_shift * rate)];
  /** @type {Beat[]} */
  const corrected = [];
  for (let beat = Math.ceil(-first * rate); beat / rate + first <= times.length - 1; beat += 1) {
    const time = between(times, first + beat / rate) + moved;
    if (time >= from - 0.1) corrected.push([time, (((beat - shift) % perBar) + perBar) % perBar === 0]);
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
 * @param {number[]} times
 * @param {number} first
 * @param {Api.CorrectionShape} correction
 */
function rateOf(times, first, { tempo, bpm }) {
  if (!bpm) return RATES[tempo];
  const wanted = bpm / tempoOf(times.slice(first));
  let best = 1;
  for (let above = 1; above <= LARGEST; above += 1)
    for (let below = 1; below <= LARGEST; below += 1)
      if (Math.abs(Math.log(above / below / wanted)) < Math.abs(Math.log(best / wanted))) best = above / below;
  return best;
}

/**
 * The value at a place between two numbers of a list.
 * @param {number[]} numbers
 * @param {number} at
 */
function between(numbers, at) {
  const below = Math.min(Math.floor(at), numbers.length - 2);
  return numbers[below] + (at - below) * (numbers[below + 1] - numbers[below]);
}
