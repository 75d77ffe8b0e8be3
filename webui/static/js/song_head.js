// The head that the tabs of a song share: its title, the way back to the list, and the songs before and after it there.
import { get } from "./api.js";
import { find, findAll } from "./dom.js";
import { listAddress, openedList, pageSignal, rememberList } from "./page.js";
import { richText } from "./rich_text.js";

const AROUND = 2; // songs on each side of the place in the list where this one is expected

/**
 * Shows what the head says of a song.
 * @param {Api.SongDetail} song
 */
export function showHead(song) {
  const main = find("main");
  document.title = `${song.title} · davproxy`;
  find("[data-title]", main).replaceChildren(richText(song.rich_title));
  find("[data-subtitle]", main).textContent = [song.artist, song.album, song.year].filter(Boolean).join(" · ");
  const badge = find("[data-problem-count]", main);
  badge.hidden = !song.problems;
  badge.textContent = String(song.problems);
}

/** Sets the way back, and, once they are known, those to the neighbours; P and N take them too. */
export async function startHead() {
  const [main, signal] = [find("main"), pageSignal()];
  find("a[data-back]", main).href = listAddress();
  const tabs = find(".song-tabs", main); // on a phone they are wider than it is
  for (const tab of findAll("a[aria-current]", tabs)) tabs.scrollLeft = tab.offsetLeft - tabs.offsetLeft;
  const id = Number(find("[data-song]", main).dataset.song);
  const around = await neighbours(id).catch(() => null); // the list may be away; the song is what matters
  if (!around || signal.aborted) return;
  /** @type {Record<string, HTMLAnchorElement>} */
  const keys = {};
  for (const [name, step] of Object.entries({ previous: -1, next: 1 })) {
    const at = around.at + step;
    const song = around.songs.get(at);
    const link = find(`a[data-${name}]`, main);
    if (!song) continue;
    const tab = findAll(".song-tabs a[aria-current]", main)[0]?.getAttribute("href") ?? "";
    link.href = tab.replace(/^\/songs\/\d+/, `/songs/${song.id}`);
    link.title = `${song.artist} – ${song.title}`;
    link.hidden = false;
    link.addEventListener("click", () => rememberList({ ...around.list, at }));
    keys[name[0]] = link;
  }
  const press = (/** @type {KeyboardEvent} */ event) => {
    const typing = event.target instanceof HTMLElement && event.target.closest("input, select, textarea, dialog");
    const link = keys[event.key.toLowerCase()];
    if (!link || typing || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    link.click();
  };
  window.addEventListener("keydown", press, { signal });
}

/**
 * The songs around one in the list that it was opened from, by their places in it; null where it is not among them.
 * @param {number} id
 */
async function neighbours(id) {
  const list = openedList();
  if (!list) return null;
  for (let expected = list.at, tries = 0; tries < 2; tries += 1) {
    const offset = Math.max(0, expected - AROUND);
    /** @type {Api.SongPage} */
    const page = await get("/api/songs", { ...list.query, offset, limit: 2 * AROUND + 1 });
    const found = page.songs.findIndex((song) => song.id === id);
    if (found < 0) return null;
    const at = offset + found;
    if ((found > 0 || at === 0) && (found < page.songs.length - 1 || at === page.total - 1))
      return { list, at, songs: new Map(page.songs.map((song, place) => [offset + place, song])) };
    expected = at; // the list has changed, or the browser went back in it
  }
  return null;
}
