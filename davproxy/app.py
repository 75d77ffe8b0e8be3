"""The whole program put together: what is opened in which order, and closed in the other."""

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from loguru import logger

from davproxy.access import Access
from davproxy.connect import Setup, remote_of
from davproxy.dav.door import Door
from davproxy.errors import DavproxyError
from davproxy.imports.imports import Imports
from davproxy.index import Index
from davproxy.jobs import Jobs
from davproxy.library import Cache, Library
from davproxy.remote.protocol import Remote
from davproxy.server.server import Server
from davproxy.settings import Settings
from davproxy.snapshot import Snapshot
from davproxy.sync import State, Sync
from webui import Services, create_app

DRAINED, QUIET, SAVED = 3.0, 4.0, 8.0
"""Seconds from the beginning of the end until requests under way are done or cut off; until jobs and sync have ended,
or are waited for no longer; until the index is saved, or left as it was saved before."""
SAVED_UNHURRIED = 600.0
"""The last of them after a command, which ends because its work is done."""


class Ending:
    """The end of the program, each step of which has until so many seconds after the first."""

    def __init__(self, saved: float) -> None:
        self.saved = saved
        self._began: float | None = None

    def left(self, until: float) -> float:
        """Seconds left of `until`; the first who asks begins."""
        self._began = self._began or time.monotonic()
        return max(0.0, self._began + until - time.monotonic())


@dataclass(frozen=True, slots=True)
class Core:
    """Everything but the doors."""

    settings: Settings
    remote: Remote
    index: Index
    library: Library
    jobs: Jobs
    imports: Imports
    sync: Sync
    snapshot: Snapshot


@contextmanager
def opened(settings: Settings, ending: Ending | None = None) -> Iterator[Core]:
    """The core, opened: the index restored, nothing running yet. Closing it saves the index.

    A remote that cannot be reached is no reason not to start: what the index holds is served, and the sync says so.
    """
    ending = ending or Ending(SAVED_UNHURRIED)
    settings.temp_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    with ExitStack() as stack:
        remote = remote_of(settings)
        stack.callback(remote.close)
        try:
            features = remote.connect()
            logger.info("The library is on: {}", features.label)
        except DavproxyError as error:
            logger.warning("The library's place cannot be reached: {}", error.message)
        snapshot = Snapshot(remote, settings.db_path, _name_of(settings), settings.db_sync_interval)
        index = snapshot.restore()
        stack.callback(index.close)
        stack.callback(lambda: snapshot.stop(ending.left(ending.saved)))
        cache = Cache(settings.temp_dir / "cache", settings.cache_size)
        library = Library(remote, index, cache, settings.upload_limit)
        jobs = Jobs(index, settings.job_workers)
        stack.callback(lambda: jobs.drain(ending.left(QUIET)))
        imports = Imports(settings, library, jobs)
        stack.callback(imports.close)
        imports.attach()
        sync = Sync(remote, index, library, jobs, settings.poll_interval, snapshot.note_root)
        stack.callback(lambda: sync.stop(ending.left(QUIET)))
        stack.callback(lambda: library.notes.stop(ending.left(QUIET)))
        yield Core(settings, remote, index, library, jobs, imports, sync, snapshot)


@contextmanager
def serving(settings: Settings) -> Iterator[Server]:
    """The whole program at work, until the block ends; then it stops listening, drains, and saves the index."""
    ending = Ending(SAVED)
    with opened(settings, ending) as core:
        access = Access(settings.username, settings.password)
        setup = Setup(settings, Path(".env"))
        web = create_app(Services(settings, access, core.library, core.jobs, core.imports, core.sync, setup))
        door = Door(core.library, core.jobs, lambda: headlines(core))
        server = Server(settings, access, door, web)
        server.start()
        try:
            core.snapshot.start()
            core.jobs.start()
            core.imports.recover()
            core.library.notes.start()
            core.sync.start()
            yield server
        finally:
            server.stop(ending.left(DRAINED))


def headlines(core: Core) -> list[str]:
    """How the library is, in a line each, for people."""
    counts = core.library.songs.counts()
    lines = [f"{counts.songs} songs by {counts.artists} artists; a game would refuse {counts.refused} of them."]
    if core.sync.state is State.UNREACHABLE:
        lines.append(f"The library's place cannot be reached: {core.sync.message}")
    if core.sync.last is not None and core.sync.last.held:
        lines.append(f"{len(core.sync.last.held)} songs vanished at once and are kept here until you sync with purge.")
    if core.snapshot.message:
        lines.append(core.snapshot.message)
    return lines


def _name_of(settings: Settings) -> str:
    """Names the library among others, so that the index of one is not taken for another's."""
    if settings.nextcloud_url:
        return f"{settings.nextcloud_username}@{settings.nextcloud_url}/{settings.remote_folder}"
    return str(settings.library_dir.resolve())
