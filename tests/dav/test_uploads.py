"""PUT: whole or not at all, with its time and its conditions."""

import time
from pathlib import Path

import pytest

from tests.raw_http import Raw, chunk_body, request
from tests.serving import Running, Site

TARGET = "/dav/Songs/notes.chart"


def left_over(stored: Path) -> list[Path]:
    """Files in the library's folder, its own hidden folder included."""
    return [file for file in stored.rglob("*") if file.is_file()]


@pytest.mark.parametrize("before", [None, b"old content"])
@pytest.mark.parametrize("way", ["length", "chunked"])
def test_an_upload_cut_short_changes_nothing(running: Running, way: str, before: bytes | None) -> None:
    if before:
        running.ask("PUT", TARGET, before)
    running.changes.clear()
    content = bytes(range(256)) * 400
    for cut in range(1, len(content), len(content) // 25):
        with Raw(running.port) as raw:
            if way == "length":
                raw.send(request("PUT", TARGET, f"Content-Length: {len(content)}", body=content[:cut]))
            else:
                body = chunk_body(content[: cut // 2], content[cut // 2 : cut] or b"x", last=False)
                raw.send(request("PUT", TARGET, "Transfer-Encoding: chunked", body=body))
            raw.end()
            assert raw.answer()[0] in (0, 400)
    assert running.changes == []
    seen = running.ask("GET", TARGET)
    assert (seen.status, seen.body) == ((200, before) if before else (404, seen.body))
    assert [file.read_bytes() for file in left_over(running.stored)] == ([before] if before else [])


def test_a_dead_connection_in_the_middle_of_an_upload_changes_nothing(running: Running) -> None:
    for _ in range(10):
        with Raw(running.port) as raw:
            raw.send(request("PUT", TARGET, "Content-Length: 1000000", body=b"x" * 300_000))
    assert running.ask("GET", TARGET).status == 404
    assert running.changes == []


@pytest.mark.parametrize(
    "body",
    [
        b"5\r\nabc\r\n0\r\n\r\n",
        b"zz\r\nabc\r\n0\r\n\r\n",
        b"-3\r\nabc\r\n0\r\n\r\n",
        b"0x3\r\nabc\r\n0\r\n\r\n",
        b"\r\n\r\n",
    ],
)
def test_malformed_chunks_are_refused(running: Running, body: bytes) -> None:
    with Raw(running.port) as raw:
        raw.send(request("PUT", TARGET, "Transfer-Encoding: chunked", body=body))
        raw.end()
        assert raw.answer()[0] in (0, 400)
    assert running.ask("GET", TARGET).status == 404


def test_chunks_of_every_size_arrive(running: Running) -> None:
    chunks = [bytes([size % 251]) * size for size in (1, 2, 4095, 4096, 65_536, 300_000, 1)]
    with Raw(running.port) as raw:
        raw.send(request("PUT", TARGET, "Transfer-Encoding: chunked", body=chunk_body(*chunks)))
        assert raw.answer()[0] == 201
        raw.send(request("GET", TARGET))
        assert raw.answer()[2] == b"".join(chunks)


def test_one_huge_chunk_arrives(running: Running) -> None:
    content = bytes(32 * 1024 * 1024)
    with Raw(running.port) as raw:
        raw.send(request("PUT", TARGET, "Transfer-Encoding: chunked", body=chunk_body(content)))
        assert raw.answer()[0] == 201
    assert running.library.tree.stat("/Songs/notes.chart").size == len(content)


def test_the_time_a_client_sends_along_is_kept(running: Running) -> None:
    answer = running.ask("PUT", TARGET, b"x", X_OC_Mtime="1234567890")
    assert answer.status == 201
    assert running.library.tree.stat("/Songs/notes.chart").modified == 1234567890
    head = running.ask("HEAD", TARGET)
    assert head.headers["last-modified"] == "Fri, 13 Feb 2009 23:31:30 GMT"
    assert head.headers["etag"] == answer.headers["etag"]


@pytest.mark.parametrize("said", ["nan", "inf", "-1", "soon", "1e300", ""])
def test_a_time_that_makes_no_sense_is_left_out(running: Running, said: str) -> None:
    assert running.ask("PUT", TARGET, b"x", X_OC_Mtime=said).status == 201
    assert abs(running.library.tree.stat("/Songs/notes.chart").modified - time.time()) < 60


def test_endless_trailers_are_refused(running: Running) -> None:
    body = chunk_body(b"abc", last=False) + b"0\r\n" + b"x: y\r\n" * 200
    with Raw(running.port) as raw:
        raw.send(request("PUT", TARGET, "Transfer-Encoding: chunked", body=body))
        assert raw.answer()[0] in (0, 400)
    assert running.ask("GET", TARGET).status == 404


def test_a_chunked_upload_with_an_announced_length_must_keep_it(running: Running) -> None:
    """The macOS Finder sends chunks and says the length beside them."""
    for length, status in ((4, 422), (3, 201), (2, 422)):
        with Raw(running.port) as raw:
            announced = f"X-Expected-Entity-Length: {length}"
            raw.send(
                request("PUT", "/dav/Songs/a.chart", "Transfer-Encoding: chunked", announced, body=chunk_body(b"abc"))
            )
            assert raw.answer()[0] == status
        if status != 201:
            assert running.ask("GET", "/dav/Songs/a.chart").status == (404 if length == 4 else 200)


def test_conditions_of_an_upload(running: Running) -> None:
    assert running.ask("PUT", TARGET, b"1", If_Match="*").status == 412
    assert running.ask("PUT", TARGET, b"1", If_Match='"made-up"').status == 412
    first = running.ask("PUT", TARGET, b"1", If_None_Match="*")
    assert first.status == 201
    assert running.ask("PUT", TARGET, b"2", If_None_Match="*").status == 412
    assert running.ask("PUT", TARGET, b"2", If_Match='"made-up"').status == 412
    second = running.ask("PUT", TARGET, b"22", If_Match=first.headers["etag"])
    assert second.status == 204
    assert running.ask("PUT", TARGET, b"3", If_Match=first.headers["etag"]).status == 412
    assert running.ask("PUT", TARGET, b"333", If_Match="*").status == 204
    assert running.ask("GET", TARGET).body == b"333"


def test_a_change_made_elsewhere_is_not_overwritten_by_a_conditional_upload(running: Running) -> None:
    first = running.ask("PUT", TARGET, b"1")
    (running.stored / "Songs" / "notes.chart").write_bytes(b"changed behind our back")
    assert running.ask("PUT", TARGET, b"2", If_Match=first.headers["etag"]).status == 412
    assert (running.stored / "Songs" / "notes.chart").read_bytes() == b"changed behind our back"


def test_uploads_over_the_limit_are_refused(site: Site) -> None:
    running = site.start(UPLOAD_LIMIT="1 MiB")
    content = bytes(1024 * 1024 + 1)
    refused = running.ask("PUT", TARGET, content)
    assert (refused.status, b"the 1 MiB this server takes (UPLOAD_LIMIT)" in refused.body) == (413, True)
    with Raw(running.port) as raw:
        raw.send(request("PUT", TARGET, "Transfer-Encoding: chunked", body=chunk_body(content)))
        assert raw.answer()[0] == 413
    assert running.ask("PUT", TARGET, content[:-1]).status == 201


def test_a_put_to_an_impossible_path_is_refused(running: Running) -> None:
    running.ask("PUT", TARGET, b"x")
    assert running.ask("PUT", "/dav/Songs", b"x").status == 405
    assert running.ask("PUT", "/dav/Songs/missing/a", b"x").status == 409
    assert running.ask("PUT", TARGET + "/below", b"x").status == 409
    assert running.ask("PUT", "/dav/Elsewhere/a", b"x").status in (403, 409)
    assert running.ask("PUT", "/dav/a.txt", b"x").status == 403
    assert running.ask("PUT", "/dav/Temp/a", b"x").status in (403, 409)
    assert running.ask("PUT", "/dav/Status/STATUS.txt", b"x").status == 403
    assert running.ask("PUT", TARGET, b"y", Content_Range="bytes 0-0/5").status == 400
    assert running.ask("PUT", f"{TARGET}-chunking-7-2-0", b"y", OC_Chunked="1").status == 400
    assert running.ask("GET", f"{TARGET}-chunking-7-2-0").status == 404
    assert running.ask("GET", TARGET).body == b"x"


def test_continue_is_sent_only_to_who_may_upload(site: Site) -> None:
    running = site.start(APP_USERNAME="jo", APP_PASSWORD="secret")
    head = ("Content-Length: 5", "Expect: 100-continue")
    with Raw(running.port) as raw:
        raw.send(request("PUT", TARGET, *head))
        status, headers, _ = raw.answer()
        assert status == 401
        assert headers["connection"] == "close"
    with Raw(running.port) as raw:
        raw.send(request("PUT", TARGET, *head, "Authorization: Basic am86c2VjcmV0"))
        assert raw.answer()[0] == 100
        raw.send(b"hello")
        assert raw.answer()[0] == 201
        raw.send(request("GET", TARGET, "Authorization: Basic am86c2VjcmV0"))
        assert raw.answer()[2] == b"hello"


def test_a_refused_body_is_read_to_its_end_and_the_connection_goes_on(site: Site) -> None:
    """Some Windows clients listen only after they have sent everything."""
    running = site.start(APP_USERNAME="jo", APP_PASSWORD="secret")
    content = bytes(3_000_000)
    with Raw(running.port) as raw:
        raw.send(request("PUT", TARGET, f"Content-Length: {len(content)}", body=content))
        assert raw.answer()[0] == 401
        raw.send(request("PUT", TARGET, "Transfer-Encoding: chunked", body=chunk_body(content, content)))
        assert raw.answer()[0] == 401
        raw.send(request("GET", "/page"))
        assert raw.answer()[0] == 200
