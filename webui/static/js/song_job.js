// A job that changes many songs, followed in a dialog that may be closed; at its end a message with Undo.
import { post, remove } from "./api.js";
import { h } from "./dom.js";
import { timeLeft } from "./format.js";
import { jobTitle, stepName } from "./job_words.js";
import { follow } from "./jobs.js";
import { attempt, toast } from "./toast.js";
import { allSentences, t } from "./translate.js";

const PATIENCE = 300; // milliseconds before the dialog opens, so that a quick job does not flash

/**
 * Follows `job` to its end. Closing the dialog leaves it running.
 * @param {Api.JobShape} job
 * @param {(done: Api.JobShape) => unknown} [onDone] Called at the end, and with the job of an undo at the end of that.
 * @param {string} [words] What the message says if all went well, instead of the job's own summary.
 * @returns {Promise<Api.JobShape>} The job at its end.
 */
export async function followSongJob(job, onDone = () => {}, words = "") {
  const dialog = new JobDialog(job);
  const done = await follow(job.id, (now) => dialog.show(now));
  dialog.close();
  onDone(done);
  const undo = () => attempt(async () => followSongJob(await undoJob(done), onDone));
  const action = done.result?.can_undo ? { action: t("Undo"), seconds: 20, onAction: undo } : {};
  const stopped = done.state === "done" ? "" : `${allSentences(done.error ?? t("Stopped."))} `;
  const isWell = done.state === "done" && !done.result?.failed;
  toast(isWell && words ? words : stopped + jobTitle(done.result?.summary ?? ""), {
    bad: done.state !== "done" || done.result?.failed > 0,
    ...action,
  });
  return done;
}

/**
 * Starts to undo a job. Returns the job that does it.
 * @param {Api.JobShape} job
 * @returns {Promise<Api.JobShape>}
 */
export const undoJob = (job) => post(`/api/jobs/${job.id}/undo?wait=false`);

class JobDialog {
  /** @param {Api.JobShape} job */
  constructor(job) {
    const cancel = () => attempt(() => remove(`/api/jobs/${job.id}`));
    this.began = performance.now();
    this.bar = h("progress", { max: 1, value: 0, "aria-label": t("Progress") });
    this.note = h("p.muted", { role: "status" }, t("Waiting…"));
    this.element = h("dialog", { "aria-label": jobTitle(job.title) });
    const actions = [
      h("button.button", { type: "button", onclick: cancel }, t("Cancel the rest")),
      h(
        "button.button.primary",
        { type: "button", onclick: () => this.element.close() },
        t("Go on without this window"),
      ),
    ];
    const title = h("h2", {}, jobTitle(job.title));
    this.element.append(h("div.dialog-body", {}, title, this.bar, this.note, h("div.actions.end", {}, actions)));
    this.timer = setTimeout(() => {
      document.body.append(this.element);
      this.element.showModal();
    }, PATIENCE);
  }

  /** @param {Api.JobShape} job */
  show(job) {
    this.bar.value = job.progress;
    const left = timeLeft(job.progress, (performance.now() - this.began) / 1000);
    this.note.textContent = [stepName(job.step) || t("waiting for its turn"), left].filter(Boolean).join(" · ");
  }

  close() {
    clearTimeout(this.timer);
    this.element.close();
    this.element.remove();
  }
}
