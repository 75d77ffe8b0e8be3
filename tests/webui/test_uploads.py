"""/api/upload and /api/generate: files are streamed to their folder, each stored or refused by itself."""

import io
import threading
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from werkzeug.test import EnvironBuilder

from davproxy.errors import NotFound
from davproxy.formats import notes_chart
from tests.charter.music import recording
from tests.imports.archives import zip_of
from tests.raw_http import Raw, request
from tests.waiting import wait_until
from tests.webui.conftest import Site, Start
from tests.webui.songs import archive
from webui.services import EXTENSION


def files(*named: tuple[str, bytes], **fields: str) -> dict[str, object]:
    return {**fields, "file": [(io.BytesIO(content), name) for name, content in named]}


def test_an_archive_becomes_songs(site: Site) -> None:
    answer = site.client.post(
        "/api/upload?wait=false", data=files(("pack.zip", archive("One", "Two")), ("more.zip", archive("Three")))
    )
    assert answer.status_code == 202
    assert [file["path"] for file in answer.json["files"]] == ["/Drop/pack.zip", "/Drop/more.zip"]
    job = site.jobs.wait(answer.json["files"][0]["job"]["id"], 60)
    assert {song["title"] for song in site.get(f"/api/jobs/{job.id}")["result"]["songs"]} == {"One", "Two"}
    site.jobs.wait_until_idle(60)
    assert site.get("/api/songs")["total"] == 3


def test_the_response_has_the_result(site: Site) -> None:
    answer = site.client.post("/api/upload", data=files(("pack.zip", archive("Waited for"))))
    assert answer.status_code == 200
    [song] = answer.json["songs"]
    assert song["id"] == answer.json["files"][0]["job"]["result"]["songs"][0]["id"]
    assert site.get(f"/api/songs/{song['id']}")["title"] == "Waited for"
    assert answer.json["message"] == "1 song was added."
    again = site.client.post("/api/upload", data=files(("pack.zip", archive("Waited for"))))
    assert (again.json["songs"], again.json["message"]) == (
        [{**song, "is_duplicate": True}],
        "1 song was there already.",
    )
    refused = site.client.post("/api/upload", data=files(("text.zip", b"not an archive")))
    assert refused.status_code == 422
    assert len(refused.json["detail"]) > 20


def test_an_archive_named_like_a_device_keeps_its_extension(site: Site) -> None:
    answer = site.client.post("/api/upload", data=files(("con.zip", archive("One"))))
    assert (answer.status_code, answer.json["remote_path"]) == (200, "/Drop/_con.zip")
    assert [song["title"] for song in answer.json["songs"]] == ["One"]


def test_an_error_has_its_own_status(start_site: Start) -> None:
    site = start_site(UNPACKED_LIMIT="1 KiB")
    answer = site.client.post("/api/upload", data=files(("pack.zip", archive("Too large"))))
    assert (answer.status_code, answer.json["status"]) == (413, 413)


ASYNC = {"Prefer": "respond-async"}


@pytest.mark.parametrize(
    ("query", "headers"),
    [
        ("?wait=false", {}),
        ("", ASYNC),
        ("", {"Prefer": "return=minimal, Respond-Async; a=b"}),
    ],
)
def test_a_client_that_does_not_wait_gets_a_job(site: Site, query: str, headers: dict[str, str]) -> None:
    stored = site.client.post(f"/api/upload{query}", data=files(("pack.zip", archive("One"))), headers=headers)
    assert (stored.status_code, stored.json["files"][0]["job"]["kind"]) == (202, "import")
    assert stored.headers.get("Preference-Applied") == ("respond-async" if headers else None)
    synced = site.client.post(f"/api/library/sync{query}", headers=headers)
    assert (synced.status_code, synced.json["kind"]) == (202, "sync")
    assert synced.headers["Location"] == f"/api/jobs/{synced.json['id']}"
    assert site.jobs.wait_until_idle(60)
    assert site.get("/api/songs")["total"] == 1


def test_wait_in_the_query_counts_more_than_the_preference(site: Site) -> None:
    assert site.client.post("/api/library/sync?wait=true", headers=ASYNC).status_code == 200


def test_half_of_the_threads_stay_free_of_waiting(start_site: Start) -> None:
    site = start_site(SERVER_THREADS="4", JOB_WORKERS="1")
    go = threading.Event()
    site.jobs.register("first", lambda _run: {"went": go.wait(60)})
    site.jobs.submit("first", "The sync waits for its turn")
    waiting = site.app.extensions[EXTENSION].waiting
    for _ in range(2):
        assert waiting.acquire(blocking=False)
    assert site.client.post("/api/library/sync").status_code == 202
    go.set()
    waiting.release()
    assert site.client.post("/api/library/sync").status_code == 200
    assert waiting.acquire(blocking=False), "it is released at the end"


def test_the_work_goes_on_without_the_client(start_site: Start) -> None:
    site = start_site(served=True)
    body = EnvironBuilder(method="POST", data=files(("pack.zip", archive("Left alone")))).get_environ()
    content = body["wsgi.input"].read()
    with Raw(urlsplit(site.url).port or 0) as raw:
        head = request(
            "POST", "/api/upload", f"Content-Type: {body['CONTENT_TYPE']}", f"Content-Length: {len(content)}"
        )
        raw.send(head + content)
        wait_until(lambda: site.jobs.recent())
    assert site.jobs.wait_until_idle(60)
    assert site.get("/api/songs?search=left")["total"] == 1


def test_the_same_name_twice_keeps_both(site: Site) -> None:
    for _ in range(2):
        site.client.post("/api/upload", data=files(("pack.zip", b"not an archive")))
    names = {entry.path for entry in site.library.tree.children("/Drop")}
    assert {"/Drop/pack.zip", "/Drop/pack (1).zip"} <= names


@pytest.mark.parametrize(("kind", "name"), [("backgrounds", "a.png"), ("colors", "a.ini"), ("highways", "a.mp4")])
def test_game_content_goes_to_its_folder(site: Site, kind: str, name: str) -> None:
    answer = site.client.post(f"/api/upload?type={kind}", data=files((name, b"content")))
    assert (answer.status_code, answer.json["files"][0]["path"]) == (200, f"/{kind.capitalize()}/{name}")
    assert site.client.post("/api/upload", data=files((name, b"new"), type=kind)).status_code in (409, 412)
    assert site.client.post(f"/api/upload?type={kind}&replace=true", data=files((name, b"new"))).status_code == 200


def test_a_refused_file_leaves_the_others(site: Site) -> None:
    answer = site.client.post("/api/upload", data=files(("virus.exe", b"x" * 400_000), ("pack.zip", archive("Good"))))
    assert answer.status_code == 200
    assert "zip" in answer.json["files"][0]["error"]
    assert answer.json["failed"] == [f"virus.exe: {answer.json['files'][0]['error']}"]
    assert site.get("/api/songs")["songs"][0]["title"] == "Good"


def test_nothing_usable_is_an_error(site: Site) -> None:
    assert site.client.post("/api/upload", data=files(("virus.exe", b"x"))).status_code == 422
    assert site.client.post("/api/upload", data={"note": "x"}, content_type="multipart/form-data").status_code == 422
    answer = site.client.post("/api/upload", json={})
    assert (answer.status_code, "multipart/form-data" in answer.json["detail"]) == (415, True)
    assert site.client.post("/api/upload?type=films", data=files(("a.zip", b"PK"))).status_code == 422
    assert site.client.post("/api/upload?type=colors", data=files(("a.png", b"x"))).status_code == 422


@pytest.mark.parametrize("cut", [40, 150, 220, 3000])
def test_a_cut_upload_leaves_nothing(site: Site, cut: int) -> None:
    whole = EnvironBuilder(method="POST", data=files(("pack.zip", b"x" * 5000))).get_environ()
    body = whole["wsgi.input"].read()[:cut]
    answer = site.client.post("/api/upload", data=body, content_type=whole["CONTENT_TYPE"])
    assert answer.status_code == 400
    assert site.library.tree.children("/Drop") == []
    with pytest.raises(NotFound):
        site.library.tree.stat("/Drop/pack.zip")


def test_too_large_is_413_and_leaves_nothing(start_site: Start) -> None:
    site = start_site(UPLOAD_LIMIT="300 KiB")
    answer = site.client.post("/api/upload", data=files(("pack.zip", bytes(400_000))))
    assert answer.status_code == 413
    assert site.library.tree.children("/Drop") == []


def test_tags_are_read_without_storing_anything(site: Site) -> None:
    answer = site.client.post("/api/generate/tags", data=files(("Band - Song.mp3", b"no tags in here")))
    assert answer.json == {"title": "Song", "artist": "Band", "album": "", "year": "", "genre": ""}
    assert site.library.tree.children("/Generate") == []


def test_stems_beside_each_other_are_told_by_their_names(site: Site) -> None:
    names = ["Riff - Drums.wav", "A Song.mp3", "Riff - Guitar.wav", "bass.ogg", "vocals.ogg"]
    answer = site.client.post("/api/generate/songs", json={"names": names})
    assert answer.json["songs"] == [
        {"name": "Riff", "files": ["Riff - Drums.wav", "Riff - Guitar.wav"]},
        {"name": "", "files": ["A Song.mp3"]},
        {"name": "", "files": ["bass.ogg", "vocals.ogg"]},
    ]


@pytest.mark.parametrize("field", [{"difficulties": "easy,absurd"}, {"drums": "perhaps"}])
def test_an_error_of_a_field_names_it(site: Site, field: dict[str, str]) -> None:
    answer = site.client.post("/api/generate", data=files(("song.mp3", b"ID3"), **field))
    assert answer.status_code == 422
    assert answer.json["detail"].startswith(next(iter(field)))
    assert site.library.tree.children("/Generate") == []


def parts(*named: tuple[str, str, bytes]) -> dict[str, object]:
    """A multipart request of parts (field, file name or empty, content) in this order."""
    body = b"".join(
        b'--b\r\nContent-Disposition: form-data; name="%s"%s\r\n\r\n%s\r\n'
        % (field.encode(), f'; filename="{name}"'.encode() if name else b"", content)
        for field, name, content in named
    )
    return {"data": body + b"--b--\r\n", "content_type": "multipart/form-data; boundary=b"}


@pytest.mark.parametrize("field", ["type", "content_type"])
def test_the_kind_may_come_before_or_after_the_files(site: Site, field: str) -> None:
    kind = (field, "", b"backgrounds")
    first, second, third = (("file", f"{number}.png", b"a picture") for number in "123")
    for sent, stored in (([kind, first], "1"), ([second, third, kind], "23")):
        answer = site.client.post("/api/upload", **parts(*sent))
        assert (answer.status_code, answer.json["remote_paths"]) == (
            200,
            [f"/Backgrounds/{each}.png" for each in stored],
        )
    assert {site.library.tree.read(f"/Backgrounds/{number}.png") for number in "123"} == {b"a picture"}
    again = site.client.post("/api/upload", **parts(("file", "1.png", b"another"), kind))
    assert again.status_code in (409, 412)
    replaced = site.client.post("/api/upload?replace=true", **parts(("file", "1.png", b"another"), kind))
    assert (replaced.status_code, site.library.tree.read("/Backgrounds/1.png")) == (200, b"another")
    assert site.library.temp.children() == []


def test_the_query_decides_where_the_form_says_nothing(site: Site) -> None:
    answer = site.client.post("/api/upload?content_type=colors", data=files(("a.ini", b"x")))
    assert answer.json["remote_path"] == "/Colors/a.ini"
    refused = site.client.post("/api/upload", **parts(("file", "a.png", b"x"), ("type", "", b"films")))
    assert (refused.status_code, refused.json["detail"].partition(":")[0]) == (422, "type")
    assert site.library.temp.children() == []


def test_an_archive_of_game_content_lists_its_files(site: Site) -> None:
    packed = zip_of({"pack/a.png": b"1", "pack/b.png": b"2", "pack/readme.txt": b"3"})
    answer = site.client.post("/api/upload", **parts(("file", "pack.zip", packed), ("content_type", "", b"highways")))
    assert (answer.status_code, answer.json["remote_paths"]) == (200, ["/Highways/a.png", "/Highways/b.png"])
    assert (answer.json["message"], answer.json["failed"], answer.json["songs"]) == ("2 files are stored.", [], [])


def test_fields_after_the_file_count_too(site: Site) -> None:
    audio = ("file", "song.mp3", b"ID3")
    assert site.client.post("/api/generate", **parts(audio, ("difficulties", "", b"absurd"))).status_code == 422
    assert site.client.post("/api/generate", **parts(audio, ("art", "cover.png", b"no picture"))).status_code == 422
    assert site.client.post("/api/generate", **parts(audio, audio)).status_code == 422
    assert site.library.tree.children("/Generate") == []
    kept = site.client.post("/api/generate?wait=false", **parts(audio, ("title", "", b"Later")))
    assert (kept.status_code, kept.json["kind"], kept.json["subject"]) == (202, "generate", "/Generate/song.mp3")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("sent", "sung"),
    [
        ([("lyrics", "x.lrc", "[00:02.00]Für mich".encode("cp1252"))], ["Für", "mich"]),
        ([("lyrics", "", b"[00:02.00]Pasted text")], ["Pasted", "text"]),
        ([("lyrics", "x.lrc", b"[00:02.00]Not this"), ("enable_lyrics", "", b"false")], []),
    ],
)
def test_lyrics_may_come_with_the_audio(
    sent: list[tuple[str, str, bytes]], sung: list[str], site: Site, tmp_path: Path
) -> None:
    audio = recording(tmp_path / "take.ogg", bars=8).read_bytes()
    answer = site.client.post("/api/generate", **parts(("file", "take.ogg", audio), *sent))
    assert answer.json["has_lyrics"] == bool(sung)
    chart = notes_chart.parse(site.library.tree.read(f"{answer.json['remote_path']}/notes.chart"))
    assert [event.text for event in chart.lyrics] == sung
    shown = site.get(f"/api/songs/{answer.json['id']}/notes")["lyrics"]
    assert [text for line in shown for _, text in line] == sung
