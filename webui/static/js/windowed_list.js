// A list of any size of which only the part on screen exists. Rows come in pages, asked for when they are near.
import { h, later } from "./dom.js";

const LAYOUTS = {
  list: { width: Infinity, height: 60, gap: 0, extra: 0 },
  grid: { width: 196, height: 92, gap: 18, extra: 1 }, // a square picture above 92 pixels of text
};
const SPARE = 3; // rows drawn beyond each edge

export class WindowedList {
  constructor(place, { page, draw, load, empty }) {
    Object.assign(this, { place, page, draw, fetchPage: load, empty });
    this.window = h("div.window");
    this.total = 0;
    this.pages = new Map();
    this.shown = "";
    place.append(this.window);
    window.addEventListener("scroll", () => requestAnimationFrame(() => this.#show()), { passive: true });
    new ResizeObserver(later(60, () => this.redraw())).observe(place);
  }

  layout(name) {
    this.kind = LAYOUTS[name] ? name : "grid";
    this.place.classList.toggle("grid", this.kind === "grid");
    this.place.classList.toggle("list", this.kind === "list");
    this.redraw();
  }

  /** Forget everything and ask for what is on screen; from the top, unless the view should `stay` where it is. */
  async reset({ stay = false } = {}) {
    const before = this.pages;
    this.pages = new Map();
    const first = await this.#page(0);
    if (!first) {
      if (!this.pages.size) this.pages = before;
      return;
    }
    if (!stay && window.scrollY > this.place.offsetTop) window.scrollTo({ top: 0 });
    this.redraw();
  }

  redraw() {
    this.shown = "";
    this.#show();
  }

  #measure() {
    const { width, height, gap, extra } = LAYOUTS[this.kind];
    const room = this.place.clientWidth || 1;
    const narrow = room < 560;
    const between = narrow && gap ? 12 : gap;
    const columns =
      width === Infinity ? 1 : Math.max(2, Math.floor((room + between) / ((narrow ? 150 : width) + between)));
    const side = (room - between * (columns - 1)) / columns;
    return { columns, gap: between, row: height + (extra ? side : 0) + between };
  }

  #show() {
    const { columns, gap, row } = this.#measure();
    const rows = Math.ceil(this.total / columns);
    this.place.style.height = `${Math.max(rows * row - gap, 0)}px`;
    const top = this.place.getBoundingClientRect().top;
    const from = Math.max(0, Math.floor(-top / row) - SPARE);
    const to = Math.min(rows, Math.ceil((innerHeight - top) / row) + SPARE);
    const first = from * columns;
    const last = Math.min(this.total, to * columns);
    const key = `${first}-${last}-${columns}-${row}-${this.total}`;
    if (key === this.shown) return;
    this.shown = key;
    const focused = this.window.contains(document.activeElement)
      ? document.activeElement.closest("[data-at]")?.dataset.at
      : null;
    const within = focused !== null && document.activeElement.matches("input") ? "input" : "a";
    this.window.style.gridTemplateColumns = `repeat(${columns}, minmax(0, 1fr))`;
    this.window.style.gridAutoRows = this.total ? `${row - gap}px` : "auto";
    this.window.style.transform = `translateY(${from * row}px)`;
    const items = [];
    for (let at = first; at < last; at += 1) items.push(this.#item(at));
    if (items.length) this.window.setAttribute("role", "list");
    else this.window.removeAttribute("role");
    this.window.replaceChildren(...items);
    if (focused) this.window.querySelector(`[data-at="${focused}"] ${within}`)?.focus({ preventScroll: true });
    if (!this.total && this.loaded) this.window.replaceChildren(h("div.empty", {}, this.empty()));
  }

  #item(at) {
    const page = this.pages.get(Math.floor(at / this.page));
    if (!page) this.#page(Math.floor(at / this.page)).then((came) => came && this.redraw());
    const item = Array.isArray(page) ? page[at % this.page] : null;
    const element = item ? this.draw(item) : h("div.song.empty-slot");
    element.dataset.at = at;
    element.setAttribute("role", "listitem");
    element.setAttribute("aria-setsize", this.total);
    element.setAttribute("aria-posinset", at + 1);
    return element;
  }

  async #page(number) {
    if (this.pages.has(number)) return null;
    const pages = this.pages;
    pages.set(number, "asked");
    const answer = await this.fetchPage(number * this.page);
    if (!answer || pages !== this.pages) {
      pages.delete(number);
      return null;
    }
    this.total = answer.total;
    this.loaded = true;
    pages.set(number, answer.items);
    return answer.items;
  }
}
