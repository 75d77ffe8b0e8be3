// The tree: navigate, upload, make folders, rename, move, delete with undo, import.
import { get, post, remove, send, treeAddress } from "./api.js";
import { confirm, prompt } from "./dialog.js";
import { find, h, icon } from "./dom.js";
import { chosen, dropZone } from "./drop.js";
import { ago, bytes, moment, plural } from "./format.js";
import { follow } from "./jobs.js";
import { shell } from "./shell.js";
import { attempt, toast } from "./toast.js";

let folder = "/";
let undoable = false;

const join = (...names) => names.join("/").replace(/\/+/g, "/");
const fromAddress = () => decodeURIComponent(location.pathname.replace(/^\/browser/, "")) || "/";

async function open(path, { push = true } = {}) {
  const listing = await attempt(() => get("/api/webdav/browse", { path }));
  if (!listing) {
    if (path !== "/" && !find("[data-entries]").children.length) open("/", { push: false });
    return;
  }
  folder = listing.path;
  undoable = listing.can_undo;
  if (push) history.pushState(null, "", treeAddress(folder));
  document.title = `${folder === "/" ? "Files" : folder.split("/").at(-1)} · davproxy`;
  const names = folder.split("/").filter(Boolean);
  const crumbs = [["Library", "/"], ...names.map((name, at) => [name, `/${names.slice(0, at + 1).join("/")}`])];
  find("[data-crumbs]").replaceChildren(
    ...crumbs.map(([name, target], at) => h("li", {}, link(name, target, at === crumbs.length - 1))),
  );
  find("[data-caption]").textContent = `Entries of ${folder}`;
  find("[data-entries]").replaceChildren(...listing.entries.map(row));
  find("[data-empty]").hidden = listing.entries.length > 0;
  find("[data-actions]").hidden = folder === "/"; // the folders at the top stay as they are
}

function link(name, path, current = false) {
  return h(
    "a",
    {
      href: treeAddress(path),
      "aria-current": current ? "page" : null,
      onclick: (event) => {
        if (event.ctrlKey || event.metaKey || event.shiftKey) return;
        event.preventDefault();
        open(path);
      },
    },
    name,
  );
}

function row(entry) {
  const name = entry.is_folder
    ? link("", entry.path)
    : entry.song
      ? h("a", { href: `/songs/${entry.song}/edit` })
      : h("span");
  name.className = `entry-name${entry.is_folder ? " folder" : ""}`;
  name.replaceChildren(icon(entry.is_folder ? (entry.song ? "music" : "folder") : "file"), entry.name);
  const fixed = folder === "/";
  const action = (label, picture, act) =>
    h(
      "button.button.ghost.icon-only",
      { type: "button", "aria-label": `${label} ${entry.name}`, title: label, onclick: act },
      icon(picture),
    );
  return h(
    "tr",
    {},
    h("td", {}, name),
    h("td.narrow", {}, entry.is_folder ? "" : bytes(entry.size)),
    h("td.narrow", { title: entry.modified ? moment(entry.modified) : "" }, ago(entry.modified)),
    h(
      "td",
      {},
      h(
        "div.entry-actions",
        {},
        entry.song
          ? h(
              "a.button.ghost.icon-only",
              {
                href: `/songs/${entry.song}/edit`,
                "aria-label": `Edit the song ${entry.name}`,
                title: "Edit the song",
              },
              icon("music"),
            )
          : null,
        fixed ? null : action("Rename", "edit", () => rename(entry)),
        fixed ? null : action("Move", "move", () => move(entry)),
        fixed ? null : action("Delete", "trash", () => erase(entry)),
      ),
    ),
  );
}

async function rename(entry) {
  const name = await prompt(`Rename “${entry.name}”`, "New name", entry.name, "Rename");
  if (
    name &&
    name !== entry.name &&
    (await attempt(() => post("/api/webdav/move", { source: entry.path, target: join(folder, name) })))
  )
    open(folder, { push: false });
}

async function move(entry) {
  const target = await prompt(`Move “${entry.name}”`, "Into the folder", folder, "Move");
  if (
    target &&
    (await attempt(() => post("/api/webdav/move", { source: entry.path, target: join(target, entry.name) })))
  ) {
    toast(`Moved to ${target}.`);
    open(folder, { push: false });
  }
}

async function erase(entry) {
  const words = undoable
    ? "It goes to the trash bin; you can bring it back."
    : "This server has no trash bin: it cannot be brought back.";
  if (!(await confirm(`Delete “${entry.name}”?`, words, "Delete"))) return;
  const gone = await attempt(() => remove("/api/webdav/delete", { path: entry.path }));
  if (!gone) return;
  await open(folder, { push: false });
  toast(
    `Deleted ${entry.name}.`,
    gone.restore
      ? {
          action: "Undo",
          seconds: 15,
          onAction: () =>
            attempt(async () => {
              await post("/api/webdav/restore", { key: gone.restore });
              await open(folder, { push: false });
            }),
        }
      : {},
  );
}

async function upload(found) {
  if (folder === "/") {
    toast("Open one of the folders first.", { bad: true });
    return;
  }
  let stored = 0;
  for (const [at, { file, folder: below }] of found.entries()) {
    find("[data-sending]").hidden = false;
    find("[data-sending-name]").textContent =
      `Uploading ${file.name}${found.length > 1 ? `, ${at + 1} of ${found.length}` : ""}`;
    if (await uploadOne(file, join(folder, below))) stored += 1;
  }
  find("[data-sending]").hidden = true;
  if (stored) toast(`Uploaded ${plural(stored, "file")}.`);
  open(folder, { push: false });
}

async function uploadOne(file, target, replace = false) {
  const form = new FormData();
  form.append("file", file, file.name);
  try {
    const sending = send(`/api/webdav/upload?path=${encodeURIComponent(target)}&replace=${replace}`, form, (part) => {
      find("[data-sending] progress").value = part;
    });
    find("[data-sending] button").onclick = sending.abort;
    return await sending.promise;
  } catch (error) {
    if (
      !replace &&
      (error.status === 409 || error.status === 412) &&
      (await confirm(`“${file.name}” is there already`, "Replace it with the file you chose?", "Replace", "primary"))
    )
      return uploadOne(file, target, true);
    if (replace || (error.status !== 409 && error.status !== 412)) toast(error.message, { bad: true });
    return null;
  }
}

find("[data-new-folder]").addEventListener("click", async () => {
  const name = await prompt("New folder", "Name", "", "Make");
  if (name && (await attempt(() => post("/api/webdav/mkdir", { path: join(folder, name) }))))
    open(folder, { push: false });
});
find("[data-import]").addEventListener("click", () =>
  attempt(async () => {
    const job = await follow((await post("/api/webdav/import", { path: folder })).id);
    toast(job.state === "done" ? "The folder's songs are up to date." : (job.error ?? "Stopped."), {
      bad: job.state === "failed",
    });
    open(folder, { push: false });
  }),
);
find("[data-upload]").addEventListener("click", () => find("[data-files]").click());
find("[data-files]").addEventListener("change", (event) => {
  upload(chosen(event.target));
  event.target.value = "";
});
dropZone(find("[data-browser]"), upload);
window.addEventListener("popstate", () => open(fromAddress(), { push: false }));

shell();
open(fromAddress(), { push: false });
