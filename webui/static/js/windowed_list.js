// A list of any size of which only the part on screen is in the document. Pages of items are loaded when they are near.
import { debounce, h } from "./dom.js";
import { pageSignal } from "./page.js";

/** Sizes in pixels. @type {Record<string, {width: number, height: number, gap: number, extra: number}>} */
const LAYOUTS = {
  list: { width: Infinity, height: 60, gap: 0, extra: 0 },
  grid: { width: 196, height: 92, gap: 18, extra: 1 }, // a square picture above 92 pixels of text
  small: { width: 124, height: 50, gap: 12, extra: 1 },
  tiles: { width: 160, height: 62, gap: 18, extra: 1 },
};
const SPARE = 3; // rows drawn beyond each edge
const ATTEMPTS = 3; // to load a page that changes meanwhile
const PASSED = 80; // milliseconds in which a fast scroll passes a page

/**
 * @template T
 * @typedef {Object} Source
 * @property {number} size Items in a page.
 * @property {(offset: number) => Promise<{total: number, items: T[]} | null>} load A page; null if it is outdated.
 * @property {(item: T) => HTMLElement} draw
 * @property {() => Node[]} empty What is shown instead of no items.
 */

/** @template T */
export class WindowedList {
  /**
   * @param {HTMLElement} container
   * @param {Source<T>} source
   */
  constructor(container, source) {
    this.container = container;
    this.source = source;
    this.window = h("div.window");
    this.kind = "grid";
    this.total = 0;
    this.loaded = false;
    /** Pages by number; null while one is loaded. @type {Map<number, T[] | null>} */
    this.pages = new Map();
    this.drawn = this.pages; // those on screen, while others are loaded in their place
    this.shown = ""; // what is drawn, and how
    this.places = { first: 0, last: 0 }; // of the items on screen, and after them
    /** The elements on screen by the place of their item, which scrolling keeps. @type {Map<number, HTMLElement>} */
    this.elements = new Map();
    /** Pages that are loaded soon. @type {Set<number>} */
    this.wanted = new Set();
    this.pressed = false; // meanwhile nothing is drawn: a press on what is replaced under it would be no click
    container.append(this.window);
    const signal = pageSignal();
    this.window.addEventListener("pointerdown", () => {
      this.pressed = true;
    });
    for (const name of ["pointerup", "pointercancel"])
      window.addEventListener(name, () => this.pressed && setTimeout(() => this.#release()), { signal });
    window.addEventListener("scroll", () => requestAnimationFrame(() => this.#show()), {
      passive: true,
      signal,
    });
    new ResizeObserver(debounce(60, () => this.redraw())).observe(container);
  }

  /**
   * The items from one to another, in either order; those between them are loaded. Empty if that cannot be done.
   * @param {(item: T) => boolean} isFirst
   * @param {(item: T) => boolean} isLast
   */
  async between(isFirst, isLast) {
    const { drawn } = this;
    const [from, to] = [isFirst, isLast]
      .map((is) => [...drawn].find(([, items]) => items?.some(is))?.[0] ?? -1)
      .sort((one, other) => one - other);
    if (from < 0) return [];
    const numbers = Array.from({ length: to - from + 1 }, (_, at) => from + at);
    const pages = await Promise.all(numbers.map((number) => drawn.get(number) ?? this.#loadItems(number)));
    if (pages.includes(null)) return [];
    const items = pages.flatMap((page) => page ?? []);
    const [start, end] = [items.findIndex(isFirst), items.findIndex(isLast)].sort((one, other) => one - other);
    return items.slice(start, end + 1);
  }

  /**
   * The items of a page, requested again where it came outdated; null if none comes.
   * @param {number} number
   */
  async #loadItems(number) {
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      const page = await this.source.load(number * this.source.size);
      if (page) return page.items;
    }
    return null;
  }

  /** @param {string} name "grid", "small", "tiles" or "list". */
  layout(name) {
    this.kind = LAYOUTS[name] ? name : "grid";
    this.container.classList.toggle("grid", this.kind !== "list");
    this.container.classList.toggle("list", this.kind === "list");
    this.container.classList.toggle("small", this.kind === "small");
    this.redraw();
  }

  /**
   * Loads again what is on screen, from the top unless the view should `stay` where it is.
   * @param {{stay?: boolean}} [options]
   */
  async reset({ stay = false } = {}) {
    const before = this.pages;
    this.pages = new Map();
    const first = await this.#load(0);
    if (!first) {
      if (!this.pages.size) this.pages = before;
      return;
    }
    if (!stay && window.scrollY > this.container.offsetTop) window.scrollTo({ top: 0 });
    this.redraw();
  }

  redraw() {
    if (this.pages.get(0)) this.drawn = this.pages;
    this.shown = "";
    this.elements.clear();
    this.#show();
  }

  /** The number of columns, and the gap and height of a row in pixels. */
  #measure() {
    const { width, height, gap, extra } = LAYOUTS[this.kind];
    const room = this.container.clientWidth || 1;
    const narrow = room < 560;
    const between = narrow && gap ? 12 : gap;
    const least = narrow ? Math.min(150, width * 0.8) : width;
    const columns = width === Infinity ? 1 : Math.max(2, Math.floor((room + between) / (least + between)));
    const side = (room - between * (columns - 1)) / columns;
    return { columns, gap: between, row: height + (extra ? side : 0) + between };
  }

  /** Draws what came during a press, after its click. */
  #release() {
    this.pressed = false;
    this.#show();
  }

  #show() {
    if (this.pressed) return;
    const { columns, gap, row } = this.#measure();
    const rows = Math.ceil(this.total / columns);
    this.container.style.height = `${Math.max(rows * row - gap, 0)}px`;
    const top = this.container.getBoundingClientRect().top;
    const from = Math.max(0, Math.floor(-top / row) - SPARE);
    const to = Math.min(rows, Math.ceil((innerHeight - top) / row) + SPARE);
    const first = from * columns;
    const last = Math.min(this.total, to * columns);
    const key = `${first}-${last}-${columns}-${row}-${this.total}`;
    if (key === this.shown) return;
    this.shown = key;
    this.places = { first, last };
    this.window.style.gridTemplateColumns = `repeat(${columns}, minmax(0, 1fr))`;
    this.window.style.gridAutoRows = this.total ? `${row - gap}px` : "auto";
    this.window.style.transform = `translateY(${from * row}px)`;
    const focused = this.#focusedItem();
    /** @type {Map<number, HTMLElement>} */
    const items = new Map();
    for (let at = first; at < last; at += 1) items.set(at, this.elements.get(at) ?? this.#item(at));
    if (items.size) this.window.setAttribute("role", "list");
    else this.window.removeAttribute("role");
    this.#place([...items.values()]);
    this.elements = new Map([...items].filter(([, element]) => !element.matches(".empty-slot")));
    const again = focused && this.window.querySelector(focused);
    if (again instanceof HTMLElement) again.focus({ preventScroll: true });
    if (!this.total && this.loaded) this.window.replaceChildren(h("div.empty", {}, this.source.empty()));
  }

  /**
   * Shows these elements. Those that are shown already stay where they are: to draw all again takes ten times as long.
   * @param {HTMLElement[]} elements
   */
  #place(elements) {
    const staying = new Set(/** @type {Element[]} */ (elements));
    for (const child of [...this.window.children]) if (!staying.has(child)) child.remove();
    let next = this.window.firstChild;
    for (const element of elements) {
      if (element === next) next = next.nextSibling;
      else this.window.insertBefore(element, next);
    }
  }

  /** A selector of the item's control that has the focus; empty if none has. */
  #focusedItem() {
    const active = document.activeElement;
    const item = active && this.window.contains(active) ? active.closest("[data-at]") : null;
    if (!active || !(item instanceof HTMLElement)) return "";
    return `[data-at="${item.dataset.at}"] ${active.matches("input") ? "input" : "a"}`;
  }

  /**
   * The element of an item, empty while its page is loaded.
   * @param {number} at
   */
  #item(at) {
    const number = Math.floor(at / this.source.size);
    const page = this.pages.get(number);
    if (!this.pages.has(number)) this.#want(number);
    const item = page?.[at % this.source.size];
    const element = item ? this.source.draw(item) : h("div.song.empty-slot");
    element.dataset.at = String(at);
    element.setAttribute("role", "listitem");
    element.setAttribute("aria-setsize", String(this.total));
    element.setAttribute("aria-posinset", String(at + 1));
    return element;
  }

  /**
   * Loads a page if it is still on screen in a moment: others would wait for all those that a fast scroll passes.
   * @param {number} number
   */
  #want(number) {
    if (this.wanted.has(number)) return;
    this.wanted.add(number);
    setTimeout(async () => {
      this.wanted.delete(number);
      const { size } = this.source;
      const isOnScreen = this.places.first < (number + 1) * size && this.places.last > number * size;
      if (isOnScreen && (await this.#load(number))) this.redraw();
    }, PASSED);
  }

  /**
   * Loads a page. False if it was requested before, or is outdated when it arrives.
   * @param {number} number
   */
  async #load(number) {
    if (this.pages.has(number)) return false;
    const { pages } = this;
    pages.set(number, null);
    const page = await this.source.load(number * this.source.size);
    if (!page || pages !== this.pages) {
      pages.delete(number);
      return false;
    }
    this.total = page.total;
    this.loaded = true;
    pages.set(number, page.items);
    return true;
  }
}
