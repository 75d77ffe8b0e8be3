// Tabs with the keyboard's arrows, as the ARIA practices describe them.
import { find, findAll } from "./dom.js";

export function tabs(root) {
  const all = findAll("[role=tab]", root);
  const choose = (tab) => {
    for (const each of all) {
      const on = each === tab;
      each.setAttribute("aria-selected", on);
      each.tabIndex = on ? 0 : -1;
      find(`#${each.getAttribute("aria-controls")}`, root).hidden = !on;
    }
    tab.focus();
  };
  for (const [at, tab] of all.entries()) {
    tab.addEventListener("click", () => choose(tab));
    tab.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (step) choose(all[(at + step + all.length) % all.length]);
    });
  }
}
