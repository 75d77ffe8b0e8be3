// Uploads: each file with its progress, then its job, then the songs that came out of it.
import { post, send } from "./api.js";
import { find, h, icon } from "./dom.js";
import { chosen, dropZone } from "./drop.js";
import { bytes, plural } from "./format.js";
import { follow } from "./jobs.js";
import { shell } from "./shell.js";

const AT_ONCE = 2;
const SHOWN = 12; // songs linked to
const PLACES = { songs: "/Drop", backgrounds: "/Backgrounds", highways: "/Highways", colors: "/Colors" };
const waiting = [];
let running = 0;

const kind = () => find("[name=type]:checked").value;

function add(found) {
  const folders = new Map();
  for (const { file, folder } of found) {
    if (!folder) enqueue({ name: file.name, size: file.size, files: [{ file, folder: "" }] });
    else {
      const top = folder.split("/")[0];
      if (!folders.has(top)) folders.set(top, []);
      folders.get(top).push({ file, folder });
    }
  }
  for (const [name, files] of folders)
    enqueue({ name, size: files.reduce((sum, { file }) => sum + file.size, 0), files, isFolder: true });
}

function enqueue(item) {
  item.type = kind();
  item.row = h("li.upload.busy", {});
  find("[data-uploads]").prepend(item.row);
  start(item);
}

function start(item) {
  waiting.push(item);
  show(item, { note: "waiting" });
  next();
}

async function next() {
  if (running >= AT_ONCE || !waiting.length) return;
  running += 1;
  const item = waiting.shift();
  try {
    await upload(item);
  } catch (error) {
    show(item, { state: "failed", note: error.message, again: true });
  }
  running -= 1;
  next();
}

async function upload(item) {
  let sent = 0;
  let answer = null;
  for (const { file, folder } of item.files) {
    const form = new FormData();
    form.append("file", file, file.name);
    const address = item.isFolder
      ? `/api/webdav/upload?replace=true&path=${encodeURIComponent(`${PLACES[item.type]}/${folder}`)}`
      : `/api/upload?type=${item.type}&replace=true`;
    const call = send(address, form, (part) =>
      show(item, {
        progress: (sent + part * file.size) / (item.size || 1),
        note: `${bytes(sent + part * file.size)} of ${bytes(item.size)}`,
        stop: call.abort,
      }),
    );
    answer = await call.promise;
    sent += file.size;
  }
  const folder = `${PLACES[item.type]}/${item.name}`;
  if (item.isFolder && item.type === "songs")
    answer = { files: [{ job: await post("/api/webdav/import", { path: folder }), path: folder }] };
  await outcome(item, answer.files[0]);
}

async function outcome(item, { job, path }) {
  if (!job) {
    show(item, { state: "done", note: item.isFolder ? "Stored." : `Stored as ${path}.` });
    return;
  }
  running -= 1; // the server works now; the next upload may start
  next();
  const done = await follow(job.id, (now) =>
    show(item, { progress: now.progress, note: now.step || "waiting for its turn" }),
  );
  running += 1;
  if (done.state === "done") songs(item, done);
  else show(item, { state: "failed", note: done.error ?? "Stopped.", again: true });
}

function songs(item, job) {
  const result = job.result ?? {};
  const links = [...(result.songs ?? []), ...(result.duplicates ?? [])]
    .filter((song) => song.id)
    .slice(0, SHOWN)
    .map((song) => h("a.tag", { href: `/songs/${song.id}/edit` }, icon("music"), song.title));
  show(item, { state: "done", note: summary(result), links });
}

function summary(result) {
  const added = result.songs?.length ?? 0;
  const known = result.duplicates?.length ?? 0;
  const stored = result.files?.length ?? 0;
  const words = [
    added && `${plural(added, "song")} added.`,
    known && `${plural(known, "song")} ${known === 1 ? "is" : "are"} in the library already.`,
    stored && `${plural(stored, "file")} stored.`,
    ...[...(result.failed ?? []), ...(result.skipped ?? [])]
      .slice(0, 3)
      .map(({ path, reason }) => (path ? `${path}: ${reason}` : reason)),
  ];
  return words.filter(Boolean).join(" ") || "Done.";
}

function show(item, { state = "busy", note, progress, links, again, stop }) {
  item.row.className = `upload ${state}`;
  const button = again
    ? h("button.button", { type: "button", onclick: () => start(item) }, icon("refresh"), "Try again")
    : stop
      ? h("button.button.ghost", { type: "button", onclick: stop, "aria-label": `Stop ${item.name}` }, "Stop")
      : h("span");
  item.row.replaceChildren(
    icon({ done: "check", failed: "stop" }[state] ?? (item.isFolder ? "folder" : "archive")),
    h("span.upload-name", {}, item.name),
    button,
    progress !== undefined && state === "busy"
      ? h("progress", { max: 1, value: progress, "aria-label": item.name })
      : "",
    h("span.upload-note", { role: state === "busy" ? null : "status" }, note),
    links?.length ? h("div.upload-songs", {}, links) : "",
  );
}

shell();
dropZone(find("[data-drop]"), add);
for (const [button, input] of [
  ["[data-choose]", "[data-files]"],
  ["[data-choose-folder]", "[data-folder]"],
]) {
  find(button).addEventListener("click", () => find(input).click());
  find(input).addEventListener("change", () => {
    add(chosen(find(input)));
    find(input).value = "";
  });
}
