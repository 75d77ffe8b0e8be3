// The button of the selection bar that adds the selected songs to a list.
import { get, post } from "./api.js";
import { ask, CANCEL, prompt } from "./dialog.js";
import { h } from "./dom.js";
import { attempt, toast } from "./toast.js";
import { t, tn } from "./translate.js";

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
    const select = h("select", {}, ...options, h("option", { value: NEW }, t("A new list…")));
    const field = h("label.field", {}, h("span", {}, t("List")), select);
    const add = { label: t("Add"), value: "add", kind: "primary" };
    if (
      !(await ask(tn("Add {count} song to a list", "Add {count} songs to a list", ids.length), [field], [CANCEL, add]))
    )
      return;
    const name = select.value === NEW ? await prompt(t("New list"), t("Name"), "", t("Make it")) : select.value;
    if (!name) return;
    await post(`/api/lists/${encodeURIComponent(name)}/songs`, { ids });
    toast(tn("{count} song added to “{name}”.", "{count} songs added to “{name}”.", ids.length, { name }));
  });
}
