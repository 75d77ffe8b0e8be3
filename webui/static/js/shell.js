// The frame of every page: the theme's button and the number of running jobs.
import { find } from "./dom.js";
import { watchConnection } from "./events.js";
import { watch } from "./jobs.js";

export function shell() {
  find("[data-theme-toggle]").addEventListener("click", () => {
    const { dataset } = document.documentElement;
    const dark = dataset.theme ? dataset.theme === "dark" : !matchMedia("(prefers-color-scheme: light)").matches;
    dataset.theme = dark ? "light" : "dark";
    try {
      localStorage.setItem("theme", dataset.theme);
    } catch {
      /* a private window has no storage */
    }
  });
  watchConnection();
  const link = find("[data-jobs]");
  watch((jobs) => {
    const active = jobs.filter((job) => !job.final).length;
    link.hidden = active === 0;
    find("[data-jobs-text]").textContent = active === 1 ? "1 job" : `${active} jobs`;
  });
}
