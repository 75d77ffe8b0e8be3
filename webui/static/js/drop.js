// Files and whole folders, dropped or chosen.

/** Calls `onFiles([{file, folder}])` for what is dropped on `zone`; `folder` is the path inside what was dropped. */
export function dropZone(zone, onFiles) {
  let depth = 0;
  const light = (on) => zone.classList.toggle("dropping", on);
  zone.addEventListener("dragenter", (event) => {
    event.preventDefault();
    depth += 1;
    light(true);
  });
  zone.addEventListener("dragover", (event) => event.preventDefault());
  zone.addEventListener("dragleave", () => {
    depth -= 1;
    if (depth <= 0) light(false);
  });
  zone.addEventListener("drop", async (event) => {
    event.preventDefault();
    depth = 0;
    light(false);
    const found = await collect(event.dataTransfer);
    if (found.length) onFiles(found);
  });
}

/** What a file input holds, folders included. */
export const chosen = (input) =>
  [...input.files].map((file) => ({ file, folder: file.webkitRelativePath.split("/").slice(0, -1).join("/") }));

async function collect(transfer) {
  const entries = [...transfer.items].filter((item) => item.kind === "file").map((item) => item.webkitGetAsEntry?.());
  if (!entries.length || entries.some((entry) => !entry))
    return [...transfer.files].map((file) => ({ file, folder: "" }));
  const found = [];
  for (const entry of entries) await walk(entry, "", found);
  return found;
}

async function walk(entry, folder, found) {
  if (entry.isFile) {
    found.push({ file: await new Promise((resolve, reject) => entry.file(resolve, reject)), folder });
    return;
  }
  const reader = entry.createReader();
  for (;;) {
    const some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
    if (!some.length) return;
    for (const each of some) await walk(each, folder ? `${folder}/${entry.name}` : entry.name, found);
  }
}
