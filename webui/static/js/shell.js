// The frame of every page: the theme's button, the number of running jobs, navigation, uploads and the player bar.
import { find } from "./dom.js";
import { dropZone } from "./drop.js";
import { watchConnection } from "./events.js";
import { watch } from "./jobs.js";
import { onTurn, startNavigation } from "./navigate.js";
import { routed } from "./routes.js";
import { attempt } from "./toast.js";
import { placeTray, startTray, undockTray } from "./tray.js";
import { addUploads } from "./uploads.js";

let started = false;

/** Starts the frame, once for a document. */
export function shell() {
  if (started) return;
  started = true;
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
  startTray();
  startNavigation();
  window.addEventListener("pageturn", undockTray);
  onTurn(placeTray);
  dropZone(document.body, (files) => attempt(async () => addUploads(await routed(files))));
}
