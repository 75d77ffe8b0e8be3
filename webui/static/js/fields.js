// The form of song.ini: a control for each standard field, and a plain one for every other key.
import { h, icon } from "./dom.js";
import { controlOf } from "./field_controls.js";
import { t, translated } from "./translate.js";

const GROUPS = [
  ["song", t("Song")],
  ["difficulty", t("Intensity")],
  ["playback", t("Playback")],
  ["chart", t("Chart rules")],
  ["other", t("Other keys")],
];
const USUAL_INTENSITIES = ["Guitar", "Bass", "Drums", "Rhythm guitar", "Keys", "Vocals"].map((each) =>
  translated(each),
);
const CHART_WARNING = t(
  "These decide how the notes play. Changing one makes games take it for another song, and players lose their scores: you will be asked first.",
);

/** @typedef {Record<string, string>} Metadata Values by key of song.ini. */

export class Fields {
  /**
   * @param {HTMLElement} container
   * @param {Api.Field[]} table The standard fields.
   * @param {() => void} onChange Called after every change.
   */
  constructor(container, table, onChange) {
    this.container = container;
    this.table = table;
    this.onChange = onChange;
    /** @type {Metadata} */
    this.metadata = {};
    /** @type {Map<string, import("./field_controls.js").Control>} */
    this.controls = new Map();
    /** Keys added by hand. @type {{name: HTMLInputElement, value: HTMLInputElement}[]} */
    this.added = [];
  }

  /**
   * Shows these values.
   * @param {Metadata} metadata
   */
  fill(metadata) {
    this.metadata = metadata;
    this.controls.clear();
    this.added = [];
    this.container.replaceChildren(...GROUPS.map(([group, title]) => this.#group(group, title)));
  }

  /**
   * The changed values by key; null for a key to remove.
   * @returns {Record<string, string | null>}
   */
  changes() {
    /** @type {Record<string, string | null>} */
    const changed = {};
    for (const [key, control] of this.controls) {
      const value = control.read();
      const before = this.metadata[key] ?? "";
      if (value !== before) changed[key] = value === "" ? null : value;
    }
    for (const { name, value } of this.added)
      if (name.value.trim() && value.value.trim()) changed[name.value.trim().toLowerCase()] = value.value.trim();
    return changed;
  }

  /**
   * The value of a key as the form shows it; empty if it has none.
   * @param {string} key
   */
  get(key) {
    return this.controls.get(key)?.read() ?? "";
  }

  /**
   * Changes the value of a key of the form.
   * @param {string} key
   * @param {string} value
   */
  set(key, value) {
    this.controls.get(key)?.write(value);
    this.#changed(key);
  }

  /**
   * Marks the field that the server's message begins with as invalid.
   * @param {string} message
   */
  refuse(message) {
    for (const [key, control] of this.controls)
      if (message.startsWith(`${key}:`)) {
        const input = control.element.querySelector("input");
        input?.setAttribute("aria-invalid", "true");
        control.element.scrollIntoView({ block: "center" });
        input?.focus();
      }
  }

  /** @param {string} key */
  #changed(key) {
    const control = this.controls.get(key);
    control?.element.classList.toggle("changed", control.read() !== (this.metadata[key] ?? ""));
    control?.element.querySelector("[aria-invalid]")?.removeAttribute("aria-invalid");
    this.onChange();
  }

  /**
   * A group of fields with its title.
   * @param {string} group
   * @param {string} title
   */
  #group(group, title) {
    const rows = group === "other" ? this.#otherRows() : this.#standardRows(group);
    const isRare = (/** @type {HTMLElement} */ row) =>
      group === "difficulty" && !USUAL_INTENSITIES.includes(label(row)) && !row.querySelector(".on");
    const rare = rows.filter(isRare);
    const usual = rows.filter((row) => !isRare(row));
    const grid = h("div.form-grid", {}, usual);
    const set = h("fieldset.form-group", { id: `fields-${group}` }, h("legend", {}, title), grid);
    if (group === "chart") grid.prepend(h("p.notice.warn.wide", {}, CHART_WARNING));
    if (rare.length)
      set.append(h("details.more", {}, h("summary", {}, t("Other instruments")), h("div.form-grid", {}, rare)));
    if (group === "other")
      set.append(h("button.button", { type: "button", onclick: () => this.#add(grid) }, icon("plus"), t("Add a key")));
    return set;
  }

  /**
   * The standard fields of a group, each under the key that this song.ini uses.
   * @param {string} group
   */
  #standardRows(group) {
    return this.table
      .filter((field) => field.group === group)
      .map((field) => {
        const key = [field.name, ...field.aliases].find((each) => each in this.metadata) ?? field.name;
        return this.#row({ ...field, key });
      });
  }

  /** The keys of this song.ini that are no standard fields. */
  #otherRows() {
    const known = new Set(this.table.flatMap((field) => [field.name, ...field.aliases]));
    return Object.keys(this.metadata)
      .filter((key) => !known.has(key))
      .map((key) => this.#row({ name: key, kind: "text", label: key, key }));
  }

  /** @param {import("./field_controls.js").Field} field */
  #row(field) {
    const control = controlOf(field, this.metadata[field.key] ?? "", () => this.#changed(field.key));
    this.controls.set(field.key, control);
    return control.element;
  }

  /**
   * Adds a row for a new key.
   * @param {HTMLElement} grid
   */
  #add(grid) {
    const oninput = () => this.onChange();
    const name = h("input", { placeholder: t("key"), "aria-label": t("Key"), autocomplete: "off", oninput });
    const value = h("input", { placeholder: t("value"), "aria-label": t("Value"), autocomplete: "off", oninput });
    const entry = { name, value };
    const onclick = () => {
      row.remove();
      this.added.splice(this.added.indexOf(entry), 1);
      this.onChange();
    };
    const button = h("button.button.ghost.icon-only", { type: "button", "aria-label": t("Remove"), onclick });
    button.append(icon("close"));
    const row = h("div.more-row", {}, name, value, button);
    this.added.push(entry);
    grid.append(row);
    name.focus();
  }
}

/** @param {HTMLElement} row */
const label = (row) => row.firstElementChild?.textContent ?? "";
