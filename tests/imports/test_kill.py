"""SIGKILL at every call to the remote: what is taken in is whole or absent and a restart ends the job; what is edited,
deleted or renamed is old or new."""

import multiprocessing
import shutil
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from davproxy.connect import remote_of
from davproxy.paths import name_of
from davproxy.remote.protocol import Remote
from davproxy.settings import Settings
from tests.fakes.nextcloud import FakeNextcloud
from tests.imports.archives import zipped
from tests.imports.conftest import house, pack, song
from tests.imports.remotes import dying

SONGS = {title: song(title, artist) for title, artist in [("A", "New"), ("B", "New"), ("C", "Known")]}
FORMER = song("Former", "Known")
EDITED = FORMER | {"song.ini": FORMER["song.ini"] + b"charter = Ann\r\n" * 1000}
KNOWN, RENAMED = "/Songs/Known/Former_1", "/Songs/Known/Renamed"
MOST_CALLS = 200
SECONDS = 60
_processes = multiprocessing.get_context("forkserver")
_processes.set_forkserver_preload([__name__])


Work = Callable[[Path, dict[str, str], int], None]
"""Something to do with a library in a folder and an environment, the process ending at call number so and so."""


class Place:
    """A folder for all that is on this disk: a library with one song, and a pack of three waiting in /Drop, lie there
    or on a Nextcloud."""

    def __init__(self, folder: Path, fake: FakeNextcloud | None) -> None:
        self.folder, self.fake = folder, fake
        self.environment = {"LIBRARY_DIR": str(folder / "remote"), "TEMP_DIR": str(folder / "temp")}
        if fake is not None:
            self.environment |= fake.account
        with connected(self.environment) as remote:
            remote.make_folder(KNOWN)
            for name, content in FORMER.items():
                remote.write(f"{KNOWN}/{name}", content)
            remote.write("/Drop/pack.zip", zipped(pack(*SONGS.items())))

    def killed(self, work: Work, at: int) -> bool:
        """Do it in a process of its own that is killed after call number `at`; whether it came to that.

        On a Nextcloud the calls are requests, and it is the server that kills; else the process does it by itself.
        """
        process = _processes.Process(target=work, args=(self.folder, self.environment, MOST_CALLS if self.fake else at))
        started = threading.Event()

        def kill() -> None:
            started.wait(SECONDS)
            process.kill()

        if self.fake:
            self.fake.fail(skip=at - 1, drop_answer=True, then=kill)
        process.start()
        started.set()
        process.join(SECONDS)
        assert process.exitcode in (0, -signal.SIGKILL)
        return process.exitcode != 0


def killed_at_each_call(folder: Path, work: Work, *, on_nextcloud: bool) -> Iterator[tuple[int, Place, bool]]:
    """(call number, place, whether it came to that call) until a run ends by itself; each run in a place of its own."""
    for at in range(1, MOST_CALLS):
        here = folder / str(at)
        here.mkdir()
        with FakeNextcloud() as fake:
            place = Place(here, fake if on_nextcloud else None)
            came_to_it = place.killed(work, at)
            yield at, place, came_to_it
        if not came_to_it:
            return
        shutil.rmtree(here)
    pytest.fail("it never ended")


@contextmanager
def connected(environment: dict[str, str]) -> Iterator[Remote]:
    with closing(remote_of(Settings.read(environment, Path("none")))) as remote:
        remote.connect()
        yield remote


def take_in(folder: Path, environment: dict[str, str], at: int) -> None:
    with connected(environment) as remote, house(folder, dying(remote, at)) as home:
        home.library.tree.refresh("/Songs")
        home.library.tree.refresh("/Drop")
        home.jobs.idle(SECONDS)


def edit(folder: Path, environment: dict[str, str], at: int) -> None:
    with connected(environment) as remote, house(folder, dying(remote, at)) as home:
        home.library.tree.refresh("/Songs")
        home.library.tree.write(f"{KNOWN}/song.ini", EDITED["song.ini"])


def delete(folder: Path, environment: dict[str, str], at: int) -> None:
    with connected(environment) as remote, house(folder, dying(remote, at)) as home:
        home.library.tree.refresh("/Songs")
        home.library.tree.delete(KNOWN)


def rename(folder: Path, environment: dict[str, str], at: int) -> None:
    with connected(environment) as remote, house(folder, dying(remote, at)) as home:
        home.library.tree.refresh("/Songs")
        home.library.tree.move(KNOWN, RENAMED)


def songs_on(remote: Remote) -> dict[str, dict[str, bytes]]:
    """Each song folder's files and their bytes."""
    songs: dict[str, dict[str, bytes]] = {}
    for path, content in remote.read_many([entry.path for entry in remote.walk("/Songs") if not entry.is_folder]):
        folder, _, name = path.rpartition("/")
        songs.setdefault(folder, {})[name] = content
    return songs


def check_whole(remote: Remote, *, all_there: bool) -> None:
    """Every song is there with each of its bytes, or not at all."""
    songs = songs_on(remote)
    for folder, files in songs.items():
        assert files in (*SONGS.values(), FORMER), f"{folder} is not whole"
    assert not all_there or {name_of(folder).split("_")[0] for folder in songs} == {*SONGS, "Former"}


@pytest.mark.slow
@pytest.mark.parametrize("keep_index", [True, False], ids=["same disk", "empty disk"])
@pytest.mark.parametrize("on_nextcloud", [False, True], ids=["local folder", "Nextcloud"])
def test_kill_after_every_call(on_nextcloud: bool, keep_index: bool, tmp_path: Path) -> None:
    for at, place, came_to_it in killed_at_each_call(tmp_path, take_in, on_nextcloud=on_nextcloud):
        with connected(place.environment) as remote:
            check_whole(remote, all_there=not came_to_it)
            if not came_to_it:
                assert at > 15
                continue
            if not keep_index:
                for file in place.folder.glob("index.db*"):
                    file.unlink()
            with house(place.folder, remote) as home:
                home.library.tree.refresh("/Drop")
                home.library.tree.refresh("/Songs")
                home.imports.recover()
                assert home.jobs.idle(SECONDS)
                check_whole(remote, all_there=True)
                assert home.tree("/Drop") == {}, at
                if keep_index:
                    assert home.leftovers() == [], at


@pytest.mark.slow
@pytest.mark.parametrize(
    ("work", "after"),
    [(edit, {KNOWN: EDITED}), (delete, {}), (rename, {RENAMED: FORMER})],
    ids=["edit", "delete", "rename"],
)
@pytest.mark.parametrize("on_nextcloud", [False, True], ids=["local folder", "Nextcloud"])
def test_a_change_is_made_or_not(
    on_nextcloud: bool, work: Work, after: dict[str, dict[str, bytes]], tmp_path: Path
) -> None:
    for at, place, came_to_it in killed_at_each_call(tmp_path, work, on_nextcloud=on_nextcloud):
        with connected(place.environment) as remote:
            found = songs_on(remote)
            assert found in ({KNOWN: FORMER}, after) if came_to_it else found == after, at
            with house(place.folder, remote) as home:
                home.library.tree.refresh("/Songs")
                assert {path: home.library.tree.read(f"{path}/song.ini") for path in home.index.songs.paths()} == {
                    path: files["song.ini"] for path, files in found.items()
                }
        assert came_to_it or at > 3
