"""/api/scores, the scores of a song, its star and tags."""

from davproxy.model import Song
from tests.curation.test_scores import played
from tests.formats.score_files import scoredata
from tests.webui.conftest import Site
from tests.webui.songs import add_song


def put(site: Site, player: str, song: Song, plays: int, score: int) -> None:
    """Store a player's file, and wait until it is read."""
    site.library.tree.make_folder(f"/Scores/{player}")
    charts = [played(song, plays, 5, full_combo=plays > 5, score=score), played("d" * 32, 4, 3)]
    site.library.tree.write(f"/Scores/{player}/scoredata.bin", scoredata(charts))
    assert site.jobs.wait_until_idle(30)


def test_players_leaderboard_and_what_is_no_longer_here(site: Site) -> None:
    song = add_song(site.library, "One")
    list(site.library.notes.read())
    song = site.library.songs.get(song.id)
    put(site, "Anna", song, 12, 900)
    put(site, "Ben", song, 1, 1000)
    board = site.get(f"/api/songs/{song.id}/scores")["scores"]
    assert [(each["player"], each["score"], each["plays"]) for each in board] == [("Ben", 1000, 1), ("Anna", 900, 12)]
    everything = site.get("/api/scores")
    assert [(each["player"], each["charts"], each["missing"]) for each in everything["players"]] == [
        ("Anna", 2, 1), ("Ben", 2, 1),
    ]  # fmt: skip
    assert {each["hash"] for each in everything["lost"]} == {"d" * 32}
    shown = site.get("/api/songs?search=plays:>0&sort=plays")["songs"][0]
    assert (shown["plays"], shown["stars"], shown["full_combo"], shown["best_score"]) == (13, 5, True, 1000)
    deleted = site.client.delete(f"/api/songs/{song.id}").json
    assert "played 13 times" in deleted["message"]


def test_a_star_and_a_tag_are_shown_at_once(site: Site) -> None:
    song = add_song(site.library, "One")
    list(site.library.notes.read())
    assert site.client.post("/api/lists/Favourites/songs", json={"ids": [song.id]}).status_code == 200
    tagged = site.client.post("/api/tags/warm up/songs", json={"ids": [song.id]})
    assert tagged.json == {"tags": [{"name": "warm up", "songs": 1}]}
    shown = site.get("/api/songs?search=has:star tag:warm*")["songs"][0]
    assert (shown["starred"], shown["tags"]) == (True, ["warm up"])
    assert site.client.post("/api/tags/a,b/songs", json={"ids": [song.id]}).status_code == 422
    assert site.client.post("/api/tags/warm up/songs/remove", json={"ids": [song.id]}).json == {"tags": []}
    site.client.post("/api/lists/Favourites/songs/remove", json={"ids": [song.id]})
    assert not site.get(f"/api/songs/{song.id}")["starred"]


def test_a_smart_list_is_kept_and_made_a_list(site: Site) -> None:
    add_song(site.library, "One")
    list(site.library.notes.read())
    made = site.client.post("/api/smart-lists", json={"name": "Unplayed", "search": "plays:0", "sort": "newest"})
    assert (made.status_code, made.json["songs"]) == (201, 1)
    assert made.json["query"] == "search=plays%3A0&sort=added&order=desc"
    assert site.get("/api/smart-lists")["lists"] == [made.json]
    assert "1 song now" in site.client.post("/api/smart-lists/Unplayed/list").json["message"]
    assert site.get("/api/lists/Unplayed")["songs"] == 1
    assert site.client.delete("/api/smart-lists/Unplayed").status_code == 200
    assert site.client.delete("/api/smart-lists/Unplayed").status_code == 404


def test_names_with_a_slash_are_reached(site: Site) -> None:
    song = add_song(site.library, "One")
    list(site.library.notes.read())
    assert site.client.post("/api/tags/and%2For/songs", json={"ids": [song.id]}).json["tags"][0]["name"] == "and/or"
    assert site.client.post("/api/tags/and%2For/songs/remove", json={"ids": [song.id]}).json == {"tags": []}
    site.client.post("/api/smart-lists", json={"name": "AC/DC", "search": "artist:ac/dc"})
    assert site.client.post("/api/smart-lists/AC%2FDC/list").status_code == 422  # no file is called so
    assert site.client.delete("/api/smart-lists/AC%2FDC").status_code == 200
    assert site.get("/api/smart-lists")["lists"] == []
