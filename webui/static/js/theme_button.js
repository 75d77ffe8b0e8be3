// The button that goes through the themes: the system's, light, dark. The choice is kept in this browser.
import { find } from "./dom.js";
import { t } from "./translate.js";

const THEMES = ["system", "light", "dark"];
/** @type {Record<string, string>} */
const WORDS = { system: t("Theme: system"), light: t("Theme: light"), dark: t("Theme: dark") };

/** @param {HTMLElement} button */
export function themeButton(button) {
  const { dataset } = document.documentElement;
  const show = () => {
    const words = WORDS[dataset.theme ?? "system"];
    find("span", button).textContent = words;
    button.setAttribute("aria-label", words);
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
