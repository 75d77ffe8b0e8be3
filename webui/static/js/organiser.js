// The page of the organiser: every move is shown first, then one job makes them, and an undo takes them back.
import { post } from "./api.js";
import { control, find, h } from "./dom.js";
import { shell } from "./shell.js";
import { followSongJob } from "./song_job.js";
import { attempt } from "./toast.js";
import { sentence, t, tn } from "./translate.js";

const SHOWN = 500; // moves
const form = find("form[data-organiser]");
const go = find("button[data-go]");

async function preview() {
  /** @type {Api.Plan} */
  const plan = await post("/api/organiser", { pattern: control(form, "pattern").value, dry_run: true });
  find("section[data-moves]").hidden = false;
  find("[data-count]").textContent = plan.total
    ? tn("{count} change", "{count} changes", plan.total)
    : t("Every song is where it should be.");
  const row = (/** @type {Api.StepShape} */ { path, target, after, reason }) =>
    h(
      "tr",
      {},
      h("td", {}, path),
      h("td", {}, target || t("title: {title}", { title: after.name ?? "" })),
      h("td.muted", {}, sentence(reason)),
    );
  find("[data-rows]").replaceChildren(...plan.steps.slice(0, SHOWN).map(row));
  find("[data-hidden]").textContent = plan.total > SHOWN ? t("… and {count} more", { count: plan.total - SHOWN }) : "";
  go.disabled = !plan.total;
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  attempt(preview);
});
form.addEventListener("input", () => {
  go.disabled = true;
});
go.addEventListener("click", () =>
  attempt(async () => {
    go.disabled = true;
    const job = await post("/api/organiser?wait=false", { pattern: control(form, "pattern").value });
    await followSongJob(job, () => attempt(preview));
  }),
);
shell();
