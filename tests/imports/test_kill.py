"""SIGKILL after every change of the remote: an imported song is whole or absent, and a restart ends the job; an edit, a
deletion or a renaming is done or not."""

import multiprocessing
import re
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
from tests.imports.archives import zip_of
from tests.imports.conftest import house, pack, song
from tests.imports.remotes import kill_at

SONGS = {title: song(title, artist) for title, artist in [("A", "New"), ("B", "Known")]}
FORMER = song("Former", "Known")
EDITED = FORMER | {"song.ini": FORMER["song.ini"] + b"charter = Ann\r\n" * 1000}
KNOWN, RENAMED = "/Songs/Known/Former_1", "/Songs/Known/Renamed"
JOB = re.compile(r"\bTemp/[^/]+")
"""The folder that one job stages in; each job names its own."""
CHANGES = "PUT|POST|MKCOL|MOVE|COPY|DELETE|PROPPATCH"
"""The requests that change something: after one that reads, the remote is as before it."""
MOST_CHANGES = 100
SECONDS = 60
_processes = multiprocessing.get_context("forkserver")
_processes.set_forkserver_preload([__name__])


Work = Callable[[Path, dict[str, str], int], None]
"""Work on a library: (folder, environment, number of the change after which the process ends)."""


class Case:
    """A library with one song and a pack of two in /Drop, on a Nextcloud or in `folder`."""

    def __init__(self, folder: Path, fake: FakeNextcloud | None) -> None:
        self.folder, self.fake = folder, fake
        self.environment = {"LIBRARY_DIR": str(folder / "remote"), "TEMP_DIR": str(folder / "temp")}
        if fake is not None:
            self.environment |= fake.account
        with connected(self.environment) as remote:
            remote.make_folder(KNOWN)
            for name, content in FORMER.items():
                remote.write(f"{KNOWN}/{name}", content)
            remote.write("/Drop/pack.zip", zip_of(pack(*SONGS.items())))

    def state(self) -> dict[str, bytes | None]:
        """Everything on the remote: the content of each file by its path, and None for a folder."""
        if self.fake is not None:
            nodes = self.fake.tree.root.below()
            return {"/".join(names): None if node.is_folder else node.body.read() for names, node in nodes}
        root = self.folder / "remote"
        found = sorted(root.rglob("*"))
        return {str(file.relative_to(root)): None if file.is_dir() else file.read_bytes() for file in found}

    def restore(self, state: dict[str, bytes | None]) -> None:
        """Put the remote back to a state that it had, and start with an empty disk."""
        root = self.folder / "remote"
        shutil.rmtree(root, ignore_errors=True)
        if self.fake is not None:
            self.fake.tree.root.children.clear()
        for path, content in state.items():
            if self.fake is not None and content is None:
                self.fake.tree.make_folders(path.split("/"))
            elif self.fake is not None:
                self.fake.put(path, content or b"")
            elif content is None:
                (root / path).mkdir(parents=True)
            else:
                (root / path).write_bytes(content)
        for file in self.folder.glob("index.db*"):
            file.unlink()

    def killed(self, work: Work, at: int) -> bool:
        """Do the work in a process that is killed after change number `at`. Returns False if it ended before.

        On a Nextcloud the changes are requests, and the fake server kills; otherwise the process kills itself.
        """
        process = _processes.Process(
            target=work, args=(self.folder, self.environment, MOST_CHANGES if self.fake else at)
        )
        started = threading.Event()

        def kill() -> None:
            started.wait(SECONDS)
            process.kill()

        if self.fake:
            self.fake.fail(CHANGES, skip=at - 1, drop_answer=True, then=kill)
        process.start()
        started.set()
        process.join(SECONDS)
        assert process.exitcode in (0, -signal.SIGKILL)
        return process.exitcode != 0


def killed_at_each_change(folder: Path, work: Work, *, on_nextcloud: bool) -> Iterator[tuple[int, Case, bool]]:
    """(number of the change, case, whether it was reached) until a run ends by itself; each has a case of its own."""
    for at in range(1, MOST_CHANGES):
        here = folder / str(at)
        here.mkdir()
        with FakeNextcloud() as fake:
            case = Case(here, fake if on_nextcloud else None)
            reached = case.killed(work, at)
            yield at, case, reached
        if not reached:
            return
        shutil.rmtree(here)
    pytest.fail("it never ended")


@contextmanager
def connected(environment: dict[str, str]) -> Iterator[Remote]:
    with closing(remote_of(Settings.read(environment, Path("none")))) as remote:
        remote.connect()
        yield remote


def run_import(folder: Path, environment: dict[str, str], at: int) -> None:
    with connected(environment) as remote, house(folder, kill_at(remote, at)) as home:
        home.library.tree.refresh("/Songs")
        home.library.tree.refresh("/Drop")
        home.jobs.wait_until_idle(SECONDS)


def edit(folder: Path, environment: dict[str, str], at: int) -> None:
    with connected(environment) as remote, house(folder, kill_at(remote, at)) as home:
        home.library.tree.refresh("/Songs")
        home.library.tree.write(f"{KNOWN}/song.ini", EDITED["song.ini"])


def delete(folder: Path, environment: dict[str, str], at: int) -> None:
    with connected(environment) as remote, house(folder, kill_at(remote, at)) as home:
        home.library.tree.refresh("/Songs")
        home.library.tree.delete(KNOWN)


def rename(folder: Path, environment: dict[str, str], at: int) -> None:
    with connected(environment) as remote, house(folder, kill_at(remote, at)) as home:
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
@pytest.mark.parametrize("on_nextcloud", [False, True], ids=["local folder", "Nextcloud"])
def test_kill_after_every_change(on_nextcloud: bool, tmp_path: Path) -> None:
    """The same process starts again on the disk that it had, and another on an empty one.

    A change of the job's own staging folder alone proves nothing new on an empty disk.
    """
    former: dict[str, bytes | None] = {}
    for at, case, reached in killed_at_each_change(tmp_path, run_import, on_nextcloud=on_nextcloud):
        with connected(case.environment) as remote:
            check_whole(remote, all_there=not reached)
            if not reached:
                assert at > 15
                continue
            state = case.state()
            recover(case, remote, at, same_disk=True)
            named = {JOB.sub("Temp/JOB", path): content for path, content in state.items()}
            if named != former:
                case.restore(state)
                recover(case, remote, at, same_disk=False)
            former = named


def recover(case: Case, remote: Remote, at: int, *, same_disk: bool) -> None:
    """Start on what the killed process left; the job ends, and nothing is left behind."""
    with house(case.folder, remote) as home:
        home.library.tree.refresh("/Drop")
        home.library.tree.refresh("/Songs")
        home.imports.recover()
        assert home.jobs.wait_until_idle(SECONDS)
        check_whole(remote, all_there=True)
        assert home.tree("/Drop") == {}, at
        if same_disk:
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
    for at, case, reached in killed_at_each_change(tmp_path, work, on_nextcloud=on_nextcloud):
        with connected(case.environment) as remote:
            found = songs_on(remote)
            assert found in ({KNOWN: FORMER}, after) if reached else found == after, at
            with house(case.folder, remote) as home:
                home.library.tree.refresh("/Songs")
                assert {path: home.library.tree.read(f"{path}/song.ini") for path in home.index.songs.paths()} == {
                    path: files["song.ini"] for path, files in found.items()
                }
        assert reached or at > 1
