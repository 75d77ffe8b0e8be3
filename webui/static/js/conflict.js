// The dialog for a song that was changed elsewhere while it was edited here.
import { ask } from "./dialog.js";
import { h } from "./dom.js";
import { t } from "./translate.js";

/**
 * Shows what differs and asks what to keep: "mine", "theirs", or null for later.
 * @param {Record<string, string>} before The metadata that was edited.
 * @param {Record<string, string>} theirs The metadata now.
 * @param {Record<string, string | null>} mine The changes made here; null removes a key.
 */
export function askConflict(before, theirs, mine) {
  const changed = Object.keys({ ...theirs, ...before }).filter((key) => theirs[key] !== before[key]);
  const keys = [...new Set([...Object.keys(mine), ...changed])];
  const titles = [t("Field"), t("Was"), t("Now, changed elsewhere"), t("Yours")].map((title) =>
    h("th", { scope: "col" }, title),
  );
  const rows = keys.map((key) =>
    h(
      "tr",
      {},
      h("th", { scope: "row" }, key),
      h("td", {}, before[key] ?? "—"),
      h("td", {}, theirs[key] ?? "—"),
      h("td", {}, key in mine ? (mine[key] ?? "—") : t("as it is")),
    ),
  );
  const table = h("table.difference", {}, h("thead", {}, h("tr", {}, titles)), h("tbody", {}, rows));
  return ask(
    t("This song was changed elsewhere meanwhile"),
    [
      h("p", {}, t("Nothing was overwritten. Keep your changes on top of the others, or drop them?")),
      h("div.table-scroll", { tabIndex: 0, role: "region", "aria-label": t("Differences") }, table),
    ],
    [
      { label: t("Decide later"), value: null },
      { label: t("Drop mine"), value: "theirs" },
      { label: t("Save mine on top"), value: "mine", kind: "primary" },
    ],
    { large: true },
  );
}
