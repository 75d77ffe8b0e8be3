// Tabs with arrow keys, as the ARIA authoring practices describe them.
import { find, findAll } from "./dom.js";

/** @param {HTMLElement} root The element with the tabs and their panels. */
export function tabs(root) {
  const all = findAll("[role=tab]", root);
  /** @param {HTMLElement} tab */
  const select = (tab) => {
    for (const each of all) {
      const on = each === tab;
      each.setAttribute("aria-selected", String(on));
      each.tabIndex = on ? 0 : -1;
      find(`#${each.getAttribute("aria-controls")}`, root).hidden = !on;
    }
    tab.focus();
  };
  for (const [at, tab] of all.entries()) {
    tab.addEventListener("click", () => select(tab));
    tab.addEventListener("keydown", (event) => {
      const step = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
      if (step) select(all[(at + step + all.length) % all.length]);
    });
  }
}
