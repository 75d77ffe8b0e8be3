// What is heard of one start of an audio context: two clocks of its output say it, and the listener hears no jumps.

const STRAY = 0.15; // seconds between the two clocks beyond which the exact one is not chosen; beyond twice that, left

export class OutputClock {
  #exact = true;
  #chosen = false;
  #heard = 0;

  /**
   * @param {AudioContext} context
   * @param {number} started The time of the context at which the sound begins.
   */
  constructor(context, started) {
    this.context = context;
    this.started = started;
  }

  /**
   * Seconds of sound that have left the output. `currentTime` goes on by whole buffers, which are as long as a frame;
   * the time stamp of the output says between them, where a browser has a true one. Which of them tells is chosen as
   * the sound begins; a time stamp that goes wrong later is left for good, since it runs on while the sound stands.
   */
  get heard() {
    const { currentTime, baseLatency, outputLatency, state } = this.context;
    if (currentTime < this.started) return 0;
    const rough = currentTime - (baseLatency || 0) - (outputLatency || 0);
    const { contextTime = 0, performanceTime = 0 } = this.context.getOutputTimestamp?.() ?? {};
    const exact = contextTime + (performance.now() - performanceTime) / 1000;
    const stray = Math.abs(exact - rough);
    this.#exact &&= state === "running" && performanceTime > 0 && stray < (this.#chosen ? 2 * STRAY : STRAY);
    this.#chosen = true;
    this.#heard = Math.max(this.#heard, (this.#exact ? exact : rough) - this.started);
    return this.#heard;
  }
}
