// The smart lists on the page of lists: searches that are kept, each opened, made a list for games, or deleted.
import { get, post, remove } from "./api.js";
import { find, h, icon } from "./dom.js";
import { attempt, toast } from "./toast.js";
import { t, tn } from "./translate.js";

/** Shows every smart list. */
export async function showSmartLists() {
  /** @type {Api.AllSmartLists} */
  const { lists } = await get("/api/smart-lists");
  const none = h("li.muted", {}, t("There is none yet."));
  find("[data-smart]").replaceChildren(...(lists.length ? lists.map(row) : [none]));
}

/** @param {Api.SmartListShape} list */
function row({ name, query, songs }) {
  const path = `/api/smart-lists/${encodeURIComponent(name)}`;
  const make = () =>
    attempt(async () => {
      const { message } = await post(`${path}/list`, {});
      toast(message);
      location.hash = encodeURIComponent(name);
    });
  const forget = () => attempt(() => remove(path).then(showSmartLists));
  return h(
    "li.smart",
    {},
    h("a", { href: `/songs?${query}` }, name, h("span.muted", {}, tn("{count} song", "{count} songs", songs))),
    h(
      "button.button",
      { type: "button", onclick: make, "aria-label": t("Make a list of {name}", { name }) },
      t("Make a list"),
    ),
    h(
      "button.button.ghost.icon-only",
      { type: "button", onclick: forget, "aria-label": t("Delete {name}", { name }) },
      icon("trash"),
    ),
  );
}
