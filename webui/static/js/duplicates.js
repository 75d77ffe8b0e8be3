// The page of duplicates: groups side by side, a suggestion with its reason, and jobs that can be undone.
import { get, post } from "./api.js";
import { ask, CANCEL } from "./dialog.js";
import { findAll, find as findIn, h } from "./dom.js";
import { bytes, date, duration } from "./format.js";
import { instrumentName } from "./instruments.js";
import { wordsOf } from "./repair_dialog.js";
import { shell } from "./shell.js";
import { followSongJob } from "./song_job.js";
import { showSpellings } from "./spellings.js";
import { attempt, toast } from "./toast.js";
import { t, tn } from "./translate.js";

const PAGE = 20; // groups
const SHOWN = 50; // changes
const main = findIn("main");
/** @type {typeof findIn} */
const find = (selector, root = main) => findIn(selector, root); // also once the page is left

/** @type {Api.DuplicateGroup[]} */
let shown = [];
/** The song to keep of each group. @type {Map<string, number>} */
const chosen = new Map();

/** @param {boolean} [more] */
async function load(more = false) {
  const kind = find("select[data-kind]").value;
  /** @type {Api.DuplicatePage} */
  const page = await get("/api/duplicates", { kind, limit: PAGE, offset: more ? shown.length : 0 });
  shown = more ? [...shown, ...page.groups] : page.groups;
  for (const { id, keep } of page.groups) if (!chosen.has(id)) chosen.set(id, keep);
  find("[data-total]").textContent = page.total
    ? tn("{count} group", "{count} groups", page.total)
    : t("There are no duplicates.");
  find("button[data-more]").hidden = shown.length >= page.total;
  for (const button of findAll("button[data-all]", main)) button.disabled = !page.total;
  find("[data-groups]").replaceChildren(...shown.map(card));
}

/** @param {Api.DuplicateGroup} group */
function card(group) {
  const { id, kind, names, songs } = group;
  const merge = () => resolve([{ group: id, action: "merge", keep: chosen.get(id) }]);
  const keepBest = () => resolve([{ group: id, action: "keep_best", keep: chosen.get(id) }]);
  return h(
    "section.card",
    { "aria-label": names },
    h(
      "div.card-head",
      {},
      h("h2", {}, names),
      h("span.tag", {}, kind === "notes" ? t("the same notes") : t("other notes")),
    ),
    h("p.muted", {}, t("Suggested: “{path}”. {reason}", { path: songs[0].path, reason: group.reason })),
    h("div.table-scroll", {}, table(group)),
    h(
      "div.actions",
      {},
      h("button.button.primary", { type: "button", onclick: keepBest }, t("Keep the chosen one")),
      kind === "notes" && h("button.button", { type: "button", onclick: merge }, t("Merge into the chosen one")),
      h("button.button", { type: "button", onclick: () => keepAll(id) }, t("Keep all")),
    ),
    kind === "song" && h("p.muted", {}, t("A player's scores stay with the notes that they were made on.")),
  );
}

/** @type {[string, (song: Api.DuplicateSong) => string | number][]} */
const ROWS = [
  [t("Path"), (song) => song.path],
  [t("Charter"), (song) => song.charter],
  [t("Length"), (song) => duration(song.length)],
  [t("Charts"), (song) => song.tracks],
  [t("Instruments"), (song) => Object.keys(song.instruments).map(instrumentName).join(", ")],
  [t("Size"), (song) => bytes(Object.values(song.files).reduce((sum, size) => sum + size, 0))],
  [t("Files"), (song) => Object.keys(song.files).join(", ")],
  [
    t("Problems"),
    (song) => (song.refused ? t("{problems}, a game refuses it", { problems: song.problems }) : song.problems),
  ],
  [t("Came"), (song) => date(song.created_at)],
  [t("Plays"), (song) => song.plays],
  [t("Lists"), (song) => song.lists.join(", ")],
];

/** @param {Api.DuplicateGroup} group */
function table({ id, songs, keep }) {
  const choices = songs.map((song) => {
    const choose = () => chosen.set(id, song.id);
    const input = h("input", { type: "radio", name: id, checked: chosen.get(id) === song.id, onchange: choose });
    return h("td", {}, h("label.check", {}, input, h("a", { href: `/songs/${song.id}/edit` }, song.title)));
  });
  const rows = ROWS.map(([name, value]) =>
    h(
      "tr",
      {},
      h("th", { scope: "row" }, name),
      songs.map((song) => h(song.id === keep ? "td.best" : "td", {}, value(song))),
    ),
  );
  return h("table", {}, h("tbody", {}, h("tr", {}, h("th", { scope: "row" }, t("Keep")), choices), rows));
}

/** @param {{group: string, action: string, keep?: number}[]} choices */
async function resolve(choices) {
  await attempt(async () => {
    /** @type {Api.Plan} */
    const plan = await post("/api/duplicates/resolve", { choices, dry_run: true });
    const deleted = plan.steps.filter(({ kind }) => kind === "delete");
    const lines = plan.steps.slice(0, SHOWN).map((step) => h("li", {}, wordsOf(step)));
    if (plan.total > SHOWN) lines.push(h("li.muted", {}, t("… and {count} more", { count: plan.total - SHOWN })));
    const words = h(
      "p",
      {},
      tn(
        "{count} song will go to the trash bin. It can be undone.",
        "{count} songs will go to the trash bin. It can be undone.",
        deleted.length,
      ),
    );
    const go = { label: t("Do it"), value: "yes", kind: "primary" };
    if (!(await ask(t("Resolve duplicates"), [words, h("ul", {}, lines)], [CANCEL, go], { large: true }))) return;
    const job = await post("/api/duplicates/resolve?wait=false", { choices });
    await followSongJob(job, () => attempt(load));
  });
}

/** @param {string} id */
async function keepAll(id) {
  const kept = await attempt(() => post("/api/duplicates/keep", { groups: [id] }));
  if (kept) toast(kept.message);
  await attempt(load);
}

for (const button of findAll("button[data-all]", main))
  button.addEventListener("click", () => {
    const action = /** @type {string} */ (button.dataset.all);
    const groups = shown.filter(({ kind }) => action === "keep_best" || kind === "notes");
    if (groups.length) resolve(groups.map(({ id }) => ({ group: id, action, keep: chosen.get(id) })));
  });
shell();
find("button[data-more]").addEventListener("click", () => attempt(() => load(true)));
find("select[data-kind]").addEventListener("change", () => attempt(load));
attempt(load);
attempt(showSpellings);
