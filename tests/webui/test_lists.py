"""/api/lists."""

import pytest
from werkzeug.http import parse_options_header

from davproxy.formats import setlist
from davproxy.model import FAVOURITES, Song
from tests.webui.conftest import Site
from tests.webui.songs import add_song, chart


def add(site: Site, title: str, notes: int) -> Song:
    song = add_song(site.library, title)
    site.library.tree.write(f"{song.path}/notes.chart", chart(notes))
    list(site.library.notes.read())
    return site.library.songs.get(song.id)


@pytest.fixture
def songs(site: Site) -> list[Song]:
    return [add(site, title, notes) for title, notes in (("One", 60), ("Two", 70), ("Three", 80))]


def titles(detail: dict[str, object]) -> list[str]:
    entries = detail["entries"]
    assert isinstance(entries, list)
    return [entry["song"]["title"] if entry["song"] else "" for entry in entries]


def test_a_list_is_made_edited_renamed_and_deleted(site: Site, songs: list[Song]) -> None:
    one, two, three = songs
    made = site.client.post("/api/lists", json={"name": "Party", "ids": [one.id, two.id]})
    assert (made.status_code, titles(made.json)) == (201, ["One", "Two"])
    assert site.client.post("/api/lists", json={"name": "Party"}).status_code == 409
    added = site.client.post("/api/lists/Party/songs", json={"ids": [three.id, one.id]})
    assert titles(added.json) == ["One", "Two", "Three"]
    entries = [{"id": three.id, "speed": 120}, {"md5": one.identity.upper()}, {"md5": "f" * 32}]
    stale = site.client.put("/api/lists/Party", json={"entries": []}, headers={"If-Match": '"old"'})
    assert stale.status_code == 412
    fresh = {"If-Match": f'"old", {added.headers["ETag"]}'}
    edited = site.client.put("/api/lists/Party", json={"entries": entries, "name": "Night"}, headers=fresh)
    assert edited.status_code == 200, edited.text
    assert (edited.json["name"], titles(edited.json), edited.json["missing"]) == ("Night", ["Three", "One", ""], 1)
    assert [entry["speed"] for entry in edited.json["entries"]] == [120, 100, 100]
    assert [each["name"] for each in site.get("/api/lists")["lists"]] == ["Night"]
    left = site.client.post("/api/lists/Night/songs/remove", json={"ids": [one.id]})
    assert titles(left.json) == ["Three", ""]
    assert site.client.delete("/api/lists/Night").status_code == 200
    assert site.get("/api/lists") == {"lists": []}
    assert site.client.get("/api/lists/Night").status_code == 404


def test_a_star_is_the_list_of_favourites(site: Site, songs: list[Song]) -> None:
    starred = site.client.post(f"/api/lists/{FAVOURITES}/songs", json={"ids": [songs[0].id]})
    assert starred.json["is_favourites"]
    assert titles(starred.json) == ["One"]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"entries": [{}]}, 422), ({"entries": [{"id": 1}]}, 404), ({"entries": [{"md5": "x"}]}, 422),
        ({"entries": [{"md5": "f" * 32, "speed": 0}]}, 422), ({"name": "a/b"}, 422), ({"else": 1}, 422),
    ],
)  # fmt: skip
def test_what_is_no_list_is_refused(body: dict[str, object], status: int, site: Site) -> None:
    site.client.post("/api/lists", json={"name": "Party"})
    assert site.client.put("/api/lists/Party", json=body).status_code == status
    assert site.get("/api/lists/Party")["songs"] == 0


def test_a_list_is_exported_for_games_tables_and_people(site: Site, songs: list[Song]) -> None:
    site.client.post("/api/lists", json={"name": "Łódź ’ 東京", "ids": [songs[0].id]})
    files = {
        kind: site.client.get(f"/api/lists/Łódź ’ 東京/export?format={kind}")
        for kind in ("setlist", "json", "csv", "txt")
    }
    assert {answer.status_code for answer in files.values()} == {200}
    for kind, answer in files.items():
        disposition = answer.headers["Content-Disposition"].encode("ascii").decode()
        assert parse_options_header(disposition) == ("attachment", {"filename": f"Łódź ’ 東京.{kind}"})
    assert [song.identity for song in setlist.parse(files["setlist"].data)] == [songs[0].identity]
    assert songs[0].sha1.upper() in files["json"].text
    assert "1,One,Band,Album,me," in files["csv"].text
    assert "1. Band – One" in files["txt"].text


def test_a_list_is_split_into_tiers(site: Site) -> None:
    for title in ("One", "Two"):
        add_song(site.library, title)
    list(site.library.notes.read())
    wanted = {"name": "Career", "tiers": 2}
    plan = site.client.post("/api/lists/tiers", json={**wanted, "dry_run": True}).json
    assert [(step["kind"], step["path"]) for step in plan["steps"]] == [("list", "Career 1"), ("list", "Career 2")]
    assert [(step["before"], step["after"]) for step in plan["steps"]] == [({"entries": None}, {"entries": "1"})] * 2
    assert site.client.get("/api/lists").json["lists"] == []
    made = site.client.post("/api/lists/tiers", json=wanted)
    assert (made.status_code, made.json["total"]) == (200, 2)
    names = {each["name"]: each["songs"] for each in site.client.get("/api/lists").json["lists"]}
    assert names == {"Career 1": 1, "Career 2": 1}
    assert site.client.post("/api/lists/tiers", json=wanted).status_code == 409
    assert site.client.post(f"/api/jobs/{made.json['job']['id']}/undo").json["result"]["failed"] == 0
    assert site.client.get("/api/lists").json["lists"] == []
    assert site.client.post("/api/lists/tiers", json={"name": "x", "list": "None"}).status_code == 404
