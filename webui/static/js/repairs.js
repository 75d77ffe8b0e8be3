// The page of repairs: how many songs each would change, what it would do, and a job that can be undone.
import { get } from "./api.js";
import { find, h } from "./dom.js";
import { count } from "./format.js";
import { repair } from "./repair_dialog.js";
import { shell } from "./shell.js";
import { attempt } from "./toast.js";
import { t, translated } from "./translate.js";

async function load() {
  /** @type {Api.RepairList} */
  const { repairs } = await get("/api/repairs");
  find("[data-repairs]").replaceChildren(...repairs.map(row));
}

/** @param {Api.RepairShape} each */
function row(each) {
  const start = () => attempt(() => repair(each, [], () => attempt(load)));
  const button = h("button.button", { type: "button", disabled: !each.songs, onclick: start }, t("Show and repair"));
  const words = h("td", {}, h("b", {}, translated(each.title)), h("p.muted", {}, translated(each.text)));
  return h("tr", {}, words, h("td", {}, count(each.songs)), h("td", {}, button));
}

attempt(load);
shell();
