// The upload page: what is chosen or dropped goes into the tray.
import { find } from "./dom.js";
import { dropZone, filesOf } from "./drop.js";
import { sortIntoLoads } from "./routes.js";
import { shell } from "./shell.js";
import { attempt } from "./toast.js";
import { addUploads } from "./uploads.js";

/** @param {import("./drop.js").Dropped[]} dropped */
const add = (dropped) =>
  attempt(async () => {
    const chosen = /** @type {import("./routes.js").Kind} */ (find("input[name=type]:checked").value);
    addUploads(await sortIntoLoads(dropped, chosen));
  });

shell();
dropZone(find("[data-drop]"), add);
for (const [button, input] of [
  [find("[data-choose]"), find("input[data-files]")],
  [find("[data-choose-folder]"), find("input[data-folder]")],
]) {
  button.addEventListener("click", () => input.click());
  input.addEventListener("change", () => {
    if (!(input instanceof HTMLInputElement)) return;
    add(filesOf(input));
    input.value = "";
  });
}
