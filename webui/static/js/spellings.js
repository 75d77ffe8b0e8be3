// The artists that songs spell in several ways, each with a button that gives all its songs one spelling.
import { get, post } from "./api.js";
import { find, h } from "./dom.js";
import { followSongJob } from "./song_job.js";
import { attempt } from "./toast.js";
import { t, tn } from "./translate.js";

/** Shows the card, where there is such an artist. */
export async function showSpellings() {
  const card = find("[data-spellings]");
  /** @type {Api.SpellingGroups} */
  const { groups } = await get("/api/artists/duplicates");
  card.hidden = !groups.length;
  find("[data-artists]", card).replaceChildren(...groups.map(row));
}

/** @param {Api.SpellingGroup} group */
function row({ variants }) {
  const options = variants.map(({ artist, song_count }) =>
    h("option", { value: artist }, tn("{artist} ({count} song)", "{artist} ({count} songs)", song_count, { artist })),
  );
  const select = h("select", { "aria-label": t("Spelling of {artist}", { artist: variants[0].artist }) }, options);
  const merge = () =>
    attempt(async () => {
      const body = { canonical: select.value, variants: variants.map(({ artist }) => artist) };
      await followSongJob(await post("/api/artists/merge?wait=false", body), () => attempt(showSpellings));
    });
  const button = h("button.button", { type: "button", onclick: merge }, t("Spell all so"));
  return h("li.actions", {}, h("label.select", {}, select), button);
}
