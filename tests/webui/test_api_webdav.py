"""/api/webdav: the tree, and nothing outside it; /api/library and /api/jobs."""

import pytest

from davproxy import __version__
from tests.webui.conftest import Site
from tests.webui.songs import add_song, chart, ini, tone


def test_a_listing_has_folders_first_and_the_ids_of_songs(site: Site) -> None:
    song = add_song(site.library, "Title")
    site.library.tree.make_folder("/Songs/empty")
    site.library.tree.write("/Songs/note.txt", b"hello")
    listing = site.get("/api/webdav/browse?path=/Songs/")
    assert listing["path"] == "/Songs"
    assert listing["can_undo"] is True
    assert [(entry["name"], entry["is_folder"], entry["song"]) for entry in listing["entries"]] == [
        ("empty", True, None),
        ("Title", True, song.id),
        ("note.txt", False, None),
    ]
    assert [entry["name"] for entry in site.get("/api/webdav/browse")["entries"]][:2] == ["Backgrounds", "Colors"]


def test_names_are_sorted_by_the_value_of_their_numbers(site: Site) -> None:
    for name in ("Song 10", "song 2", "Song", "Song 2b", "10", "9"):
        site.library.tree.make_folder(f"/Songs/{name}")
    names = [entry["name"] for entry in site.get("/api/webdav/browse?path=/Songs")["entries"]]
    assert names == ["9", "10", "Song", "song 2", "Song 2b", "Song 10"]


@pytest.mark.parametrize("path", ["/../etc", "/Songs/../../etc", "/Songs/a\\..\\b", "/Songs/a\x00b"])
def test_paths_outside_the_tree_are_refused(site: Site, path: str) -> None:
    assert site.client.get("/api/webdav/browse", query_string={"path": path}).status_code == 400
    assert site.client.delete("/api/webdav/delete", query_string={"path": path}).status_code == 400
    assert site.client.post("/api/webdav/mkdir", json={"path": path}).status_code == 400


@pytest.mark.parametrize("path", ["/", "/Songs", "/Drop/", "/Temp/x", "/Database/clonehero.db", "/Database/x"])
def test_only_entries_below_the_top_folders_change(site: Site, path: str) -> None:
    assert site.client.delete("/api/webdav/delete", query_string={"path": path}).status_code in (403, 404)
    assert site.client.post("/api/webdav/mkdir", json={"path": path}).status_code in (403, 404)
    moved = site.client.post("/api/webdav/move", json={"source": "/Songs/x", "target": path})
    assert moved.status_code in (403, 404)


def test_a_move_replaces_nothing(site: Site) -> None:
    site.library.tree.write("/Colors/a.ini", b"a")
    site.library.tree.write("/Colors/b.ini", b"b")
    answer = site.client.post("/api/webdav/move", json={"source": "/Colors/a.ini", "target": "/Colors/b.ini"})
    assert answer.status_code in (409, 412)
    assert site.library.tree.read("/Colors/b.ini") == b"b"


def test_the_trash_is_listed_and_restored(site: Site) -> None:
    site.library.tree.write("/Colors/a.ini", b"a")
    key = site.client.delete("/api/webdav/delete?path=/Colors/a.ini").json["restore"]
    assert [entry["path"] for entry in site.get("/api/webdav/trash")["entries"]] == ["/Colors/a.ini"]
    assert site.client.post("/api/webdav/restore", json={"key": key}).json["path"] == "/Colors/a.ini"
    assert site.client.post("/api/webdav/restore", json={"key": "made up"}).status_code == 404


def test_the_library_and_its_connection_are_described(site: Site) -> None:
    add_song(site.library, "Title", song_length="61000")
    status = site.get("/api/library/status")
    assert (status["songs"], status["artists"], status["length"]) == (1, 1, 61_000)
    assert {folder["path"]: folder["files"] for folder in status["folders"]}["/Songs"] == 3
    assert status["size"] > 0
    assert site.get("/api/webdav/status")["address"].endswith("/dav/")
    health = site.get("/api/health")
    assert (health["status"], health["version"]) == ("ok", __version__)


def test_a_sync_counts_its_changes(site: Site) -> None:
    folder = site.stored / "Songs" / "Beside"
    folder.mkdir()
    (folder / "song.ini").write_text("[song]\nname = Beside\n")
    job = site.client.post("/api/library/sync?wait=true")
    assert job.status_code == 200
    assert {"synced": 1, "added": 1, "changed": 0, "purged": 0}.items() <= job.json["result"].items()
    assert site.get(f"/api/jobs/{job.json['id']}")["state"] == "done"


def test_a_folder_in_drop_is_imported_on_request(site: Site) -> None:
    site.library.tree.make_folder("/Drop/Pack/One")
    for name, content in (("notes.chart", chart()), ("song.wav", tone()), ("song.ini", ini(name="One", artist="A"))):
        site.library.tree.write(f"/Drop/Pack/One/{name}", content)
    answer = site.client.post("/api/webdav/import?wait=true", json={"path": "/Drop/Pack"})
    assert answer.status_code == 200
    [song] = answer.json["result"]["songs"]
    assert site.get(f"/api/songs/{song['id']}")["title"] == "One"


def test_an_unchanged_list_of_jobs_is_304(site: Site) -> None:
    first = site.client.get("/api/jobs")
    again = site.client.get("/api/jobs", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert site.client.get("/api/jobs/none").status_code == 404
