"""GET and HEAD: parts, conditions, folders in a browser."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.examples import at_most
from tests.serving import Running

CONTENT = bytes(range(256)) * 20
PATH = "/dav/Songs/song.ogg"


@pytest.fixture
def stored(running: Running) -> Running:
    running.library.tree.write("/Songs/song.ogg", CONTENT, modified=1e9)
    return running


@pytest.mark.parametrize(
    ("asked", "part"),
    [
        ("bytes=0-0", slice(0, 1)),
        ("bytes=0-", slice(0, None)),
        ("bytes=100-199", slice(100, 200)),
        ("bytes=5000-999999", slice(5000, None)),
        ("bytes=-10", slice(-10, None)),
        ("bytes=-999999", slice(0, None)),
    ],
)
def test_a_part(stored: Running, asked: str, part: slice) -> None:
    answer = stored.ask("GET", PATH, Range=asked)
    start = part.indices(len(CONTENT))[0]
    assert (answer.status, answer.body) == (206, CONTENT[part])
    assert answer.headers["content-range"] == f"bytes {start}-{start + len(CONTENT[part]) - 1}/{len(CONTENT)}"
    assert answer.headers["content-length"] == str(len(CONTENT[part]))


@pytest.mark.parametrize("asked", ["bytes=5120-", "bytes=99999-100000"])
def test_a_part_behind_the_end(stored: Running, asked: str) -> None:
    answer = stored.ask("GET", PATH, Range=asked)
    assert (answer.status, answer.headers["content-range"]) == (416, f"bytes */{len(CONTENT)}")


@pytest.mark.parametrize("asked", ["bytes=0-1,5-6", "lines=1-2", "bytes=", "bytes=9-3", "bytes=a-b"])
def test_what_cannot_be_cut_out_is_sent_whole(stored: Running, asked: str) -> None:
    answer = stored.ask("GET", PATH, Range=asked)
    assert (answer.status, answer.body) == (200, CONTENT)


@settings(max_examples=at_most(40), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(asked=st.text(alphabet="bytes=-,0123456789 ", max_size=20).filter(lambda text: text == text.strip()))
def test_any_range_gets_the_whole_or_a_true_part(stored: Running, asked: str) -> None:
    answer = stored.ask("GET", PATH, Range=asked)
    if answer.status == 206:
        first, last = answer.headers["content-range"].split()[1].split("/")[0].split("-")
        assert answer.body == CONTENT[int(first) : int(last) + 1]
    else:
        assert (answer.status, answer.body) in ((200, CONTENT), (416, b""))


def test_conditions(stored: Running) -> None:
    head = stored.ask("HEAD", PATH)
    etag, modified = head.headers["etag"], head.headers["last-modified"]
    assert (head.status, head.body, head.headers["content-length"]) == (200, b"", str(len(CONTENT)))
    for headers, status in (
        ({"If-None-Match": etag}, 304),
        ({"If-None-Match": f'"other", W/{etag}'}, 304),
        ({"If-None-Match": "*"}, 304),
        ({"If-None-Match": '"other"'}, 200),
        ({"If-None-Match": '"other"', "If-Modified-Since": modified}, 200),
        ({"If-Modified-Since": modified}, 304),
        ({"If-Modified-Since": "Sat, 01 Jan 2000 00:00:00 GMT"}, 200),
        ({"If-Modified-Since": "nonsense"}, 200),
        ({"If-Unmodified-Since": modified}, 200),
        ({"If-Unmodified-Since": "Sat, 01 Jan 2000 00:00:00 GMT"}, 412),
        ({"If-Match": etag}, 200),
        ({"If-Match": '"other"'}, 412),
        ({"Range": "bytes=0-9", "If-Range": etag}, 206),
        ({"Range": "bytes=0-9", "If-Range": modified}, 206),
        ({"Range": "bytes=0-9", "If-Range": '"other"'}, 200),
    ):
        answer = stored.ask("GET", PATH, **headers)
        assert answer.status == status, headers
        if status != 412:
            assert answer.headers["etag"] == etag
            assert len(answer.body) == {200: len(CONTENT), 206: 10, 304: 0}[status]


def test_an_empty_file(running: Running) -> None:
    running.library.tree.write("/Songs/empty", b"")
    for headers in ({}, {"Range": "bytes=0-"}):
        answer = running.ask("GET", "/dav/Songs/empty", **headers)
        assert (answer.status, answer.body, answer.headers["content-length"]) == (200, b"", "0")


def test_a_folder_in_a_browser(running: Running) -> None:
    running.library.tree.write("/Songs/<script>alert(1).txt", b"")
    page = running.ask("GET", "/dav/Songs/")
    assert b"<script>" not in page.body
    assert b"&lt;script&gt;alert(1)" in page.body
    assert b'href="/dav/Songs/%3Cscript%3E' in page.body
    assert running.ask("HEAD", "/dav/Songs/").body == b""
    assert running.ask("GET", "/dav/Songs/missing").status == 404


def test_a_web_page_in_the_library_cannot_use_the_api(running: Running) -> None:
    running.library.tree.write("/Songs/page.html", b"<script>fetch('/api/songs')</script>")
    headers = running.ask("GET", "/dav/Songs/page.html").headers
    assert headers["content-security-policy"] == "sandbox"
    assert headers["x-content-type-options"] == "nosniff"


def test_a_file_changed_elsewhere_is_read_whole_and_new(running: Running) -> None:
    running.library.tree.write("/Songs/large.ogg", bytes(2 << 20))
    running.remote.write("/Songs/large.ogg", b"\1" * (3 << 20))
    answer = running.ask("GET", "/dav/Songs/large.ogg")
    assert (answer.status, answer.body) == (200, b"\1" * (3 << 20))


def test_a_file_of_time_0_has_a_time(running: Running) -> None:
    running.library.tree.write("/Songs/old.txt", b"1", modified=0)
    answer = running.ask("GET", "/dav/Songs/old.txt")
    assert answer.headers["last-modified"] == "Thu, 01 Jan 1970 00:00:00 GMT"
    listed = running.ask("PROPFIND", "/dav/Songs/old.txt", Depth="0").body
    assert b"<d:getlastmodified>Thu, 01 Jan 1970 00:00:00 GMT</d:getlastmodified>" in listed
