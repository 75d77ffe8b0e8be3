// A click on each beat over a song that plays, in the same audio context, so that it is as exact as the sound.
const AHEAD = 0.4; // seconds for which clicks are planned; the player reports ten times a second
const [BEAT, DOWNBEAT, LENGTH] = [1000, 1600, 0.03]; // Hz, and seconds

export class ClickTrack {
  /** @param {import("./stem_player.js").StemPlayer} sound */
  constructor(sound) {
    this.sound = sound;
    this.on = false;
    /** @type {import("./beat_preview.js").Beat[]} */
    this.beats = [];
    this.planned = 0; // the time of the context until which clicks are planned
    /** @type {Set<OscillatorNode>} */
    this.clicks = new Set();
    sound.onChange(() => this.#plan());
  }

  /** @param {{on?: boolean, beats?: import("./beat_preview.js").Beat[]}} change */
  set(change) {
    Object.assign(this, change);
    this.#stop();
    this.#plan();
  }

  #stop() {
    for (const click of this.clicks) click.stop();
    this.clicks.clear();
    this.planned = 0;
  }

  #plan() {
    const { context, master, playing, started, at, rate } = this.sound;
    if (!playing || !this.on || !context || !master) {
      if (this.clicks.size) this.#stop();
      return;
    }
    const from = Math.max(context.currentTime, started, this.planned);
    const to = context.currentTime + AHEAD;
    for (const [time, isDownbeat] of this.beats) {
      const when = started + (time - at) / rate;
      if (when >= from && when < to) this.#click(context, master, when, isDownbeat ? DOWNBEAT : BEAT);
    }
    this.planned = Math.max(to, this.planned);
  }

  /**
   * @param {AudioContext} context
   * @param {AudioNode} output
   * @param {number} when
   * @param {number} frequency
   */
  #click(context, output, when, frequency) {
    const [click, gain] = [context.createOscillator(), context.createGain()];
    click.frequency.value = frequency;
    gain.gain.setValueAtTime(0.5, when);
    gain.gain.exponentialRampToValueAtTime(0.001, when + LENGTH);
    click.connect(gain).connect(output);
    click.start(when);
    click.stop(when + LENGTH);
    click.addEventListener("ended", () => this.clicks.delete(click));
    this.clicks.add(click);
  }
}
