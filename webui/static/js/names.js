// All artists, albums, genres or charters, as tiles.
import { get } from "./api.js";
import { groupAddress } from "./columns.js";
import { debounce, find as findIn, h } from "./dom.js";
import { on } from "./events.js";
import { nameTile } from "./name_tile.js";
import { pageSignal } from "./page.js";
import { shell } from "./shell.js";
import { attempt } from "./toast.js";
import { t, tn } from "./translate.js";
import { WindowedList } from "./windowed_list.js";

const PAGE = 100;
const signal = pageSignal();
const main = findIn("main");
/** @type {typeof findIn} */
const find = (selector, root = main) => findIn(selector, root); // also once the page is left
const kind = find("[data-names]").dataset.names ?? "artist";
const search = find("input[name=search]");
const sort = find("select[name=sort]");
/** How many there are, in words. @type {Record<string, (number: number) => string>} */
const COUNTED = {
  artist: (number) => tn("{count} artist", "{count} artists", number),
  album: (number) => tn("{count} album", "{count} albums", number),
  genre: (number) => tn("{count} genre", "{count} genres", number),
  charter: (number) => tn("{count} charter", "{count} charters", number),
};
let generation = 0;

/** @type {WindowedList<Api.SongName>} */
const list = new WindowedList(find("[data-names]"), {
  size: PAGE,
  draw: (name) => nameTile(name, groupAddress(kind, name.name)),
  load: async (offset) => {
    const requested = generation;
    const text = search.value.trim().replaceAll('"', " ");
    const query = { field: kind, search: text && `${kind}:"${text}"`, sort: sort.value, limit: PAGE, offset };
    /** @type {Api.NamePage | undefined} */
    const page = await attempt(() => get("/api/songs/names", query));
    if (!page || requested !== generation) return null;
    find("[data-total]").textContent = COUNTED[kind](page.total);
    return { total: page.total, items: page.names };
  },
  empty: () => [h("h2", {}, t("Nothing here")), h("p.muted", {}, t("No song names one, or none with these letters."))],
});

/** @param {{stay?: boolean}} [options] */
function load(options) {
  generation += 1;
  return list.reset(options);
}

const refresh = debounce(400, () => document.hidden || signal.aborted || load({ stay: true }));
search.addEventListener("input", debounce(120, load));
sort.addEventListener("change", () => load());
shell();
list.layout("tiles");
load();
on("library", () => refresh(), signal);
on("reload", refresh, signal);
