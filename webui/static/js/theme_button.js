// The button that goes through the themes: the system's, light, dark. The choice is kept in this browser.
import { find } from "./dom.js";

const THEMES = ["system", "light", "dark"];

/** @param {HTMLElement} button */
export function themeButton(button) {
  const { dataset } = document.documentElement;
  const show = () => {
    find("span", button).textContent = `Theme: ${dataset.theme ?? "system"}`;
    button.setAttribute("aria-label", `Theme: ${dataset.theme ?? "system"}`);
  };
  button.addEventListener("click", () => {
    const next = THEMES[(THEMES.indexOf(dataset.theme ?? "system") + 1) % THEMES.length];
    if (next === "system") delete dataset.theme;
    else dataset.theme = next;
    keep(next);
    show();
  });
  show();
}

/** @param {string} theme */
function keep(theme) {
  try {
    if (theme === "system") localStorage.removeItem("theme");
    else localStorage.setItem("theme", theme);
  } catch {
    /* a private window has no storage */
  }
}
