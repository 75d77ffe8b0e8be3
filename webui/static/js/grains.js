// Plays stems slower or faster at their own pitch: short overlapping grains, each moved a little to where it continues
// the last one best (WSOLA). All stems get the same grains, so they stay in step.

const HOP = 0.07; // seconds between two grains; each lasts twice as long and fades in and out
const SEARCH = 0.012; // seconds that a grain may be moved
const MATCH = 0.02; // seconds that are compared
const LOOK_AHEAD = 1.4; // seconds that are scheduled, because timers of a page in the background are slow
const REDUCED = 4; // every fourth sample is compared

const FADE = Float32Array.from({ length: 65 }, (_, at) => Math.sin((Math.PI * at) / 64) ** 2);

export class Grains {
  /**
   * @param {AudioContext} context
   * @param {{buffer: AudioBuffer, output: AudioNode}[]} stems
   * @param {number} from Seconds of the audio.
   * @param {number} when The time of the context.
   * @param {number} speed
   */
  constructor(context, stems, from, when, speed) {
    this.context = context;
    this.stems = stems;
    this.speed = speed;
    this.next = { from, when };
    this.last = -1; // where in the audio the last grain began
    this.mix = mixOf(stems.map(({ buffer }) => buffer));
    /** @type {Set<AudioBufferSourceNode>} */
    this.sources = new Set();
    this.#schedule();
    this.timer = setInterval(() => this.#schedule(), 250);
  }

  stop() {
    clearInterval(this.timer);
    for (const source of this.sources) source.stop();
    this.sources.clear();
  }

  #schedule() {
    while (this.next.when < this.context.currentTime + LOOK_AHEAD) {
      const { from, when } = this.next;
      const begin = this.last < 0 ? from : bestNear(this.mix, from, this.last + HOP);
      for (const { buffer, output } of this.stems) this.#play(buffer, output, begin, when);
      this.last = begin;
      this.next = { from: from + HOP * this.speed, when: when + HOP };
    }
  }

  /**
   * @param {AudioBuffer} buffer
   * @param {AudioNode} output
   * @param {number} from
   * @param {number} when
   */
  #play(buffer, output, from, when) {
    if (from < 0 || from >= buffer.duration) return;
    const source = this.context.createBufferSource();
    const fade = this.context.createGain();
    source.buffer = buffer;
    fade.gain.setValueCurveAtTime(FADE, when, 2 * HOP);
    source.connect(fade).connect(output);
    source.start(when, from, 2 * HOP);
    this.sources.add(source);
    source.onended = () => {
      this.sources.delete(source);
      fade.disconnect();
    };
  }
}

/** Mixes of stems, made once. @type {WeakMap<AudioBuffer, {samples: Float32Array, rate: number}>} */
const mixes = new WeakMap();

/**
 * All stems as one row of samples, for comparing.
 * @param {AudioBuffer[]} buffers
 */
function mixOf(buffers) {
  const known = mixes.get(buffers[0]);
  if (known) return known;
  const rate = buffers[0].sampleRate / REDUCED;
  const samples = new Float32Array(Math.ceil(Math.max(...buffers.map((buffer) => buffer.length)) / REDUCED));
  for (const buffer of buffers) {
    const channel = buffer.getChannelData(0);
    for (let at = 0; at < channel.length; at += REDUCED) samples[at / REDUCED] += channel[at];
  }
  const mix = { samples, rate };
  mixes.set(buffers[0], mix);
  return mix;
}

/**
 * The time near `wanted` whose sound is most like that at `continued`, both in seconds.
 * @param {{samples: Float32Array, rate: number}} mix
 * @param {number} wanted
 * @param {number} continued
 */
function bestNear({ samples, rate }, wanted, continued) {
  const [length, reach] = [Math.round(MATCH * rate), Math.round(SEARCH * rate)];
  const [pattern, middle] = [Math.round(continued * rate), Math.round(wanted * rate)];
  if (pattern + length > samples.length || middle - reach < 0 || middle + reach + length > samples.length)
    return wanted;
  let [best, moved] = [-Infinity, 0];
  for (let shift = -reach; shift <= reach; shift += 1) {
    let [alike, energy] = [0, 1e-9];
    for (let at = 0; at < length; at += 1) {
      const sample = samples[middle + shift + at];
      alike += sample * samples[pattern + at];
      energy += sample * sample;
    }
    const score = alike / Math.sqrt(energy);
    if (score > best) [best, moved] = [score, shift];
  }
  return wanted + moved / rate;
}
