// The editor of one song: fields, album art, player, chart.
import { call, get, Problem, request } from "./api.js";
import { chartChoice } from "./chart_choice.js";
import { askConflict } from "./conflict.js";
import { artAddress, artSizes, drawnCover } from "./cover.js";
import { Density } from "./density.js";
import { confirm } from "./dialog.js";
import { find as findIn, h, icon } from "./dom.js";
import { dropZone, filesOf } from "./drop.js";
import { Fields } from "./fields.js";
import { pageSignal } from "./page.js";
import { Player } from "./player.js";
import { shell } from "./shell.js";
import { showHead, startHead } from "./song_head.js";
import { attempt, messageOf, showError, toast } from "./toast.js";
import { t, tn } from "./translate.js";

const signal = pageSignal();
const main = findIn("main");
/** @type {typeof findIn} */
const find = (selector, root = main) => findIn(selector, root); // also once the page is left
const url = `/api/songs/${find("[data-editor]").dataset.song}`;
const artInput = find("input[data-art-file]");
const saveButton = find("button[data-save]");

class Editor {
  /**
   * @param {Api.Field[]} table The standard fields.
   * @param {Api.SongDetail} song
   */
  constructor(table, song) {
    this.song = song;
    this.saving = false;
    this.offset = 0; // of the chart's tick 0 in the audio, in seconds
    this.fields = new Fields(find("[data-fields]"), table, () => this.showChanges());
    this.fields.fill(song.metadata);
    const properties = { type: "button", onclick: () => this.setPreview() };
    const setPreview = h("button.button", properties, icon("clock"), t("Preview starts here"));
    const start = Math.max(this.previewStart, 0);
    this.player = new Player(find("[data-player]"), song, { start, extra: [setPreview] }).sound;
    this.player.onChange(() => this.showPosition());
    this.density = new Density(find("[data-density]"), (seconds) => this.player.seek(seconds + this.offset));
    this.show(song);
  }

  /** Seconds from the start of the audio; negative if it is not set. */
  get previewStart() {
    return Number(this.fields.get("preview_start_time") || -1) / 1000;
  }

  /** Whether there are changes that are not saved. */
  get changed() {
    return Object.keys(this.fields.changes()).length > 0;
  }

  /** @param {Api.SongDetail} song */
  show(song) {
    this.song = song;
    showHead(song);
    this.fields.fill(song.metadata);
    this.showArt();
    this.showChanges();
  }

  showArt() {
    const { song } = this;
    const [image, none] = [find("img[data-art-image]"), find("[data-art-none]")];
    image.hidden = !song.has_art;
    none.hidden = song.has_art;
    none.replaceChildren(h("span.visually-hidden", {}, t("No album art")), drawnCover(song));
    if (song.has_art) {
      Object.assign(image, artSizes(artAddress(song)), { sizes: "340px" });
      image.alt = t("Album art of {title}", { title: song.title });
    }
  }

  showChanges() {
    const number = Object.keys(this.fields.changes()).length;
    find("[data-save-text]").textContent = number
      ? tn("{count} change not saved", "{count} changes not saved", number)
      : t("No changes");
    saveButton.disabled = number === 0;
    find("button[data-revert]").disabled = number === 0;
    this.showPosition();
  }

  showPosition() {
    this.density.moveTo(this.player.position - this.offset, this.previewStart - this.offset);
  }

  setPreview() {
    this.fields.set("preview_start_time", String(Math.round(this.player.position * 1000)));
    toast(t("The preview starts here once you save."));
  }

  revert() {
    this.fields.fill(this.song.metadata);
    this.showChanges();
  }

  async showChart() {
    const { path, files, id } = this.song;
    const isNotes = (/** @type {string} */ name) => /^notes\.(chart|mid)$/i.test(name);
    try {
      if (!/\.sng$/i.test(path) && !Object.keys(files).some(isNotes)) throw new Error(t("This song has no notes."));
      await chartChoice(find("[data-chart-choice]"), id, (chart) => {
        this.offset = chart.offset;
        this.density.show(chart);
        this.showPosition();
      });
    } catch (error) {
      find("[data-density]").replaceChildren(h("p.muted", {}, messageOf(error)));
    }
  }

  /** @param {{breaksScores?: boolean}} [options] */
  async save({ breaksScores = false } = {}) {
    if (this.saving) return;
    const metadata = this.fields.changes();
    this.saving = true;
    try {
      const headers = { "If-Match": `"${this.song.etag}"` }; // the etag is empty where there is no song.ini
      const json = { metadata, breaks_scores: breaksScores };
      const { body } = await request("PUT", url, { json, headers });
      const hasNewId = body.id !== this.song.id; // so it is for an .sng in a local folder
      this.show(body);
      if (hasNewId) location.replace(`/songs/${body.id}/edit`);
      toast(t("Saved."));
    } catch (error) {
      this.saving = false;
      await this.handleRefusal(error, metadata, breaksScores);
    } finally {
      this.saving = false;
    }
  }

  /**
   * @param {unknown} error
   * @param {Record<string, string | null>} metadata
   * @param {boolean} breaksScores
   */
  async handleRefusal(error, metadata, breaksScores) {
    const status = error instanceof Problem ? error.status : 0;
    const message = messageOf(error);
    if (status === 412) await this.resolveConflict(metadata);
    else if (status === 409 && !breaksScores) {
      if (await confirm(t("This breaks players' scores"), message, t("Change it all the same")))
        await this.save({ breaksScores: true });
    } else {
      showError(error);
      this.fields.refuse(message);
    }
  }

  /** @param {Record<string, string | null>} mine */
  async resolveConflict(mine) {
    const theirs = await get(url);
    const kept = await askConflict(this.song.metadata, theirs.metadata, mine);
    if (!kept) return;
    this.show(theirs);
    if (kept !== "mine") return;
    for (const [key, value] of Object.entries(mine)) this.fields.set(key, value ?? "");
    await this.save();
  }

  /** @param {File | undefined} picture */
  async setArt(picture) {
    const song = picture && (await attempt(() => storedArt(picture)));
    if (!song) return;
    this.song = { ...song, etag: this.song.etag, metadata: this.song.metadata }; // the fields may have changes
    this.showArt();
    toast(t("The album art is changed."));
  }
}

/**
 * Stores a picture as album art. Returns the song with it.
 * @param {File} picture
 * @returns {Promise<Api.SongDetail>}
 */
async function storedArt(picture) {
  const headers = { "Content-Type": picture.type || "application/octet-stream" };
  return (await call(`${url}/art`, { method: "PUT", body: picture, headers })).json();
}

/** @param {Editor} editor */
function connect(editor) {
  find("[data-form]").addEventListener("submit", (event) => {
    event.preventDefault();
    editor.save();
  });
  find("[data-revert]").addEventListener("click", () => editor.revert());
  find("[data-art-choose]").addEventListener("click", () => artInput.click());
  artInput.addEventListener("change", () => editor.setArt(filesOf(artInput)[0]?.file));
  dropZone(find("[data-art]"), ([{ file }]) => editor.setArt(file));
  const guard = (/** @type {Event} */ event) => {
    if (editor.changed) event.preventDefault();
  };
  window.addEventListener("beforeunload", guard, { signal });
  window.addEventListener("beforeturn", guard, { signal });
  signal.addEventListener("abort", () => editor.player.stop());
  window.addEventListener(
    "keydown",
    (event) => {
      if (!(event.ctrlKey || event.metaKey) || event.key !== "s") return;
      event.preventDefault();
      if (!saveButton.disabled) editor.save();
    },
    { signal },
  );
}

async function start() {
  const loaded = await attempt(() => Promise.all([get("/api/songs/fields"), get(url)]));
  if (!loaded || signal.aborted) return;
  const [{ fields }, song] = loaded;
  const editor = new Editor(fields, song);
  connect(editor);
  const name = CSS.escape(location.hash.slice(1));
  const asked = main.querySelector(`[name="${name}"], [data-name="${name}"] [tabindex="0"]`);
  if (asked instanceof HTMLElement) asked.focus(); // a problem leads to the field that is empty
  await editor.showChart();
}

shell();
startHead();
start();
