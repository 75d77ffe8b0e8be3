// What every page has: the theme's button and the count of running jobs.
import { find } from "./dom.js";
import { watch } from "./jobs.js";

export function shell() {
  find("[data-theme-toggle]")?.addEventListener("click", () => {
    const root = document.documentElement;
    const dark = root.dataset.theme
      ? root.dataset.theme === "dark"
      : !matchMedia("(prefers-color-scheme: light)").matches;
    root.dataset.theme = dark ? "light" : "dark";
    try {
      localStorage.setItem("theme", root.dataset.theme);
    } catch {
      /* a private window forgets it */
    }
    document.dispatchEvent(new Event("themechange"));
  });
  const link = find("[data-jobs]");
  watch((jobs) => {
    const active = jobs.filter((job) => !job.final).length;
    link.hidden = active === 0;
    find("[data-jobs-text]").textContent = active === 1 ? "1 job" : `${active} jobs`;
  });
}
