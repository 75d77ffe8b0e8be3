// Parts of a song without notes: dragged over its picture, or given by two times.
import { find, h, icon } from "./dom.js";
import { duration } from "./format.js";
import { toast } from "./toast.js";
import { t } from "./translate.js";

const LEAST = 0.3; // seconds of a drag; a shorter one is a click

/** @typedef {[number, number]} Range From and to, in seconds. */

export class MuteRanges {
  /**
   * @param {HTMLElement} surface The picture, as wide as the song is long.
   * @param {HTMLElement} fields Where the ranges are listed, with two times to add one.
   * @param {{onChange: () => void, onSeek: (seconds: number) => void}} listeners
   */
  constructor(surface, fields, { onChange, onSeek }) {
    this.surface = surface;
    this.fields = fields;
    this.onChange = onChange;
    this.onSeek = onSeek;
    this.seconds = 1;
    /** @type {Range[]} */
    this.ranges = [];
    this.from = 0; // where a drag began
    this.drawn = h("div.muted-range", { hidden: true });
    surface.addEventListener("pointerdown", (event) => this.#begin(event));
    surface.addEventListener("pointermove", (event) => this.#drag(event));
    surface.addEventListener("pointerup", (event) => this.#end(event));
    surface.addEventListener("pointercancel", () => {
      this.drawn.hidden = true;
    });
    find("[data-mute-add]", fields).addEventListener("click", () => this.#addTyped());
  }

  /**
   * @param {Range[]} ranges
   * @param {number} seconds The length of the song.
   */
  show(ranges, seconds) {
    [this.ranges, this.seconds] = [ranges, seconds];
    this.surface.replaceChildren(...ranges.map((range) => place(h("div.muted-range"), range, seconds)), this.drawn);
    const rows = ranges.map((range) => {
      const words = `${duration(range[0] * 1000)}–${duration(range[1] * 1000)}`;
      const onclick = () => this.#set(this.ranges.filter((each) => each !== range));
      const properties = { type: "button", "aria-label": t("Notes again from {range}", { range: words }), onclick };
      return h("li", {}, words, h("button.button.ghost.icon-only", properties, icon("close")));
    });
    find("[data-muted]", this.fields).replaceChildren(...rows);
  }

  /** @param {Range[]} ranges */
  #set(ranges) {
    /** @type {Range[]} */
    const joined = [];
    for (const [from, to] of [...ranges].sort((one, other) => one[0] - other[0])) {
      const last = joined.at(-1);
      if (last && from <= last[1]) last[1] = Math.max(last[1], to);
      else joined.push([from, to]);
    }
    this.show(joined, this.seconds);
    this.onChange();
  }

  #addTyped() {
    const [from, to] = ["from", "to"].map((name) => find(`input[data-mute-${name}]`, this.fields));
    const range = [from, to].map(({ value }) => secondsOf(value));
    if (!(range[0] >= 0 && range[1] > range[0])) {
      toast(t("Give two times, such as 0:30 and 0:45."), { bad: true });
      return;
    }
    this.#set([...this.ranges, [range[0], range[1]]]);
    from.value = to.value = "";
    from.focus();
  }

  /** @param {PointerEvent} event */
  #at(event) {
    const box = this.surface.getBoundingClientRect();
    return Math.min(Math.max((event.clientX - box.left) / box.width, 0), 1) * this.seconds;
  }

  /** @param {PointerEvent} event */
  #begin(event) {
    this.surface.setPointerCapture(event.pointerId);
    this.from = this.#at(event);
    this.drawn.hidden = false;
    place(this.drawn, [this.from, this.from], this.seconds);
  }

  /** @param {PointerEvent} event */
  #drag(event) {
    if (!this.drawn.hidden) place(this.drawn, this.#range(event), this.seconds);
  }

  /** @param {PointerEvent} event */
  #end(event) {
    if (this.drawn.hidden) return;
    this.drawn.hidden = true;
    const range = this.#range(event);
    if (range[1] - range[0] < LEAST) this.onSeek(range[0]);
    else this.#set([...this.ranges, range]);
  }

  /** @param {PointerEvent} event @returns {Range} */
  #range(event) {
    const to = this.#at(event);
    return [Math.min(this.from, to), Math.max(this.from, to)];
  }
}

/**
 * @param {HTMLElement} element
 * @param {Range} range
 * @param {number} seconds
 */
function place(element, [from, to], seconds) {
  element.style.left = `${(100 * from) / seconds}%`;
  element.style.width = `${(100 * (to - from)) / seconds}%`;
  return element;
}

/** @param {string} text A time such as 1:30 or 90. */
function secondsOf(text) {
  const [, minutes = "0", seconds = ""] = /^(?:(\d+):)?(\d+(?:[.,]\d+)?)$/.exec(text.trim()) ?? [];
  return seconds ? 60 * Number(minutes) + Number(seconds.replace(",", ".")) : Number.NaN;
}
