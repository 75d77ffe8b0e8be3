// The button of the selection bar that adds the selected songs to a list.
import { get, post } from "./api.js";
import { ask, CANCEL, prompt } from "./dialog.js";
import { h } from "./dom.js";
import { plural } from "./format.js";
import { attempt, toast } from "./toast.js";

const NEW = "\n"; // no name of a list

/**
 * Asks for a list, and adds the songs with these ids to it.
 * @param {number[]} ids
 */
export async function addToList(ids) {
  await attempt(async () => {
    const { lists } = /** @type {Api.AllLists} */ (await get("/api/lists"));
    const names = new Set(["Favourites", ...lists.map(({ name }) => name)]);
    const options = [...names].map((name) => h("option", { value: name }, name));
    const select = h("select", {}, ...options, h("option", { value: NEW }, "A new list…"));
    const field = h("label.field", {}, h("span", {}, "List"), select);
    const add = { label: "Add", value: "add", kind: "primary" };
    if (!(await ask(`Add ${plural(ids.length, "song")} to a list`, [field], [CANCEL, add]))) return;
    const name = select.value === NEW ? await prompt("New list", "Name", "", "Make it") : select.value;
    if (!name) return;
    await post(`/api/lists/${encodeURIComponent(name)}/songs`, { ids });
    toast(`${plural(ids.length, "song")} added to “${name}”.`);
  });
}
