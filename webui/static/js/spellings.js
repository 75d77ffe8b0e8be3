// The artists that songs spell in several ways, each with a button that gives all its songs one spelling.
import { get, post } from "./api.js";
import { find, h } from "./dom.js";
import { plural } from "./format.js";
import { followSongJob } from "./song_job.js";
import { attempt } from "./toast.js";

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
    h("option", { value: artist }, `${artist} (${plural(song_count, "song")})`),
  );
  const select = h("select", { "aria-label": `Spelling of ${variants[0].artist}` }, options);
  const merge = () =>
    attempt(async () => {
      const body = { canonical: select.value, variants: variants.map(({ artist }) => artist) };
      await followSongJob(await post("/api/artists/merge?wait=false", body), () => attempt(showSpellings));
    });
  const button = h("button.button", { type: "button", onclick: merge }, "Spell all so");
  return h("li.actions", {}, h("label.select", {}, select), button);
}
