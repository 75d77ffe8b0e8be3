// The page of lists: make, rename and delete them; order their songs by drag or buttons, and set their speeds.
import { get, post, remove, request } from "./api.js";
import { ask, CANCEL, confirm, prompt } from "./dialog.js";
import { findAll, find as findIn, h, icon } from "./dom.js";
import { on } from "./events.js";
import { duration } from "./format.js";
import { instrumentName } from "./instruments.js";
import { pageSignal } from "./page.js";
import { shell } from "./shell.js";
import { showSmartLists } from "./smart_lists.js";
import { followSongJob } from "./song_job.js";
import { attempt } from "./toast.js";
import { t, tn } from "./translate.js";

const signal = pageSignal();
const main = findIn("main");
/** @type {typeof findIn} */
const find = (selector, root = main) => findIn(selector, root); // also once the page is left
const path = (/** @type {string} */ name) => `/api/lists/${encodeURIComponent(name)}`;

/** The list that is shown. @type {Api.ListDetail | null} */
let shown = null;
/** The position of the song that is dragged. @type {number | null} */
let dragged = null;

async function showNames() {
  const { lists } = /** @type {Api.AllLists} */ (await get("/api/lists"));
  const links = lists.map(({ name, songs, missing, problem }) => {
    const note = problem
      ? t("cannot be read")
      : missing
        ? t("{songs}, {missing} missing", { songs, missing })
        : String(songs);
    const current = name === shown?.name ? "page" : null;
    return h(
      "li",
      {},
      h("a", { href: `#${encodeURIComponent(name)}`, "aria-current": current }, name, h("span.muted", {}, note)),
    );
  });
  find("[data-names]").replaceChildren(...links);
  if (!lists.length) find("[data-names]").append(h("li.muted", {}, t("There is none yet.")));
}

async function showList() {
  const name = decodeURIComponent(location.hash.slice(1));
  shown = name ? await get(path(name)) : null;
  const section = find("section[data-list]");
  section.hidden = !shown;
  if (shown) render(shown);
  await showNames();
}

/** @param {Api.ListDetail} list */
function render(list) {
  const { name, entries, missing, length, problem } = list;
  find("[data-title]").textContent = name;
  const away = missing
    ? tn(
        "{missing} of {count} is not in your library",
        "{missing} of {count} are not in your library",
        entries.length,
        { missing },
      )
    : "";
  find("[data-facts]").textContent = [
    tn("{count} song", "{count} songs", entries.length),
    duration(length),
    away,
    problem,
  ]
    .filter(Boolean)
    .join(" · ");
  for (const link of findAll("a[data-export]", main)) link.href = `${path(name)}/export?format=${link.dataset.export}`;
  find("[data-songs]").replaceChildren(...entries.map(row));
  find("[data-empty]").hidden = entries.length > 0;
}

/**
 * @param {Api.ListedSong} entry
 * @param {number} position
 */
function row({ song, md5, sha1, speed }, position) {
  const title = song ? `${song.title} – ${song.artist}` : t("Not in your library: {md5}", { md5: md5 || sha1 });
  const label = song ? h("a", { href: `/songs/${song.id}/edit` }, title) : h("span.muted", {}, title);
  const setSpeed = (/** @type {Event} */ event) =>
    change((entries) => {
      entries[position].speed = Number(/** @type {HTMLInputElement} */ (event.target).value);
    });
  const button = (/** @type {string} */ name, /** @type {string} */ words, /** @type {() => unknown} */ onclick) =>
    h(
      "button.button.ghost.icon-only",
      { type: "button", "aria-label": `${words}: ${title}`, title: words, onclick },
      icon(name),
    );
  const item = h(
    "li",
    { draggable: true },
    label,
    h(
      "label",
      {},
      h("span.visually-hidden", {}, t("Speed of {title}, percent", { title })),
      h("input", { type: "number", min: "5", max: "250", value: String(speed), onchange: setSpeed }),
      h("span.muted", { "aria-hidden": "true" }, " %"),
    ),
    h(
      "span.list-moves",
      {},
      button("back", t("Up"), () => move(position, position - 1)),
      button("back", t("Down"), () => move(position, position + 1)),
      button("close", t("Remove"), () => change((entries) => entries.splice(position, 1))),
    ),
  );
  item.addEventListener("dragstart", () => {
    dragged = position;
  });
  item.addEventListener("dragover", (event) => {
    event.preventDefault();
    item.classList.add("over");
  });
  item.addEventListener("dragleave", () => item.classList.remove("over"));
  item.addEventListener("drop", (event) => {
    event.preventDefault();
    if (dragged !== null) move(dragged, position);
  });
  return item;
}

/**
 * @param {number} from
 * @param {number} to
 */
const move = (from, to) =>
  change((entries) => {
    if (to >= 0 && to < entries.length) entries.splice(to, 0, ...entries.splice(from, 1));
  });

/**
 * Lets `edit` change the entries, and saves them unless the list was changed elsewhere meanwhile.
 * @param {(entries: Api.ListedSong[]) => unknown} edit
 */
async function change(edit) {
  const list = shown;
  if (!list) return;
  const changed = structuredClone(list.entries);
  edit(changed);
  const entries = changed.map(({ md5, sha1, speed }) => ({ md5, sha1, speed }));
  const saved = await attempt(() =>
    request("PUT", path(list.name), { json: { entries }, headers: { "If-Match": `"${list.etag}"` } }),
  );
  if (saved) {
    shown = saved.body;
    render(saved.body);
    await showNames();
  } else await attempt(showList);
}

/** @param {Api.ListedSong[]} entries */
function shuffle(entries) {
  for (let last = entries.length - 1; last > 0; last -= 1) {
    const other = Math.floor(Math.random() * (last + 1));
    [entries[last], entries[other]] = [entries[other], entries[last]];
  }
}

/** @param {Api.ListedSong[]} entries */
function once(entries) {
  const seen = new Set();
  const kept = entries.filter(({ md5, sha1 }) => !seen.has(md5 || sha1) && seen.add(md5 || sha1));
  entries.splice(0, entries.length, ...kept);
}

async function make() {
  const name = await prompt(t("New list"), t("Name"), "", t("Make it"));
  if (!name || !(await attempt(() => post("/api/lists", { name })))) return;
  location.hash = encodeURIComponent(name);
}

async function rename() {
  const list = shown;
  const name = list && (await prompt(t("Rename the list"), t("Name"), list.name));
  if (!list || !name || name === list.name) return;
  if (await attempt(() => request("PUT", path(list.name), { json: { name } })))
    location.hash = encodeURIComponent(name);
}

async function makeTiers() {
  const list = shown;
  if (!list) return;
  const charted = [...new Set(list.entries.flatMap(({ song }) => Object.keys(song?.instruments ?? {})))];
  const count = h("input", { type: "number", min: "2", max: "20", value: "5", required: true });
  const instrument = h(
    "select",
    {},
    (charted.length ? charted : ["guitar"]).map((name) =>
      h("option", { value: name, selected: name === "guitar" }, instrumentName(name)),
    ),
  );
  const nameOf = () => t("{name} {instrument} tier", { name: list.name, instrument: instrumentName(instrument.value) });
  const name = h("input", { value: nameOf(), autocomplete: "off", required: true });
  let proposed = name.value;
  instrument.addEventListener("change", () => {
    if (name.value === proposed) name.value = nameOf(); // what the person typed stays
    proposed = nameOf();
  });
  const fields = [
    h("p", {}, t("Lists from easy to hard, by notes a second of the hardest chart.")),
    h("label.field", {}, h("span", {}, t("How many lists")), count),
    h("label.field", {}, h("span", {}, t("Instrument")), instrument),
    h("label.field", {}, h("span", {}, t("Name of each, before its number")), name),
  ];
  const go = { label: t("Make them"), value: "yes", kind: "primary" };
  if (!(await ask(t("Split into tiers"), fields, [CANCEL, go]))) return;
  const wanted = { name: name.value.trim(), list: list.name, instrument: instrument.value, tiers: Number(count.value) };
  await attempt(async () => {
    const job = await post("/api/lists/tiers?wait=false", wanted);
    await followSongJob(job, () => attempt(showNames), t("The tiers are lists now."));
  });
}

async function deleteList() {
  const list = shown;
  if (
    !list ||
    !(await confirm(t("Delete “{name}”?", { name: list.name }), t("Its songs stay in the library."), t("Delete")))
  )
    return;
  if (await attempt(() => remove(path(list.name)))) location.hash = "";
}

shell();
attempt(showSmartLists);
find("[data-new]").addEventListener("click", make);
find("[data-rename]").addEventListener("click", rename);
find("[data-tiers]").addEventListener("click", makeTiers);
find("[data-delete]").addEventListener("click", deleteList);
find("[data-shuffle]").addEventListener("click", () => change(shuffle));
find("[data-once]").addEventListener("click", () => change(once));
addEventListener("hashchange", () => attempt(showList), { signal });
on("job", (/** @type {Api.JobShape} */ job) => job.kind === "list" && job.final && attempt(showList), signal);
attempt(showList);
