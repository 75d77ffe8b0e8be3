"""/api/upload and /api/generate: files are streamed to their folder, each stored or refused by itself."""

import io

import pytest
from werkzeug.test import EnvironBuilder

from davproxy.errors import NotFound
from tests.webui.conftest import Site, Start
from tests.webui.songs import archive


def files(*named: tuple[str, bytes], **fields: str) -> dict[str, object]:
    return {**fields, "file": [(io.BytesIO(content), name) for name, content in named]}


def test_an_archive_becomes_songs(site: Site) -> None:
    answer = site.client.post(
        "/api/upload", data=files(("pack.zip", archive("One", "Two")), ("more.zip", archive("Three")))
    )
    assert answer.status_code == 202
    assert [file["path"] for file in answer.json["files"]] == ["/Drop/pack.zip", "/Drop/more.zip"]
    job = site.jobs.wait(answer.json["files"][0]["job"]["id"], 60)
    assert {song["title"] for song in site.get(f"/api/jobs/{job.id}")["result"]["songs"]} == {"One", "Two"}
    site.jobs.idle(60)
    assert site.get("/api/songs")["total"] == 3


def test_wait_responds_with_the_result(site: Site) -> None:
    answer = site.client.post("/api/upload?wait=true", data=files(("pack.zip", archive("Waited for"))))
    assert answer.status_code == 200
    song = answer.json["files"][0]["job"]["result"]["songs"][0]
    assert site.get(f"/api/songs/{song['id']}")["title"] == "Waited for"
    refused = site.client.post("/api/upload?wait=true", data=files(("text.zip", b"not an archive")))
    assert refused.status_code == 422
    assert len(refused.json["detail"]) > 20


def test_the_same_name_twice_keeps_both(site: Site) -> None:
    for _ in range(2):
        site.client.post("/api/upload?wait=true", data=files(("pack.zip", b"not an archive")))
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
    assert answer.status_code == 202
    assert "zip" in answer.json["files"][0]["error"]
    site.jobs.idle(60)
    assert site.get("/api/songs")["songs"][0]["title"] == "Good"


def test_nothing_usable_is_an_error(site: Site) -> None:
    assert site.client.post("/api/upload", data=files(("virus.exe", b"x"))).status_code == 422
    assert site.client.post("/api/upload", data={"note": "x"}, content_type="multipart/form-data").status_code == 422
    answer = site.client.post("/api/upload", json={})
    assert (answer.status_code, "multipart/form-data" in answer.json["detail"]) == (415, True)
    assert site.client.post("/api/upload?type=films", data=files(("a.zip", b"PK"))).status_code == 422


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


def test_fields_after_the_file_count_too(site: Site) -> None:
    audio = ("file", "song.mp3", b"ID3")
    assert site.client.post("/api/generate", **parts(audio, ("difficulties", "", b"absurd"))).status_code == 422
    assert site.client.post("/api/generate", **parts(audio, ("art", "cover.png", b"no picture"))).status_code == 422
    assert site.client.post("/api/generate", **parts(audio, audio)).status_code == 422
    assert site.library.tree.children("/Generate") == []
    kept = site.client.post("/api/generate", **parts(audio, ("title", "", b"Later")))
    assert (kept.status_code, kept.json["kind"], kept.json["subject"]) == (202, "generate", "/Generate/song.mp3")
