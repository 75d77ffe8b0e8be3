"""Locks over HTTP: short-lived, gone with their file, and the names that are only locked."""

import re
from concurrent.futures import ThreadPoolExecutor
from xml.etree.ElementTree import fromstring

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


def test_the_answer_to_a_lock_begins_with_its_own_token(running: Running) -> None:
    """For clients that take the first one, though others share the lock."""
    running.library.tree.write("/Songs/x", b"1")
    for _ in range(3):
        answer = running.ask("LOCK", "/dav/Songs/x", LOCK.replace(b"exclusive", b"shared"), Depth="0")
        tokens = re.findall(rb"locktoken>\s*<\w+:href>([^<]+)", answer.body)
        assert f"<{tokens[0].decode()}>" == answer.headers["lock-token"]
    assert len(set(tokens)) == 3
    answer = running.ask("LOCK", "/dav/Songs/x", If=f"(<{tokens[2].decode()}>)")
    prolonged = re.findall(rb"locktoken>\s*<\w+:href>([^<]+)", answer.body)
    assert prolonged == [tokens[2], *tokens[:2]]


def test_a_lock_goes_with_its_file(running: Running) -> None:
    """Office deletes what it has locked and writes it again, without the token."""
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


def test_a_file_is_written_as_the_finder_does(running: Running) -> None:
    """Empty PUT, LOCK, chunked PUT with the length beside it, UNLOCK."""
    path = "/dav/Drop/pack.zip"
    assert running.ask("PUT", path, b"").status == 201
    token = lock(running, path)
    headers = {"X-Expected-Entity-Length": "7", "If": f"<{running.url}{path}> ({token})"}
    assert running.ask("PUT", path, iter([b"con", b"tent"]), **headers).status == 204
    assert running.ask("UNLOCK", path, Lock_Token=token).status == 204
    assert running.library.tree.read("/Drop/pack.zip") == b"content"


@pytest.mark.parametrize("removal", ["delete", "move", "elsewhere", "folder"])
def test_a_lock_ends_with_its_file_whoever_removes_it(running: Running, removal: str) -> None:
    """As a job does with an archive that it has imported, while Explorer still has it locked."""
    tree = running.library.tree
    tree.make_folder("/Songs/A")
    tree.write("/Songs/A/x", b"1")
    lock(running, "/dav/Songs/A/x")
    if removal == "delete":
        tree.delete("/Songs/A/x")
    elif removal == "move":
        tree.move("/Songs/A/x", "/Songs/y")
        assert running.ask("PUT", "/dav/Songs/y", b"free").status == 204
    elif removal == "folder":
        tree.delete("/Songs/A")
        tree.make_folder("/Songs/A")
    else:
        (running.stored / "Songs" / "A" / "x").unlink()
        tree.refresh("/Songs/A")
    assert running.ask("GET", "/dav/Songs/A/x").status == 404
    assert running.ask("PUT", "/dav/Songs/A/x", b"2").status == 201


@pytest.mark.parametrize(("verb", "left"), [("MOVE", 404), ("COPY", 200)])
def test_a_name_that_is_only_locked_is_moved_and_copied_as_an_empty_file(
    running: Running, verb: str, left: int
) -> None:
    """davfs2 locks a new file and writes it up to ten seconds later; an editor renames it before that."""
    token = lock(running, "/dav/Songs/new")
    condition = f"<{running.url}/dav/Songs/new> ({token})"
    assert running.ask(verb, "/dav/Songs/new", Destination="/dav/Songs/name", If=condition).status == 201
    assert running.library.tree.stat("/Songs/name").size == 0
    assert running.ask("GET", "/dav/Songs/new").status == left
    assert running.ask("PUT", "/dav/Songs/name", b"content").status == 204


def test_a_refusal_names_the_lock(running: Running) -> None:
    running.library.tree.make_folder("/Songs/A & B")
    running.library.tree.write("/Songs/A & B/x", b"1")
    lock(running, "/dav/Songs/A%20%26%20B/x")
    for verb, path, condition in (
        ("PUT", "/dav/Songs/A%20%26%20B/x", "lock-token-submitted"),
        ("DELETE", "/dav/Songs/A%20%26%20B", "lock-token-submitted"),
        ("LOCK", "/dav/Songs/A%20%26%20B/x", "no-conflicting-lock"),
    ):
        answer = running.ask(verb, path, LOCK if verb == "LOCK" else b"2" if verb == "PUT" else None)
        assert answer.status == 423
        found = fromstring(answer.body)[0]
        assert found.tag == "{DAV:}" + condition
        assert [href.text for href in found] == ["/dav/Songs/A%20%26%20B/x"]


def test_a_lock_is_shown_with_its_owner_and_root(running: Running) -> None:
    running.library.tree.make_folder("/Songs/A")
    running.library.tree.write("/Songs/A/x", b"1")
    token = lock(running, "/dav/Songs/A", Depth="infinity").strip("<>")
    body = b'<propfind xmlns="DAV:"><prop><lockdiscovery/></prop></propfind>'
    for path in ("/dav/Songs/A/", "/dav/Songs/A/x"):
        found = fromstring(running.ask("PROPFIND", path, body, Depth="0").body).find(".//{DAV:}activelock")
        assert found is not None
        assert found.findtext("{DAV:}locktoken/{DAV:}href") == token
        assert found.findtext("{DAV:}lockroot/{DAV:}href") == "/dav/Songs/A/"
        assert found.findtext("{DAV:}owner/{DAV:}href") == "me"
        assert found.findtext("{DAV:}depth") == "infinity"


def test_a_document_type_in_a_lock_is_refused(running: Running) -> None:
    """In any encoding: an entity in the owner would make every listing that shows the lock malformed."""
    head = '<?xml version="1.0" encoding="utf-16"?><!DOCTYPE a [<!ENTITY b "c">]>'
    body = head + LOCK.decode().replace("<href>me</href>", "&b;")
    for encoded in (body.encode("utf-16"), body.replace("utf-16", "utf-8").encode()):
        assert running.ask("LOCK", "/dav/Songs/new", encoded).status == 400


def test_files_being_written_include_locked_ones(running: Running) -> None:
    """As the imports do, before they take a folder away that a client is filling."""
    writers, released = running.library.writers, list[str]()
    writers.when_released(released.append)
    running.library.tree.make_folder("/Drop/A")
    token = lock(running, "/dav/Drop/A/video.mp4")
    assert [writers.any_at(path) for path in ("/Drop/A", "/Drop/A/video.mp4", "/Drop/B")] == [True, True, False]
    assert running.ask("UNLOCK", "/dav/Drop/A/video.mp4", Lock_Token=token).status == 204
    assert not writers.any_at("/Drop/A")
    assert released == ["/Drop/A/video.mp4"]


@pytest.mark.parametrize("verb", ["PUT", "LOCK", "MKCOL"])
def test_a_client_goes_on_with_a_folder_that_was_imported_a_moment_ago(running: Running, verb: str) -> None:
    tree = running.library.tree
    tree.make_folder("/Drop/A")
    tree.move("/Drop/A", "/Songs/A")
    body = LOCK if verb == "LOCK" else None
    assert running.ask(verb, "/dav/Drop/A/late", body).status == 409
    running.library.imported_folders.record({"/Drop/A": "/Songs/A"})
    assert running.ask("PROPFIND", "/dav/Drop/A", Depth="0").status == 404
    assert running.ask(verb, "/dav/Drop/A/late", body).status == 201
    assert tree.stat("/Drop/A").is_folder


@pytest.mark.slow
def test_many_clients_lock_and_remove_the_same_names(running: Running) -> None:
    names = [f"/dav/Songs/{number}" for number in range(4)]

    def work(worker: int) -> list[int]:
        statuses = []
        for turn in range(40):
            path = names[(worker + turn) % len(names)]
            if worker % 2:
                answer = running.ask("LOCK", path, LOCK, Timeout="Second-1")
                token = answer.headers.get("lock-token", "<none>")
                statuses += [answer.status, running.ask("UNLOCK", path, Lock_Token=token).status]
            else:
                statuses += [running.ask("PUT", path, b"1").status, running.ask("DELETE", path).status]
            statuses.append(running.ask("PROPFIND", "/dav/Songs/", EVERYTHING, Depth="1").status)
        return statuses

    with ThreadPoolExecutor(8) as pool:
        statuses = {status for found in pool.map(work, range(8)) for status in found}
    assert statuses <= {200, 201, 204, 207, 404, 409, 412, 423}


EVERYTHING = b'<propfind xmlns="DAV:"><allprop/></propfind>'
