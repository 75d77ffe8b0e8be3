"""/api/webdav: the tree, and nothing outside it; /api/library and /api/jobs."""

import io
from typing import Any

import pytest

from davproxy import __version__
from davproxy.media_types import media_type
from tests.webui.conftest import Site
from tests.webui.songs import add_song, chart, ini, tone

FORMS = {"urlencoded": "application/x-www-form-urlencoded", "multipart": "multipart/form-data"}


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


def test_the_texts_in_status_are_read_and_stay(site: Site) -> None:
    assert "Status" in [entry["name"] for entry in site.get("/api/webdav/browse")["entries"]]
    [summary] = site.get("/api/webdav/browse?path=/Status")["entries"]
    read = site.client.get(f"/api/webdav/file?path={summary['path']}")
    assert (read.status_code, read.content_type) == (200, "text/plain; charset=utf-8")
    assert read.text.startswith("No work so far.")
    assert site.client.delete(f"/api/webdav/delete?path={summary['path']}").status_code == 404
    assert site.client.get("/api/webdav/browse?path=/Status/none").status_code == 404


def test_a_listing_has_items_in_the_same_order(site: Site) -> None:
    site.library.tree.make_folder("/Colors/more")
    site.library.tree.write("/Colors/a.ini", b"hello", modified=1_600_000_000)
    listing = site.get("/api/webdav/browse?path=/Colors")
    etags = [entry["etag"] for entry in listing["entries"]]
    date = "Sun, 13 Sep 2020 12:26:40 GMT"
    assert listing["total"] == 2
    assert [(item["name"], item["path"], item["is_directory"], item["size"]) for item in listing["items"]] == [
        ("more", "/Colors/more", True, 0), ("a.ini", "/Colors/a.ini", False, 5),
    ]  # fmt: skip
    assert [item["etag"] for item in listing["items"]] == etags
    assert (listing["items"][1]["content_type"], listing["items"][1]["last_modified"]) == (media_type("a.ini"), date)


@pytest.mark.parametrize("name", ["path", "remote_path"])
@pytest.mark.parametrize("form", ["json", "urlencoded", "multipart"])
def test_a_path_comes_in_json_or_a_form(site: Site, name: str, form: str) -> None:
    fields: dict[str, Any] = {name: "/Songs/Artist/New"}
    sent = {"json": fields} if form == "json" else {"data": fields, "content_type": FORMS[form]}
    answer = site.client.post("/api/webdav/mkdir", **sent)
    assert (answer.status_code, answer.json["path"]) == (201, "/Songs/Artist/New")
    assert answer.json["message"]
    add_song(site.library, "Song")
    fields[name] = "/Songs/Song"
    answer = site.client.post("/api/webdav/import", **sent)
    assert (answer.status_code, answer.json["remote_path"]) == (200, "/Songs/Song")


@pytest.mark.parametrize(
    "body", [{}, {"path": "/Songs/A", "remote_path": "/Songs/B"}, {"path": None}, {"path": "/Songs/A", "paht": "x"}]
)
def test_a_body_without_one_path_is_refused(shared_site: Site, body: dict[str, str]) -> None:
    for path in ("/api/webdav/mkdir", "/api/webdav/import"):
        answer = shared_site.client.post(path, json=body)
        assert answer.status_code == 422
        assert answer.json["detail"].startswith(("give the path", "paht"))
        assert "_schema" not in answer.text
        assert "Value error" not in answer.text


def test_a_deletion_needs_a_path(shared_site: Site) -> None:
    assert shared_site.client.delete("/api/webdav/delete").status_code == 422


def test_a_song_that_came_to_the_remote_is_imported_at_once(site: Site) -> None:
    song = add_song(site.library, "Known")
    (site.stored / "Songs/Known").rename(site.stored / "Songs/Came")
    answer = site.client.post("/api/webdav/import", data={"remote_path": "/Songs/Came"})
    assert (answer.status_code, answer.json["remote_path"]) == (200, "/Songs/Came")
    assert site.get(f"/api/songs/{answer.json['song_id']}")["title"] == song.title
    missing = site.client.post("/api/webdav/import", data={"remote_path": "/Songs/Nowhere"})
    assert missing.status_code == 404
    (site.stored / "Songs/Empty").mkdir()
    empty = site.client.post("/api/webdav/import", data={"remote_path": "/Songs/Empty"})
    assert (empty.status_code, "no song" in empty.json["detail"]) == (422, True)


def test_a_folder_of_songs_is_read_again(site: Site) -> None:
    add_song(site.library, "One", folder="Artist/One")
    add_song(site.library, "Two", folder="Artist/Two")
    answer = site.client.post("/api/webdav/import", json={"path": "/Songs/Artist"})
    assert (answer.status_code, answer.json["song_id"], answer.json["songs"]) == (200, None, [])
    assert answer.json["message"] == "Songs in the library from there: 2."


@pytest.mark.parametrize("field", ["path", "remote_path"])
def test_the_folder_of_an_upload_may_follow_the_file(site: Site, field: str) -> None:
    for number, order in enumerate((("file", field), (field, "file"))):
        name = f"{number}.png"
        form = {"file": (io.BytesIO(b"a picture"), name), field: "/Backgrounds/new"}
        answer = site.client.post("/api/webdav/upload", data={part: form[part] for part in order})
        assert (answer.status_code, answer.json["remote_path"]) == (200, f"/Backgrounds/new/{name}")
        assert site.library.tree.read(f"/Backgrounds/new/{name}") == b"a picture"
    again = {"file": (io.BytesIO(b"x"), "0.png"), field: "/Backgrounds/new"}
    assert site.client.post("/api/webdav/upload", data=again).status_code == 412
    outside = {"file": (io.BytesIO(b"x"), "0.png"), field: "/Temp"}
    assert site.client.post("/api/webdav/upload", data=outside).status_code == 404
    assert site.library.temp.children() == []


def test_names_are_sorted_by_the_value_of_their_numbers(site: Site) -> None:
    for name in ("Song 10", "song 2", "Song", "Song 2b", "10", "9"):
        site.library.tree.make_folder(f"/Songs/{name}")
    names = [entry["name"] for entry in site.get("/api/webdav/browse?path=/Songs")["entries"]]
    assert names == ["9", "10", "Song", "song 2", "Song 2b", "Song 10"]


@pytest.mark.parametrize("path", ["/../etc", "/Songs/../../etc", "/Songs/a\\..\\b", "/Songs/a\x00b"])
def test_paths_outside_the_tree_are_refused(shared_site: Site, path: str) -> None:
    assert shared_site.client.get("/api/webdav/browse", query_string={"path": path}).status_code == 400
    assert shared_site.client.delete("/api/webdav/delete", query_string={"path": path}).status_code == 400
    assert shared_site.client.post("/api/webdav/mkdir", json={"path": path}).status_code == 400


@pytest.mark.parametrize("path", ["/", "/Songs", "/Drop/", "/Temp/x", "/Database/clonehero.db", "/Database/x"])
def test_only_entries_below_the_top_folders_change(shared_site: Site, path: str) -> None:
    assert shared_site.client.delete("/api/webdav/delete", query_string={"path": path}).status_code in (403, 404)
    assert shared_site.client.post("/api/webdav/mkdir", json={"path": path}).status_code in (403, 404)
    moved = shared_site.client.post("/api/webdav/move", json={"source": "/Songs/x", "target": path})
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
    answer = site.client.post("/api/library/sync")
    assert answer.status_code == 200
    assert {"synced": 1, "purged": 0, "failed": 0, "total_on_nextcloud": 1}.items() <= answer.json.items()
    job = answer.json["job"]
    assert {"synced": 1, "added": 1, "changed": 0, "purged": 0}.items() <= job["result"].items()
    assert site.get(f"/api/jobs/{job['id']}")["state"] == "done"


def test_a_folder_in_drop_is_imported_on_request(site: Site) -> None:
    site.library.tree.make_folder("/Drop/Pack/One")
    for name, content in (("notes.chart", chart()), ("song.wav", tone()), ("song.ini", ini(name="One", artist="A"))):
        site.library.tree.write(f"/Drop/Pack/One/{name}", content)
    answer = site.client.post("/api/webdav/import", json={"path": "/Drop/Pack"})
    assert answer.status_code == 200
    [song] = answer.json["songs"]
    assert (song["id"], song["remote_path"]) == (answer.json["song_id"], answer.json["remote_path"])
    assert site.get(f"/api/songs/{song['id']}")["title"] == "One"


def test_an_unchanged_list_of_jobs_is_304(site: Site) -> None:
    first = site.client.get("/api/jobs")
    again = site.client.get("/api/jobs", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert site.client.get("/api/jobs/none").status_code == 404


def test_several_entries_are_moved_and_deleted_by_jobs(site: Site) -> None:
    for name in ("a", "b", "c"):
        site.library.tree.write(f"/Colors/{name}.ini", name.encode())
    site.library.tree.make_folder("/Colors/more")
    chosen = ["/Colors/a.ini", "/Colors/b.ini"]
    moved = site.client.post("/api/webdav/entries/move", json={"paths": chosen, "folder": "/Colors/more/"})
    assert (moved.status_code, moved.json["result"]["changed"]) == (200, 2)
    assert moved.json["title"] == "Move 2 entries to /Colors/more"
    deleted = site.client.post("/api/webdav/entries/delete?wait=false", json={"paths": ["/Colors/c.ini"]})
    assert (deleted.status_code, deleted.json["title"]) == (202, "Delete “c.ini”")
    site.jobs.outcome(deleted.json["id"], 30)
    assert [entry["name"] for entry in site.get("/api/webdav/browse?path=/Colors")["entries"]] == ["more"]
    assert site.client.post(f"/api/jobs/{deleted.json['id']}/undo").json["state"] == "done"
    assert site.library.tree.read("/Colors/c.ini") == b"c"


@pytest.mark.parametrize("body", [{"paths": ["/Songs"]}, {"paths": ["/Temp/x"]}, {"paths": []}, {}])
def test_the_folders_at_the_top_stay(shared_site: Site, body: dict[str, Any]) -> None:
    assert shared_site.client.post("/api/webdav/entries/delete", json=body).status_code in (403, 404, 422)
    assert shared_site.client.post("/api/webdav/entries/move", json={**body, "folder": "/Drop"}).status_code in (
        403,
        404,
        422,
    )
    assert (
        shared_site.client.post("/api/webdav/entries/move", json={"paths": ["/Songs/a"], "folder": "/"}).status_code
        == 403
    )


def test_a_listing_says_what_became_of_each_source(site: Site) -> None:
    add_song(site.library, "Title")
    answer = site.client.post("/api/upload", data={"file": (io.BytesIO(b"no archive"), "broken.zip")})
    assert answer.status_code == 422
    site.library.tree.write("/Drop/notes.txt", b"")
    states = {entry["name"]: entry["state"] for entry in site.get("/api/webdav/browse?path=/Drop")["entries"]}
    assert states == {"broken.zip": "failed", "broken.zip.error.txt": "", "notes.txt": ""}
    folders = site.get("/api/library/status")["folders"]
    assert {folder["path"]: folder["not_imported"] for folder in folders if folder["not_imported"]} == {"/Drop": 1}
    assert [entry["state"] for entry in site.get("/api/webdav/browse?path=/Songs")["entries"]] == ["song"]
