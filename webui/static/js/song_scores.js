// The leaderboard and the tags of a song, on its page.
import { get, post } from "./api.js";
import { prompt } from "./dialog.js";
import { h, icon } from "./dom.js";
import { count } from "./format.js";
import { attempt } from "./toast.js";
import { t, tn } from "./translate.js";

/**
 * Shows who did what in a song.
 * @param {HTMLElement} container
 * @param {Api.SongDetail} song
 */
export async function leaderboard(container, song) {
  /** @type {Api.Leaderboard | undefined} */
  const board = await attempt(() => get(`/api/songs/${song.id}/scores`));
  if (!board?.scores.length) {
    const where = h("a", { href: "/scores" }, t("Scores"));
    container.replaceChildren(
      h("p.muted", {}, t("Nobody has played it yet, as far as the files of the players say."), " ", where),
    );
    return;
  }
  const rows = board.scores.map(({ player, score, stars, percent, full_combo, plays }) =>
    h(
      "tr",
      {},
      h("th", { scope: "row" }, player),
      h("td", {}, count(score)),
      h(
        "td",
        {},
        [stars ? `${stars} ★` : "", percent ? `${percent} %` : "", full_combo ? "FC" : ""].filter(Boolean).join(" "),
      ),
      h("td", {}, plays ? tn("{count} play", "{count} plays", plays) : ""),
    ),
  );
  container.replaceChildren(h("table.scores", {}, h("tbody", {}, rows)));
}

/**
 * Shows the tags of a song, each with a button that takes it away.
 * @param {HTMLElement} container
 * @param {Api.SongDetail} song
 */
export function tagList(container, song) {
  const show = () => {
    const tags = song.tags.map((tag) => {
      const label = t("Remove the tag {tag}", { tag });
      const link = h("a", { href: `/songs?search=${encodeURIComponent(`tag:"${tag}"`)}` }, tag);
      const button = h(
        "button.tag-remove",
        { type: "button", "aria-label": label, onclick: () => change(tag, true) },
        icon("close"),
      );
      return h("li.song-tag", {}, link, button);
    });
    const add = h("button.button", { type: "button", onclick: ask }, icon("plus"), t("Tag"));
    container.replaceChildren(h("ul.song-tags", {}, tags), add);
  };
  /** @param {string} tag @param {boolean} gone */
  const change = async (tag, gone) => {
    const path = `/api/tags/${encodeURIComponent(tag)}/songs${gone ? "/remove" : ""}`;
    if (!(await attempt(() => post(path, { ids: [song.id] })))) return;
    song.tags = gone ? song.tags.filter((each) => each !== tag) : [...new Set([...song.tags, tag])];
    show();
  };
  const ask = async () => {
    const tag = (await prompt(t("Tag this song"), t("Tag"), "", t("Add")))?.trim();
    if (tag) await change(tag, false);
  };
  show();
}
