"""/api/uploads: a file in parts, which goes on after a lost connection and is stored once it is whole."""

import socket
from collections.abc import Iterator
from typing import cast

import pytest

from davproxy.coordination import OnRedis
from davproxy.errors import Locked, NotFound
from davproxy.library.partial_uploads import IDLE_SECONDS, MOST, PartialUploads
from davproxy.model import ABSENT
from tests.waiting import wait_until
from tests.webui.conftest import Site, Start
from tests.webui.songs import archive

URL = "/api/uploads"


def begin(site: Site, name: str, size: int, **values: object) -> str:
    answer = site.client.post(URL, json={"name": name, "size": size, **values})
    assert answer.status_code == 201, answer.text
    return f"{URL}/{answer.json['id']}"


def test_an_archive_in_parts_is_imported(site: Site) -> None:
    content = archive("In Parts")
    url = begin(site, "pack.zip", len(content))
    middle = len(content) // 2
    first = site.client.put(f"{url}?offset=0", data=content[:middle])
    assert (first.status_code, first.json["offset"], first.json["result"]) == (200, middle, None)
    assert site.get(url)["offset"] == middle
    assert site.get("/api/webdav/browse?path=/Drop")["entries"] == []
    last = site.client.put(f"{url}?offset={middle}", data=content[middle:])
    job = last.json["result"]["files"][0]["job"]
    result = site.jobs.outcome(job["id"], 60).result
    assert result is not None
    assert result["songs"][0]["title"] == "In Parts"
    assert site.library.partial_uploads.paths() == set()


def test_a_client_that_missed_the_last_answer_gets_it_again(site: Site) -> None:
    url = begin(site, "a.ini", 3, type="colors")
    result = site.client.put(f"{url}?offset=0", data=b"123").json["result"]
    assert result["files"][0]["path"] == "/Colors/a.ini"
    assert site.get(url)["result"] == result
    assert site.client.put(f"{url}?offset=3", data=b"").json["result"] == result
    assert site.client.delete(url).status_code == 200
    assert site.library.tree.read("/Colors/a.ini") == b"123"


def test_several_instances_refuse_a_file_in_parts(start_site: Start) -> None:
    site = start_site(shared=OnRedis("redis://127.0.0.1:1/0", "library"))
    answer = site.client.post(URL, json={"name": "a.zip", "size": 3})
    assert (answer.status_code, "one request" in answer.json["detail"]) == (501, True)


def test_two_archives_of_one_name_are_both_stored(site: Site) -> None:
    assert [site.get(begin(site, "pack.zip", 3))["name"] for _ in range(2)] == ["pack.zip", "pack (1).zip"]


def test_a_file_that_is_too_large_makes_no_folder(site: Site) -> None:
    assert site.client.post(URL, json={"name": "a.ini", "path": "/Colors/new", "size": 2**62}).status_code == 413
    assert site.library.tree.find("/Colors/new") is None


def test_a_part_that_begins_elsewhere_changes_nothing(site: Site) -> None:
    url = begin(site, "a.png", 10, type="backgrounds")
    assert site.client.put(f"{url}?offset=0", data=b"12345").status_code == 200
    for offset in (0, 4, 6):
        assert site.client.put(f"{url}?offset={offset}", data=b"x").status_code == 412
    assert site.client.put(f"{url}?offset=5", data=b"67890").json["offset"] == 10
    assert site.library.tree.read("/Backgrounds/a.png") == b"1234567890"


def test_more_than_was_announced_ends_the_upload(site: Site) -> None:
    url = begin(site, "a.ini", 3, path="/Colors/new folder")
    assert site.client.put(f"{url}?offset=0", data=b"1234").status_code == 422
    assert site.client.get(url).status_code == 404
    assert site.library.tree.children("/Colors/new folder") == []


def test_an_upload_is_dropped(site: Site) -> None:
    url = begin(site, "a.ini", 3, type="colors")
    assert site.client.delete(url).status_code == 200
    assert site.client.put(f"{url}?offset=0", data=b"123").status_code == 404
    assert site.library.tree.children("/Colors") == []


@pytest.mark.parametrize(
    ("values", "status"),
    [
        ({"name": "a.exe"}, 422),
        ({"name": "a.zip", "size": 0}, 422),
        ({"name": "a.zip", "size": 2**62}, 413),
        ({"name": "a.ini", "path": "/Temp"}, 404),
        ({"name": "there.ini", "path": "/Colors"}, 412),
    ],
)
def test_what_cannot_be_stored_is_refused_at_the_beginning(site: Site, values: dict[str, object], status: int) -> None:
    site.library.tree.write("/Colors/there.ini", b"")
    assert site.client.post(URL, json={"size": 1, **values}).status_code == status


def test_a_cut_connection_costs_only_what_was_under_way(start_site: Start) -> None:
    site = start_site(served=True)
    content = bytes(range(256)) * 4000
    url = begin(site, "video.mp4", len(content), type="backgrounds")
    host, port = site.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port))) as connection:
        head = f"PUT {url}?offset=0 HTTP/1.1\r\nHost: {host}:{port}\r\nContent-Length: {len(content)}\r\n\r\n"
        connection.sendall(head.encode() + content[:600_000])
        wait_until(lambda: site.get(url)["offset"] > 0)
    wait_until(lambda: site.client.put(f"{url}?offset=0", data=b"").status_code == 412)
    offset = site.get(url)["offset"]
    assert 0 < offset <= 600_000
    assert site.client.put(f"{url}?offset={offset}", data=content[offset:]).status_code == 200
    assert site.library.tree.read("/Backgrounds/video.mp4") == content


def test_uploads_that_are_idle_or_too_many_are_dropped(site: Site) -> None:
    now = [0.0]
    uploads = PartialUploads(site.library.tree, lambda: now[0])
    first = uploads.begin("/Colors/first.ini", 3, ABSENT)
    for number in range(MOST):
        now[0] += 1
        last = uploads.begin(f"/Colors/{number}.ini", 3, ABSENT)
    with pytest.raises(NotFound):
        uploads.get(first.id)
    now[0] += IDLE_SECONDS + 1
    uploads.begin("/Colors/late.ini", 3, ABSENT)
    with pytest.raises(NotFound):
        uploads.get(last.id)
    uploads.close()


def test_an_abandoned_upload_is_dropped_though_no_request_comes(site: Site) -> None:
    uploads = PartialUploads(site.library.tree, idle_seconds=0.01)
    uploads.begin("/Colors/a.ini", 3, ABSENT)
    wait_until(lambda: not uploads.paths())
    wait_until(lambda: not site.library.writers.any_at("/Colors"))
    uploads.close()


def test_an_upload_that_is_dropped_while_it_is_written_ends_with_that_request(site: Site) -> None:
    uploads = PartialUploads(site.library.tree)
    begun = uploads.begin("/Colors/a.ini", 6, ABSENT)

    def blocks() -> Iterator[bytes]:
        yield b"123"
        uploads.drop(begun.id)
        yield b"456"

    with pytest.raises(NotFound):
        uploads.write(begun.id, 0, blocks())
    assert not site.library.writers.any_at("/Colors")
    assert site.library.tree.find("/Colors/a.ini") is None


def test_no_upload_begins_where_all_the_others_are_being_written(site: Site) -> None:
    uploads = PartialUploads(site.library.tree)
    begun = [uploads.begin(f"/Colors/{number}.ini", 3, ABSENT) for number in range(MOST)]

    def blocks(number: int) -> Iterator[bytes]:
        if number < MOST:
            uploads.write(begun[number].id, 0, blocks(number + 1))
        else:
            with pytest.raises(Locked):
                uploads.begin("/Colors/late.ini", 3, ABSENT)
        yield b"123"

    list(blocks(0))
    assert [upload.entry is None for upload in begun] == [False] * MOST


def test_an_unexpected_error_ends_the_upload(site: Site) -> None:
    uploads = PartialUploads(site.library.tree)
    begun = uploads.begin("/Colors/a.ini", 6, ABSENT)
    with pytest.raises(TypeError):
        uploads.write(begun.id, 0, cast(list[bytes], ["text"]))  # like a full disk, after half of the work
    with pytest.raises(NotFound):
        uploads.get(begun.id)
    assert not site.library.writers.any_at("/Colors")
