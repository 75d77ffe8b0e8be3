// The selected songs, and the bar that edits, downloads or deletes them.
import { addToList } from "./add_to_list.js";
import { get, post } from "./api.js";
import { bulkEdit } from "./bulk.js";
import { confirm } from "./dialog.js";
import { find } from "./dom.js";
import { count, plural } from "./format.js";
import { followSongJob } from "./song_job.js";
import { attempt, toast } from "./toast.js";

const DOWNLOAD_LIMIT = 500; // songs

export class Selection {
  /**
   * @param {HTMLElement} bar
   * @param {{allIds: () => Promise<number[]>, redraw: () => void, reload: () => void}} list The list of songs.
   */
  constructor(bar, { allIds, redraw, reload }) {
    this.bar = bar;
    this.redraw = redraw;
    this.reload = reload;
    /** @type {Set<number>} */
    this.ids = new Set();
    /** @type {Promise<unknown>} */
    let selecting = Promise.resolve(); // an action right after "select all" waits for it
    find("[data-clear]", bar).addEventListener("click", () => this.clear());
    find("[data-select-all]", bar).addEventListener("click", () => {
      selecting = attempt(async () => this.#select(await allIds()));
    });
    /** @param {string} button @param {() => unknown} action */
    const on = (button, action) =>
      find(`[data-${button}]`, bar).addEventListener("click", async () => {
        await selecting;
        action();
      });
    on("bulk", () => this.#edit());
    on("list", () => addToList([...this.ids]));
    on("download", () => this.#download());
    on("delete", () => this.#delete());
  }

  /** @param {number} id */
  has(id) {
    return this.ids.has(id);
  }

  /**
   * Adds a song to the selection or removes it.
   * @param {number} id
   * @param {boolean} on
   */
  toggle(id, on) {
    if (on) this.ids.add(id);
    else this.ids.delete(id);
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
    const job = await bulkEdit([...this.ids]);
    if (!job) return;
    this.clear();
    await followSongJob(job, this.reload);
  }

  #download() {
    if (this.ids.size > DOWNLOAD_LIMIT)
      toast(`One download holds up to ${DOWNLOAD_LIMIT} songs. Select fewer.`, { bad: true });
    else location.assign(`/api/songs/download?ids=${[...this.ids].join(",")}`);
  }

  async #delete() {
    const ids = [...this.ids];
    const { can_undo: undoable } = await get("/api/webdav/status");
    const words = undoable
      ? "They go to the trash bin; you can bring them back."
      : "This server has no trash bin: they cannot be brought back.";
    if (!(await confirm(`Delete ${plural(ids.length, "song")}?`, words, "Delete"))) return;
    const job = await attempt(() => post("/api/songs/delete?wait=false", { ids }));
    if (!job) return;
    this.clear();
    await followSongJob(job, this.reload);
  }
}
