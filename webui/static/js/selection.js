// Which songs are chosen, and what is done with them: edit, download, delete with undo.
import { get, post, remove } from "./api.js";
import { bulkEdit } from "./bulk.js";
import { confirm, working } from "./dialog.js";
import { find } from "./dom.js";
import { count, plural } from "./format.js";
import { attempt, toast } from "./toast.js";

const MOST_IN_ONE_DOWNLOAD = 500;

export class Selection {
  constructor(bar, { everyId, redraw, reload }) {
    Object.assign(this, { bar, redraw, reload });
    this.ids = new Set();
    let choosing = Promise.resolve(); // what is clicked right after "select all" means all of them
    find("[data-clear]", bar).addEventListener("click", () => this.clear());
    find("[data-select-all]", bar).addEventListener("click", () => {
      choosing = attempt(() => this.#choose(everyId()));
    });
    for (const [button, action] of [
      ["bulk", () => this.#edit()],
      ["download", () => this.#download()],
      ["delete", () => this.#delete()],
    ]) {
      find(`[data-${button}]`, bar).addEventListener("click", async () => {
        await choosing;
        action();
      });
    }
  }

  has(id) {
    return this.ids.has(id);
  }

  toggle(song, on) {
    if (on) this.ids.add(song.id);
    else this.ids.delete(song.id);
    this.#changed();
  }

  clear() {
    this.ids.clear();
    this.#changed();
    this.redraw();
  }

  async #choose(ids) {
    this.ids = new Set(await ids);
    this.#changed();
    this.redraw();
  }

  #changed() {
    this.bar.hidden = this.ids.size === 0;
    document.body.classList.toggle("picking", this.ids.size > 0);
    find("[data-selected]", this.bar).textContent = count(this.ids.size);
  }

  async #edit() {
    if (!(await bulkEdit([...this.ids]))) return;
    this.clear();
    this.reload();
  }

  #download() {
    if (this.ids.size > MOST_IN_ONE_DOWNLOAD)
      toast(`One download holds up to ${MOST_IN_ONE_DOWNLOAD} songs. Select fewer.`, { bad: true });
    else location.assign(`/api/songs/download?ids=${[...this.ids].join(",")}`);
  }

  async #delete() {
    const ids = [...this.ids];
    const { can_undo: undoable } = await get("/api/webdav/status");
    const words = undoable
      ? "They go to the trash bin; you can bring them back."
      : "This server has no trash bin: they cannot be brought back.";
    if (!(await confirm(`Delete ${plural(ids.length, "song")}?`, words, "Delete"))) return;
    const keys = [];
    const dialog = ids.length > 1 ? working(`Deleting ${plural(ids.length, "song")}…`, ids.length) : null;
    await attempt(async () => {
      for (const [at, id] of ids.entries()) {
        const { restore } = await remove(`/api/songs/${id}`);
        this.ids.delete(id);
        if (restore) keys.push(restore);
        dialog?.at(at + 1);
      }
    });
    dialog?.close();
    const gone = ids.filter((id) => !this.ids.has(id)).length;
    this.#changed();
    this.reload();
    if (gone)
      toast(
        `Deleted ${plural(gone, "song")}.`,
        keys.length ? { action: "Undo", seconds: 15, onAction: () => this.#restore(keys) } : {},
      );
  }

  async #restore(keys) {
    await attempt(async () => {
      for (const key of keys) await post("/api/webdav/restore", { key });
    });
    this.reload();
  }
}
