// The entries of a folder that are selected: by click, Shift, Ctrl+A and arrow keys.
import { find, findAll } from "./dom.js";
import { tn } from "./translate.js";

export class FileSelection {
  /**
   * @param {HTMLElement} bar
   * @param {HTMLElement} body The rows, each with its path as data.
   * @param {HTMLInputElement} all The box that selects all.
   */
  constructor(bar, body, all) {
    this.bar = bar;
    this.body = body;
    this.all = all;
    this.last = ""; // the entry that was selected last, where a range begins
    /** @type {Set<string>} */
    this.paths = new Set();
    all.addEventListener("click", () => (all.checked ? this.selectAll() : this.clear()));
    body.addEventListener("click", (event) => this.#click(event));
    find("[data-clear]", bar).addEventListener("click", () => this.clear());
  }

  get #rows() {
    return findAll("tr", this.body);
  }

  selectAll() {
    this.#set(this.#rows.map((row) => row.dataset.path ?? ""));
  }

  clear() {
    this.#set([]);
  }

  /** Shows what is selected, after the rows were drawn again; what is no longer among them is not selected. */
  update() {
    const there = new Set(this.#rows.map((row) => row.dataset.path));
    this.#set([...this.paths].filter((path) => there.has(path)));
  }

  /**
   * Goes to the next row, or the one before; with Shift it is selected too.
   * @param {number} step
   * @param {boolean} selects
   */
  move(step, selects) {
    const rows = this.#rows;
    const at = rows.findIndex((row) => row.contains(document.activeElement));
    const next = rows[at < 0 ? 0 : at + step];
    if (!next) return;
    if (selects) {
      if (at >= 0) this.paths.add(rows[at].dataset.path ?? "");
      this.#toggle(next, true, false);
    }
    find(".entry-name", next).focus();
  }

  /** Selects the row that has the focus, or no longer. */
  toggleFocused() {
    const row = this.focused;
    if (row) this.#toggle(row, !this.paths.has(row.dataset.path ?? ""), false);
  }

  /** The row that has the focus. */
  get focused() {
    return this.#rows.find((row) => row.contains(document.activeElement));
  }

  /** @param {MouseEvent} event */
  #click(event) {
    const target = event.target instanceof Element ? event.target : null;
    const row = target?.closest("tr");
    const box = target instanceof HTMLInputElement;
    if (!row || (!box && target?.closest("a, button"))) return;
    if (event.shiftKey) getSelection()?.removeAllRanges();
    this.#toggle(row, !this.paths.has(row.dataset.path ?? ""), event.shiftKey);
  }

  /**
   * @param {HTMLTableRowElement} row
   * @param {boolean} on
   * @param {boolean} range
   */
  #toggle(row, on, range) {
    const rows = this.#rows;
    const ends = [rows.findIndex((each) => each.dataset.path === this.last), rows.indexOf(row)];
    const [from, to] = range && ends[0] >= 0 ? ends.sort((one, other) => one - other) : [ends[1], ends[1]];
    for (const { dataset } of rows.slice(from, to + 1))
      if (on) this.paths.add(dataset.path ?? "");
      else this.paths.delete(dataset.path ?? "");
    this.last = row.dataset.path ?? "";
    this.#show();
  }

  /** @param {string[]} paths */
  #set(paths) {
    this.paths = new Set(paths);
    this.#show();
  }

  #show() {
    const rows = this.#rows;
    for (const row of rows) {
      const on = this.paths.has(row.dataset.path ?? "");
      row.classList.toggle("picked", on);
      for (const box of findAll("input[type=checkbox]", row)) if (box instanceof HTMLInputElement) box.checked = on;
    }
    const { size } = this.paths;
    this.bar.hidden = size === 0;
    find("[data-rename]", this.bar).hidden = size !== 1;
    this.all.checked = size > 0 && size === rows.length;
    this.all.indeterminate = size > 0 && size < rows.length;
    this.all.disabled = rows.length === 0;
    find("[data-selected]", this.bar).textContent = tn("{count} entry", "{count} entries", size);
  }
}
