"""Files of players are read once the tree has been listed: the sync that lists it must not wait for itself."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from davproxy.app import Core, open_core
from davproxy.curation.player_files import CUT_SHORT, PlayerFile, PlayerFiles
from davproxy.errors import BadInput, DavproxyError, Forbidden
from davproxy.settings import Settings


def test_nothing_is_listed_before_the_first_sync_is_over(tmp_path: Path) -> None:
    given = {"TEMP_DIR": str(tmp_path / "temp"), "LIBRARY_DIR": str(tmp_path / "stored")}
    with open_core(Settings.read(given, Path("/nonexistent"))) as core:
        listed: list[bool] = []

        def found() -> Iterator[PlayerFile]:
            listed.append(core.library.updates.complete)
            return iter(())

        files = PlayerFiles(core.library, found)
        files.refresh()
        assert listed == []
        core.sync.run()
        files.refresh()
        assert listed == [True]


def raising(error: BaseException) -> Callable[[], None]:
    def store() -> None:
        raise error

    return store


@pytest.mark.parametrize("error", [BadInput("no"), Forbidden("no"), UnicodeEncodeError("utf-8", "\ud800", 0, 1, "no")])
def test_a_file_that_cannot_be_read_costs_no_other(error: Exception, core: Core) -> None:
    read: list[str] = []
    found = [
        PlayerFile("/Scores/A/scores.db", "1", raising(error)),
        PlayerFile("/Scores/B/scores.db", "1", lambda: read.append("B")),
    ]
    files = PlayerFiles(core.library, lambda: found)
    files.refresh()
    assert read == ["B"]
    tried_again = isinstance(error, DavproxyError) and not isinstance(error, BadInput)
    assert (files.problem("/Scores/A/scores.db") == "") == tried_again
    assert files.problem("/Scores/B/scores.db") == ""


def test_a_file_that_ends_the_program_is_read_twice_at_most(core: Core) -> None:
    read: list[bool] = []

    def store() -> None:
        read.append(True)
        raise KeyboardInterrupt

    path = "/Scores/A/scores.db"
    for _ in range(2):
        with pytest.raises(KeyboardInterrupt):
            PlayerFiles(core.library, lambda: [PlayerFile(path, "1", store)]).refresh()
    files = PlayerFiles(core.library, lambda: [PlayerFile(path, "1", store)])
    files.refresh()
    assert (len(read), files.problem(path)) == (2, CUT_SHORT)
    PlayerFiles(core.library, lambda: [PlayerFile(path, "2", lambda: read.append(False))]).refresh()
    assert (read[-1], files.problem(path)) == (False, "")


def test_who_waits_has_a_refresh_under_way_end_first(core: Core) -> None:
    begun, go_on = threading.Event(), threading.Event()
    read: list[str] = []

    def store() -> None:
        begun.set()
        go_on.wait(30)
        read.append("A")

    files = PlayerFiles(core.library, lambda: [PlayerFile("/Scores/A/scores.db", "1", store)])

    def waiting() -> None:
        files.refresh(wait=True)
        read.append("waited")

    first, second = threading.Thread(target=files.refresh), threading.Thread(target=waiting)
    first.start()
    assert begun.wait(30)
    files.refresh()  # a request goes on with what is known
    second.start()
    go_on.set()
    for thread in (first, second):
        thread.join(30)
    assert read == ["A", "waited"]
