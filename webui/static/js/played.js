// How many of the songs that are to be deleted somebody has played, in words.
import { get } from "./api.js";
import { tn } from "./translate.js";

const PAGE = 1000; // songs

/**
 * What a dialog says of the songs that `isChosen` picks; empty where none of them was played.
 * @param {(song: Api.SongSummary) => boolean} isChosen
 */
export async function playedNote(isChosen) {
  let count = 0;
  for (let offset = 0, total = 1; offset < total; offset += PAGE) {
    /** @type {Api.SongPage} */
    const page = await get("/api/songs", { search: "has:plays", limit: PAGE, offset });
    total = page.total;
    count += page.songs.filter(isChosen).length;
  }
  if (!count) return "";
  return tn(
    "{count} of these songs was played; the scores stay in the game.",
    "{count} of these songs were played; the scores stay in the game.",
    count,
  );
}
