// A look at a file of the tree: text, pictures, sound and video in a dialog.
import { call } from "./api.js";
import { ask } from "./dialog.js";
import { h } from "./dom.js";
import { t } from "./translate.js";

const TEXT_BYTES = 200_000; // of a text file that are shown
const KINDS = {
  text: /\.(txt|ini|chart|log|md|json|lrc)$/i,
  picture: /\.(png|jpe?g)$/i,
  sound: /\.(ogg|opus|mp3|wav)$/i,
  video: /\.(mp4|webm)$/i,
};

/** @param {string} path @returns The address of a file. */
export const fileAddress = (path, download = false) =>
  `/api/webdav/file?path=${encodeURIComponent(path)}${download ? "&download=true" : ""}`;

/** @param {string} name */
export const canPreview = (name) => Object.values(KINDS).some((kind) => kind.test(name));

/**
 * Shows a file in a dialog.
 * @param {string} path
 */
export async function preview(path) {
  const name = path.split("/").at(-1) ?? path;
  const choice = await ask(name, [await content(path, name)], [{ label: t("Download"), value: "download" }, CLOSE], {
    large: true,
  });
  if (choice === "download") location.assign(fileAddress(path, true));
}

const CLOSE = { label: t("Close"), value: null };

/**
 * @param {string} path
 * @param {string} name
 */
async function content(path, name) {
  const src = fileAddress(path);
  if (KINDS.picture.test(name)) return h("img.preview-picture", { src, alt: name });
  if (KINDS.sound.test(name)) return h("audio", { src, controls: true });
  if (KINDS.video.test(name)) return h("video.preview-picture", { src, controls: true });
  const response = await call(src, { headers: { Range: `bytes=0-${TEXT_BYTES - 1}` } });
  return h(
    "pre.preview-text",
    { tabIndex: 0, role: "region", "aria-label": t("Content of {name}", { name }) },
    await response.text(),
  );
}
