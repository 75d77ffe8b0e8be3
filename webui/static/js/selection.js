// The selected songs, and the bar that edits, downloads or deletes them.
import { get, post } from "./api.js";
import { confirm, prompt } from "./dialog.js";
import { find } from "./dom.js";
import { count } from "./format.js";
import { pageSignal } from "./page.js";
import { playedNote } from "./played.js";
import { followSongJob } from "./song_job.js";
import { attempt, toast } from "./toast.js";
import { t, tn } from "./translate.js";

const DOWNLOAD_LIMIT = 500; // songs

export class Selection {
  /**
   * @param {HTMLElement} bar
   * @param {{
   *   allIds: () => Promise<number[]>,
   *   between: (first: number, last: number) => Promise<number[]>,
   *   redraw: () => void,
   *   reload: () => void,
   * }} list The list of songs.
   */
  constructor(bar, { allIds, between, redraw, reload }) {
    this.bar = bar;
    this.between = between;
    this.last = 0; // the song that was chosen last
    this.redraw = redraw;
    this.reload = reload;
    /** @type {Set<number>} */
    this.ids = new Set();
    /** @type {Promise<unknown>} */
    this.selecting = Promise.resolve(); // an action right after "select all" or a range waits for it
    find("[data-clear]", bar).addEventListener("click", () => this.clear());
    find("[data-select-all]", bar).addEventListener("click", () => {
      this.selecting = attempt(async () => this.#select(await allIds()));
    });
    const press = (/** @type {KeyboardEvent} */ event) => {
      if (event.target instanceof HTMLElement && event.target.closest("dialog, input:not([type=checkbox]), select"))
        return;
      if (event.key === "Escape" && this.ids.size) this.clear();
      else if (event.key === "a" && (event.ctrlKey || event.metaKey)) find("[data-select-all]", bar).click();
      else return;
      event.preventDefault();
    };
    window.addEventListener("keydown", press, { signal: pageSignal() });
    /** @param {string} button @param {() => unknown} action */
    const on = (button, action) =>
      find(`[data-${button}]`, bar).addEventListener("click", async () => {
        await this.selecting;
        attempt(action);
      });
    on("bulk", () => this.#edit());
    on("list", async () => (await import("./add_to_list.js")).addToList([...this.ids]));
    on("tag", () => this.#tag());
    on("download", () => this.#download());
    on("delete", () => this.#delete());
  }

  /** @param {number} id */
  has(id) {
    return this.ids.has(id);
  }

  /**
   * Adds a song to the selection or removes it; with Shift also those between it and the last one.
   * @param {number} id
   * @param {boolean} on
   * @param {boolean} range
   */
  toggle(id, on, range = false) {
    const { last } = this;
    this.last = id;
    this.#set([id], on);
    if (!range || !last) return;
    this.selecting = attempt(async () => {
      this.#set(await this.between(last, id), on);
      this.redraw();
    });
  }

  /**
   * @param {number[]} ids
   * @param {boolean} on
   */
  #set(ids, on) {
    for (const each of ids)
      if (on) this.ids.add(each);
      else this.ids.delete(each);
    this.#show();
  }

  clear() {
    this.#select([]);
  }

  /** @param {number[]} ids */
  #select(ids) {
    this.ids = new Set(ids);
    this.#show();
    this.redraw();
  }

  #show() {
    this.bar.hidden = this.ids.size === 0;
    document.body.classList.toggle("picking", this.ids.size > 0);
    find("[data-selected]", this.bar).textContent = count(this.ids.size);
  }

  async #edit() {
    const { bulkEdit } = await import("./bulk.js");
    const job = await bulkEdit([...this.ids]);
    if (!job) return;
    this.clear();
    await followSongJob(job, this.reload);
  }

  async #tag() {
    const ids = [...this.ids];
    const tag = (await prompt(tn("Tag {count} song", "Tag {count} songs", ids.length), t("Tag"), "", t("Add")))?.trim();
    if (!tag || !(await attempt(() => post(`/api/tags/${encodeURIComponent(tag)}/songs`, { ids })))) return;
    toast(
      tn(
        "{count} song tagged “{tag}”. Find it by the tag in the search.",
        "{count} songs tagged “{tag}”. Find them by the tag in the search.",
        ids.length,
        { tag },
      ),
    );
  }

  #download() {
    if (this.ids.size > DOWNLOAD_LIMIT)
      toast(t("One download holds up to {limit} songs. Select fewer.", { limit: DOWNLOAD_LIMIT }), { bad: true });
    else location.assign(`/api/songs/download?ids=${[...this.ids].join(",")}`);
  }

  async #delete() {
    const ids = [...this.ids];
    const { can_undo: undoable } = await get("/api/webdav/status");
    const words = undoable
      ? t("They go to the trash bin; you can bring them back.")
      : t("This server has no trash bin: they cannot be brought back.");
    const chosen = new Set(ids);
    const scores = await playedNote(({ id }) => chosen.has(id));
    if (
      !(await confirm(
        tn("Delete {count} song?", "Delete {count} songs?", ids.length),
        `${words} ${scores}`.trim(),
        t("Delete"),
      ))
    )
      return;
    const job = await attempt(() => post("/api/songs/delete?wait=false", { ids }));
    if (!job) return;
    this.clear();
    await followSongJob(job, this.reload);
  }
}
