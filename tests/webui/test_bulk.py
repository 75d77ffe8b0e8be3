"""/api/songs/bulk: the same edit for many songs, and its dry run."""

import pytest

from davproxy.formats import song_ini
from tests.webui.conftest import Site
from tests.webui.songs import add_song


def test_a_dry_run_lists_the_changes_of_a_bulk_edit(site: Site) -> None:
    songs = [add_song(site.library, title, genre=genre) for title, genre in (("A", "Rock"), ("B", "Pop"))]
    edit = {"ids": [song.id for song in songs] + [12345], "metadata": {"genre": "Pop"}, "dry_run": True}
    shown = site.client.post("/api/songs/bulk", json=edit).json
    assert (shown["changed"], shown["failed"]) == (1, 1)
    assert shown["songs"][0]["changes"] == [{"key": "genre", "before": "Rock", "after": "Pop"}]
    assert site.library.songs.get(songs[0].id).genre == "Rock"
    assert site.client.post("/api/songs/bulk", json={**edit, "dry_run": False}).json["changed"] == 1
    assert site.library.songs.get(songs[0].id).genre == "Pop"


@pytest.mark.parametrize(
    ("metadata", "status"),
    [
        ({"diff_guitar": "abc"}, 422),
        ({"delay": "soon"}, 422),
        ({"hopo_frequency": "170"}, 409),
        ({"genre": "Pop"}, None),
        ({"Genre": "Rock"}, None),
        ({"charter": "Anna"}, None),
        ({"charter": "Bo"}, None),
        ({"frets": "Bo"}, None),
        ({"charter": None}, None),
        ({"title": "Other"}, None),
        ({"name": "Song", "new_key": ""}, None),
    ],
)
def test_a_dry_run_says_what_the_bulk_edit_does(
    metadata: dict[str, str | None], status: int | None, site: Site
) -> None:
    song = add_song(site.library, "Song", genre="Rock", frets="Anna")
    before = site.library.tree.read("/Songs/Song/song.ini")
    edit = {"ids": [song.id], "metadata": metadata}
    shown = site.client.post("/api/songs/bulk", json={**edit, "dry_run": True}).json
    assert site.library.tree.read("/Songs/Song/song.ini") == before
    done = site.client.post("/api/songs/bulk", json=edit).json
    assert shown == done | {"dry_run": True}
    assert shown["songs"][0]["status"] == status
    assert (shown["changed"], shown["failed"]) == (int(bool(shown["songs"][0]["changes"])), int(status is not None))
    pairs = song_ini.parse(site.library.tree.read("/Songs/Song/song.ini")).pairs
    was = song_ini.parse(before).pairs
    assert {change["key"]: change["after"] for change in done["songs"][0]["changes"]} == {
        key: pairs.get(key) for key in {**was, **pairs} if was.get(key) != pairs.get(key)
    }
