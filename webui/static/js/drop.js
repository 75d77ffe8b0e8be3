// Files and whole folders that are dropped on a page or chosen in an input.

/** @typedef {{file: File, folder: string}} Dropped `folder` is the path of the file's folder inside what was dropped. */

/**
 * Calls `onFiles` with the files that are dropped on `zone`.
 * @param {HTMLElement} zone
 * @param {(files: Dropped[]) => void} onFiles
 */
export function dropZone(zone, onFiles) {
  let depth = 0;
  /** @param {boolean} on */
  const highlight = (on) => zone.classList.toggle("dropping", on);
  /** Takes the event from the zones around this one. @param {DragEvent} event */
  const take = (event) => {
    event.stopPropagation();
    if (event.dataTransfer?.types.includes("Files")) event.preventDefault();
  };
  zone.addEventListener("dragenter", (event) => {
    take(event);
    if (!event.dataTransfer?.types.includes("Files")) return;
    depth += 1;
    highlight(true);
  });
  zone.addEventListener("dragover", take);
  zone.addEventListener("dragleave", (event) => {
    event.stopPropagation();
    depth -= 1;
    if (depth <= 0) highlight(false);
  });
  zone.addEventListener("drop", async (event) => {
    take(event);
    depth = 0;
    highlight(false);
    const files = event.dataTransfer ? await filesIn(event.dataTransfer) : [];
    if (files.length) onFiles(files);
  });
}

/**
 * The files of an input, those in folders too.
 * @param {HTMLInputElement} input
 * @returns {Dropped[]}
 */
export const filesOf = (input) =>
  [...(input.files ?? [])].map((file) => ({ file, folder: file.webkitRelativePath.split("/").slice(0, -1).join("/") }));

/**
 * @param {DataTransfer} transfer
 * @returns {Promise<Dropped[]>}
 */
async function filesIn(transfer) {
  const entries = [...transfer.items].filter((item) => item.kind === "file").map((item) => item.webkitGetAsEntry?.());
  const known = entries.filter((entry) => entry !== null && entry !== undefined);
  if (!known.length || known.length < entries.length) return [...transfer.files].map((file) => ({ file, folder: "" }));
  /** @type {Dropped[]} */
  const files = [];
  for (const entry of known) await collect(entry, "", files);
  return files;
}

/**
 * Adds the files in `entry`, which is in `folder`, to `files`.
 * @param {FileSystemEntry} entry
 * @param {string} folder
 * @param {Dropped[]} files
 */
async function collect(entry, folder, files) {
  if (entry.isFile) {
    const file = await new Promise((resolve, reject) => {
      /** @type {FileSystemFileEntry} */ (entry).file(resolve, reject);
    });
    files.push({ file, folder });
    return;
  }
  const reader = /** @type {FileSystemDirectoryEntry} */ (entry).createReader();
  for (;;) {
    /** @type {FileSystemEntry[]} */
    const some = await new Promise((resolve, reject) => {
      reader.readEntries(resolve, reject);
    });
    if (!some.length) return;
    for (const each of some) await collect(each, folder ? `${folder}/${entry.name}` : entry.name, files);
  }
}
