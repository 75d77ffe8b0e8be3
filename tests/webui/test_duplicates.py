"""/api/duplicates."""

import pytest

from davproxy.model import Song
from tests.webui.conftest import Site
from tests.webui.songs import add_song


@pytest.fixture
def songs(site: Site) -> list[Song]:
    found = [add_song(site.library, "One", folder="a"), add_song(site.library, "One", folder="b", art="tomato")]
    list(site.library.notes.read())
    return found


def test_duplicates_are_listed_resolved_and_undone(site: Site, songs: list[Song]) -> None:
    page = site.get("/api/duplicates")
    [group] = page["groups"]
    assert (page["total"], group["kind"], group["keep"], group["reason"]) == (
        1, "notes", songs[1].id, "It has album art."
    )  # fmt: skip
    choice = {"group": group["id"], "action": "merge"}
    dry = site.client.post("/api/duplicates/resolve", json={"choices": [choice], "dry_run": True}).json
    assert [(step["kind"], step["path"]) for step in dry["steps"]] == [("merge", "/Songs/b"), ("delete", "/Songs/a")]
    assert site.get("/api/duplicates")["total"] == 1
    done = site.client.post("/api/duplicates/resolve", json={"choices": [choice]}).json
    assert done["job"]["result"]["can_undo"]
    assert site.get("/api/duplicates")["total"] == 0
    undone = site.client.post(f"/api/jobs/{done['job']['id']}/undo")
    assert undone.json["state"] == "done"
    list(site.library.notes.read())
    assert site.get("/api/duplicates")["total"] == 1


def test_a_group_is_kept_as_it_is(site: Site, songs: list[Song]) -> None:
    assert len(songs) == 2
    [group] = site.get("/api/duplicates")["groups"]
    assert site.client.post("/api/duplicates/keep", json={"groups": [group["id"]]}).json["kept"] == 1
    assert site.get("/api/duplicates")["total"] == 0
    assert site.client.post("/api/duplicates/keep", json={"groups": ["0" * 16]}).status_code == 404


def test_spellings_of_an_artist_are_listed(site: Site) -> None:
    add_song(site.library, "One", artist="The Band")
    add_song(site.library, "Two", artist="Band, The")
    [spellings] = site.get("/api/duplicates/artists")["artists"]
    assert {each["artist"] for each in spellings} == {"The Band", "Band, The"}
