// What stands below and beside the highway: speed, sections, loop, fullscreen; stems; and how the highway looks.
import { h, icon } from "./dom.js";
import { t, translated } from "./translate.js";

const SPEEDS = [0.25, 0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.1, 1.25, 1.5, 2];
const KEYS = t("Space plays · ← → 5 s · [ ] section · L loops it · ↑ ↓ volume · M mutes · F fills the screen");

/** @typedef {import("./stem_player.js").StemPlayer} StemPlayer */
/** @typedef {import("./highway.js").Highway} Highway */

/**
 * The row below the player: speed, section, loop, fullscreen.
 * @param {HTMLElement} container
 * @param {StemPlayer} sound
 * @param {Highway} highway
 */
export function transport(container, sound, highway) {
  const speeds = SPEEDS.map((speed) =>
    h("option", { value: speed, selected: speed === 1 }, `${Math.round(speed * 100)} %`),
  );
  const speed = h("select", { "aria-label": t("Speed") }, speeds);
  speed.addEventListener("change", () => sound.setSpeed(Number(speed.value)));
  const sections = h("select", { "aria-label": t("Section") });
  const loop = h("button.button", { type: "button", "aria-pressed": "false" }, icon("loop"), t("Loop"));
  const full = h("button.button.icon-only", { type: "button", "aria-label": t("Fill the screen") }, icon("expand"));
  const parts = new Sections(sections, loop, sound, highway);
  loop.addEventListener("click", () => parts.toggleLoop());
  full.addEventListener("click", () => fillScreen(highway));
  container.replaceChildren(speed, sections, loop, full, h("p.muted.keys", {}, KEYS));
  return parts;
}

/** The sections of the chart: jumping to one, and playing one over and over. */
class Sections {
  /**
   * @param {HTMLSelectElement} select
   * @param {HTMLButtonElement} button
   * @param {StemPlayer} sound
   * @param {Highway} highway
   */
  constructor(select, button, sound, highway) {
    this.select = select;
    this.button = button;
    this.sound = sound;
    this.highway = highway;
    select.addEventListener("change", () => this.go(Number(select.value)));
    sound.onChange(() => this.#follow());
  }

  /** Lists the sections of the chart that is shown. */
  list() {
    const { sections } = this.highway.chart;
    this.select.hidden = this.button.hidden = !sections.length;
    this.select.replaceChildren(...sections.map(([, name], at) => h("option", { value: at }, name || t("Section"))));
    this.#follow();
  }

  /** The number of the section that is played now; -1 before the first one. */
  get current() {
    const { sections, offset } = this.highway.chart;
    return sections.findLastIndex(([time]) => time + offset <= this.sound.position + 0.01);
  }

  /** @param {number} at */
  go(at) {
    const { sections, offset } = this.highway.chart;
    const section = sections[Math.max(0, Math.min(at, sections.length - 1))];
    if (!section) return;
    this.sound.seek(section[0] + offset);
    if (this.sound.loop) this.sound.loop = this.#span(at);
  }

  toggleLoop() {
    this.sound.loop = this.sound.loop ? null : this.#span(Math.max(0, this.current));
    this.button.setAttribute("aria-pressed", String(Boolean(this.sound.loop)));
    this.button.classList.toggle("primary", Boolean(this.sound.loop));
  }

  /** @param {number} at */
  #span(at) {
    const { sections, offset } = this.highway.chart;
    const [from, to] = [sections[at]?.[0] ?? 0, sections[at + 1]?.[0] ?? Infinity];
    return { from: from + offset, to: Math.min(to + offset, this.sound.seconds) };
  }

  #follow() {
    const value = String(Math.max(0, this.current));
    if (this.select.value !== value) this.select.value = value;
  }
}

/** @param {Highway} highway */
export function fillScreen({ canvas }) {
  if (document.fullscreenElement) document.exitFullscreen();
  else canvas.parentElement?.requestFullscreen?.();
}

/**
 * The stems, each with mute and solo.
 * @param {HTMLElement} container
 * @param {StemPlayer} sound
 */
export function stemSwitches(container, sound) {
  const rows = sound.stems.map((stem) => {
    const name = stem.name
      ? translated(stem.name[0].toUpperCase() + stem.name.slice(1).replace("_", " "))
      : t("The song");
    /** @param {"muted" | "solo"} key @param {string} words */
    const button = (key, words) => {
      const each = h(
        "button.stem-switch",
        { type: "button", "aria-pressed": "false", "aria-label": `${words} ${name}` },
        words,
      );
      each.addEventListener("click", () => {
        sound.setStem(stem, { [key]: !stem[key] });
        each.setAttribute("aria-pressed", String(stem[key]));
      });
      return each;
    };
    return h("li", {}, h("span", {}, name), button("muted", t("Mute")), button("solo", t("Solo")));
  });
  container.replaceChildren(h("ul.plain.stems", {}, rows));
}

/**
 * How the highway looks: the speed of the notes, left-handed, and what the ears lag behind. Kept in this browser.
 * @param {HTMLElement} container
 * @param {Highway} highway
 * @param {(milliseconds: number) => void} onLag
 */
export function highwayOptions(container, highway, onLag) {
  const kept = read();
  const speed = h("input", { type: "range", min: 0.5, max: 2.5, step: 0.1, value: kept.speed });
  const lefty = h("input", { type: "checkbox", checked: kept.lefty });
  const lag = h("input", { type: "number", min: -500, max: 500, step: 5, value: kept.lag });
  const apply = () => {
    const options = { speed: Number(speed.value), lefty: lefty.checked, lag: Number(lag.value) || 0 };
    highway.speed = options.speed;
    highway.lefty = options.lefty;
    onLag(options.lag);
    highway.redraw();
    write(options);
  };
  for (const input of [speed, lefty, lag]) input.addEventListener("input", apply);
  container.replaceChildren(
    h("label.field", {}, h("span", {}, t("Note speed")), speed),
    h("label.field", {}, h("span", {}, t("Sound is late by, in ms")), lag),
    h("label.check", {}, lefty, h("span", {}, t("Left-handed"))),
  );
  apply();
}

const USUAL = { speed: 1, lefty: false, lag: 0 };

function read() {
  try {
    return { ...USUAL, ...JSON.parse(localStorage.getItem("highway") ?? "{}") };
  } catch {
    return USUAL; // a private window has no storage
  }
}

/** @param {typeof USUAL} options */
function write(options) {
  try {
    localStorage.setItem("highway", JSON.stringify(options));
  } catch {
    /* a private window has no storage */
  }
}
