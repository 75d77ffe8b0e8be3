"""Locks: short-lived, gone with their file, and the names they hold free."""

import re

import pytest

from davproxy.dav.locks import LONGEST
from tests.serving import LOCK, Running


def lock(running: Running, path: str, **headers: str) -> str:
    answer = running.ask("LOCK", path, LOCK, **headers)
    assert answer.status in (200, 201), answer.body
    return answer.headers["lock-token"]


@pytest.mark.parametrize("timeout", ["Infinite", "Second-4100000000", "Second-604800", None])
def test_no_lock_lives_longer_than_an_hour(running: Running, timeout: str | None) -> None:
    running.library.tree.write("/Songs/x", b"1")
    headers = {"Timeout": timeout} if timeout else {}
    answer = running.ask("LOCK", "/dav/Songs/x", LOCK, **headers)
    again = running.ask("LOCK", "/dav/Songs/x", b"", If=f"({answer.headers['lock-token']})", **headers)
    for body in (answer.body, again.body):
        found = re.search(rb"Second-(\d+)", body)
        assert found
        assert LONGEST - 5 < int(found[1]) <= LONGEST


def test_what_is_locked_is_left_alone_by_others(running: Running) -> None:
    running.library.tree.make_folder("/Songs/A")
    running.library.tree.write("/Songs/A/x", b"1")
    token = lock(running, "/dav/Songs/A/x")
    assert running.ask("PUT", "/dav/Songs/A/x", b"2").status == 423
    assert running.ask("DELETE", "/dav/Songs/A/x").status == 423
    assert running.ask("DELETE", "/dav/Songs/A").status == 423
    assert running.ask("MOVE", "/dav/Songs/A", Destination="/dav/Songs/B").status == 423
    assert running.ask("MOVE", "/dav/Songs/A/x", Destination="/dav/Songs/A/y").status == 423
    assert running.ask("COPY", "/dav/Songs/A/x", Destination="/dav/Songs/A/y").status == 201
    assert running.ask("MOVE", "/dav/Songs/A/y", Destination="/dav/Songs/A/x").status == 423
    assert running.library.tree.read("/Songs/A/x") == b"1"
    assert running.ask("PUT", "/dav/Songs/A/x", b"22", If=f"({token})").status == 204
    assert running.ask("DELETE", "/dav/Songs/A/x", If=f"({token})").status == 204


def test_a_lock_goes_with_its_file(running: Running) -> None:
    """Office deletes what it has locked and writes it anew, without the token."""
    running.library.tree.write("/Songs/x", b"1")
    token = lock(running, "/dav/Songs/x")
    assert running.ask("DELETE", "/dav/Songs/x", If=f"({token})").status == 204
    assert running.ask("PUT", "/dav/Songs/x", b"2").status == 201
    token = lock(running, "/dav/Songs/x")
    assert running.ask("MOVE", "/dav/Songs/x", Destination="/dav/Songs/y", If=f"({token})").status == 201
    assert running.ask("PUT", "/dav/Songs/x", b"3").status == 201
    assert running.ask("PUT", "/dav/Songs/y", b"3").status == 204


def test_a_name_that_is_only_locked_shows_as_an_empty_file_until_it_is_written(running: Running) -> None:
    assert b"/dav/Songs/new" not in running.ask("PROPFIND", "/dav/Songs/", Depth="1").body
    token = lock(running, "/dav/Songs/new")
    assert running.changes == []
    assert running.ask("GET", "/dav/Songs/new").body == b""
    assert b"/dav/Songs/new" in running.ask("PROPFIND", "/dav/Songs/", Depth="1").body
    assert running.ask("PUT", "/dav/Songs/new", b"1", If=f"({token})").status == 204
    assert running.ask("GET", "/dav/Songs/new").body == b"1"
    other = lock(running, "/dav/Songs/other")
    assert running.ask("UNLOCK", "/dav/Songs/other", Lock_Token=other).status == 204
    assert running.ask("GET", "/dav/Songs/other").status == 404
    assert b"/dav/Songs/other" not in running.ask("PROPFIND", "/dav/Songs/", Depth="1").body
    assert [entry.path for entry in running.library.tree.children("/Songs")] == ["/Songs/new"]


def test_the_finder_s_way_to_write_a_file(running: Running) -> None:
    """Empty PUT, LOCK, chunked PUT with the length beside it, UNLOCK."""
    path = "/dav/Drop/pack.zip"
    assert running.ask("PUT", path, b"").status == 201
    token = lock(running, path)
    headers = {"X-Expected-Entity-Length": "7", "If": f"<{running.url}{path}> ({token})"}
    assert running.ask("PUT", path, iter([b"con", b"tent"]), **headers).status == 204
    assert running.ask("UNLOCK", path, Lock_Token=token).status == 204
    assert running.library.tree.read("/Drop/pack.zip") == b"content"
