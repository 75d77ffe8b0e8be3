"""What is shown beside the library: client junk, marker files, and the folder /Status."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from davproxy.connect import remote_of
from davproxy.dav.junk import FILE_LIMIT, SHARED_LIMIT, TOTAL_LIMIT, Junk
from davproxy.errors import BadArchive, NotFound
from davproxy.jobs import Run
from tests.coordination.in_this_process import at_two_instances
from tests.serving import LOCK, Running, Site


@pytest.mark.parametrize(
    "name",
    ["._song.ini", ".DS_Store", "Thumbs.db", "desktop.ini", ".Trashes", "~$song.ini", ".song.ini.swp", "Icon%0D"],
)
def test_client_junk_is_answered_and_never_reaches_the_library(running: Running, name: str) -> None:
    path = f"/dav/Songs/{name}"
    assert running.ask("GET", path).status == 404
    assert running.ask("PUT", path, b"junk").status == 201
    assert running.ask("PUT", path, b"junk two").status == 204
    assert running.ask("GET", path).body == b"junk two"
    assert running.ask("PROPFIND", path, Depth="0").status == 207
    assert path not in running.ask("PROPFIND", "/dav/Songs/", Depth="1").body.decode()
    assert running.ask("MOVE", path, Destination="/dav/Songs/._other").status == 201
    assert running.ask("GET", "/dav/Songs/._other").body == b"junk two"
    assert running.ask("DELETE", "/dav/Songs/._other").status == 204
    assert running.ask("GET", "/dav/Songs/._other").status == 404
    assert running.changes == []
    assert not [file for file in running.stored.rglob("*") if file.is_file()]


def test_a_junk_file_is_locked_before_it_is_written(running: Running) -> None:
    """As davfs2 does with every new file."""
    locked = running.ask("LOCK", "/dav/Songs/._x", LOCK, Timeout="Second-1800")
    assert locked.status == 201
    token = locked.headers["lock-token"]
    assert running.ask("PUT", "/dav/Songs/._x", b"x").status == 423
    assert running.ask("PUT", "/dav/Songs/._x", b"x", If=f"({token})").status == 204
    assert running.ask("UNLOCK", "/dav/Songs/._x", Lock_Token=token).status == 204
    assert running.changes == []


def test_junk_folders_hold_junk(running: Running) -> None:
    assert running.ask("MKCOL", "/dav/.Trashes").status == 201
    assert running.ask("PUT", "/dav/.Trashes/501", b"x").status == 201
    assert running.ask("PROPFIND", "/dav/.Trashes/", Depth="1").body.count(b"<d:response>") == 2
    assert running.ask("DELETE", "/dav/.Trashes").status == 204
    assert running.ask("GET", "/dav/.Trashes/501").status == 404
    assert running.changes == []


def test_junk_that_others_stored_is_not_listed(running: Running) -> None:
    """Its name leads to what is kept aside here."""
    for name in (".directory", "x"):
        (running.stored / "Songs" / name).write_bytes(b"1")
    running.library.tree.refresh("/Songs")
    listing = running.ask("PROPFIND", "/dav/Songs/", Depth="1").body
    assert (b".directory" in listing, b"/dav/Songs/x" in listing) == (False, True)


def test_a_file_renamed_out_of_junk_is_a_file(running: Running) -> None:
    running.ask("PUT", "/dav/Songs/._x", b"content")
    assert running.ask("MOVE", "/dav/Songs/._x", Destination="/dav/Songs/x").status == 201
    assert running.library.tree.read("/Songs/x") == b"content"
    assert running.ask("GET", "/dav/Songs/._x").status == 404


def test_a_folder_renamed_out_of_junk_keeps_what_is_in_it(running: Running) -> None:
    """As macOS does with a document that is a folder: it is saved among the temporary items first."""
    for folder in (".TemporaryItems", ".TemporaryItems/A", ".TemporaryItems/A/B"):
        assert running.ask("MKCOL", f"/dav/{folder}").status == 201
    assert running.ask("PUT", "/dav/.TemporaryItems/A/B/x", b"content").status == 201
    assert running.ask("MOVE", "/dav/.TemporaryItems/A", Destination="/dav/Songs/A").status == 201
    assert running.library.tree.read("/Songs/A/B/x") == b"content"
    assert running.ask("GET", "/dav/.TemporaryItems/A/B/x").status == 404


def test_a_file_of_the_library_never_becomes_junk(running: Running) -> None:
    """What is kept aside is forgotten some day, so a slip of the hand would lose a song."""
    running.library.tree.make_folder("/Songs/A")
    running.library.tree.write("/Songs/A/x", b"content")
    for method in ("MOVE", "COPY"):
        assert running.ask(method, "/dav/Songs/A", Destination="/dav/Songs/._A").status == 403
        assert running.ask(method, "/dav/Songs/A/x", Destination="/dav/Songs/A/.DS_Store").status == 403
    assert running.library.tree.read("/Songs/A/x") == b"content"


def test_junk_is_bounded() -> None:
    junk = Junk()
    for number in range(20):
        junk.write(f"/._{number}", bytes(FILE_LIMIT))
    kept = TOTAL_LIMIT // FILE_LIMIT
    assert junk.read("/._19") == bytes(FILE_LIMIT)
    assert len(junk.children("/")) == kept
    with pytest.raises(NotFound):
        junk.read("/._0")


def test_other_instances_get_small_junk_and_forget_what_became_large() -> None:
    one, other = at_two_instances(Junk)
    one.write("/._x", b"small")
    assert other.read("/._x") == b"small"
    one.write("/._x", bytes(SHARED_LIMIT + 1))
    with pytest.raises(NotFound):
        other.read("/._x")


def test_a_huge_junk_file_is_refused(running: Running) -> None:
    assert running.ask("PUT", "/dav/Songs/._x", bytes(FILE_LIMIT + 1)).status == 413


@pytest.mark.parametrize("name", [".metadata_never_index", ".ql_disablethumbnails"])
def test_macos_does_not_index_the_drive(running: Running, name: str) -> None:
    for folder in ("/dav", "/dav/Songs"):
        answer = running.ask("GET", f"{folder}/{name}")
        assert (answer.status, answer.body) == (200, b"")
        assert running.ask("PROPFIND", f"{folder}/{name}", Depth="0").status == 207
    assert name not in running.ask("PROPFIND", "/dav/", Depth="1").body.decode()
    assert running.ask("PUT", f"/dav/Songs/{name}", b"").status == 403


def fails(_: Run) -> Mapping[str, Any]:
    raise BadArchive("This archive is encrypted. Unpack it yourself and put the folder here.")


def works(_: Run) -> Mapping[str, Any]:
    return {"summary": "1 song imported, 1 failed."}


@pytest.fixture
def busy(running: Running) -> Callable[[Any], None]:
    """Runs a job to its end."""
    running.jobs.start()

    def run(runner: Any) -> None:
        running.jobs.register(runner.__name__, runner)
        job = running.jobs.submit(runner.__name__, f"Take in {runner.__name__}: a/b.zip", subject="/Drop/b.zip")
        running.jobs.wait(job.id, 10)

    return run


def test_status_shows_library_and_jobs(running: Running, busy: Callable[[Any], None]) -> None:
    def text() -> str:
        return running.ask("GET", "/dav/Status/STATUS.txt").body.decode()

    assert text().startswith("Local folder, in order.\r\n")
    assert "No work so far" in text()
    busy(works)
    busy(fails)
    assert "done       Take in works: a/b.zip: 1 song imported, 1 failed." in text()
    assert "FAILED     Take in fails: a/b.zip: This archive is encrypted." in text()
    listing = running.ask("PROPFIND", "/dav/Status/", Depth="1").body.decode()
    assert listing.count("<d:response>") == 3
    href = next(part.split("<")[0] for part in listing.split("<d:href>") if "Take%20in" in part)
    report = running.ask("GET", href).body.decode()
    assert "This archive is encrypted. Unpack it yourself" in report
    assert "/Drop/b.zip" in report
    size = running.ask("HEAD", href).headers["content-length"]
    assert int(size) == len(report.encode())


def test_status_that_changes_while_it_is_read_comes_whole(site: Site) -> None:
    lines = iter(["One line.", "Another line, and a longer one."])
    running = site.start_on(remote_of, lambda: [next(lines, "The last of the lines.")])
    answer = running.ask("GET", "/dav/Status/STATUS.txt")
    assert answer.status == 200
    assert answer.body.startswith(b"The last of the lines.\r\n")


def test_status_is_read_only(running: Running) -> None:
    for method in ("PUT", "DELETE", "MKCOL"):
        assert running.ask(method, "/dav/Status/x").status in (403, 404)
        assert running.ask(method, "/dav/Status/STATUS.txt").status in (403, 405)
    assert running.ask("MOVE", "/dav/Status/STATUS.txt", Destination="/dav/Drop/x").status == 403
    assert running.ask("COPY", "/dav/Status/STATUS.txt", Destination="/dav/Drop/x").status == 201
    assert running.library.tree.read("/Drop/x").startswith(b"Local folder")
    assert "Status" in running.ask("PROPFIND", "/dav/", Depth="1").body.decode()
