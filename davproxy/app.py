"""The whole program: its parts, opened in order and closed in reverse order on one ExitStack."""

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from loguru import logger

from davproxy import log
from davproxy.access import Access
from davproxy.connect import Setup, remote_of
from davproxy.coordination import Coordination, InProcess, OnRedis
from davproxy.curation.curation import Curation
from davproxy.curation.song_jobs import SongJobs
from davproxy.dav.door import Door
from davproxy.errors import DavproxyError, Unavailable
from davproxy.imports.imports import Imports
from davproxy.index import Index
from davproxy.jobs import Jobs
from davproxy.library import Cache, Library
from davproxy.log import RequestLine
from davproxy.metrics import Metrics
from davproxy.remote.protocol import Remote
from davproxy.server.server import Server
from davproxy.settings import Settings
from davproxy.snapshot import Snapshot
from davproxy.sync import Notices, State, Sync
from webui import Services, create_app
from webui.events import Events

REQUESTS_SECONDS, JOBS_SECONDS, SAVE_SECONDS = 3.0, 4.0, 8.0
"""Deadlines of a shutdown, in seconds after its start: requests are cut off; jobs and sync are waited for no longer;
the snapshot is left as it was saved before."""
SAVE_SECONDS_OF_COMMAND = 600.0
"""The last deadline of a command: no service manager waits for its end."""

POLL_CLAIM_SECONDS = 10.0
"""Time beyond two polls after which another instance takes over polling from a silent one."""
CONNECT_SECONDS = 1.5
"""How long the first page waits for a remote that is silent. Connecting goes on meanwhile."""


class Shutdown:
    """The shutdown of the program. `save_seconds` is the deadline for saving the snapshot."""

    def __init__(self, save_seconds: float) -> None:
        self.save_seconds = save_seconds
        self._started: float | None = None

    def seconds_left(self, deadline: float) -> float:
        """Seconds until `deadline`, which is in seconds after the start. The first call starts the shutdown."""
        self._started = self._started or time.monotonic()
        return max(0.0, self._started + deadline - time.monotonic())


@dataclass(frozen=True, slots=True)
class Core:
    """All parts of the program below the doors."""

    settings: Settings
    coordination: Coordination
    remote: Remote
    index: Index
    cache: Cache
    library: Library
    jobs: Jobs
    imports: Imports
    sync: Sync
    notices: Notices
    snapshot: Snapshot
    song_jobs: SongJobs
    curation: Curation


@contextmanager
def open_core(
    settings: Settings, shutdown: Shutdown | None = None, *, connect_seconds: float | None = None
) -> Iterator[Core]:
    """Open the core: the index is restored, and no thread runs yet. At the end of the block the index is saved.

    A remote that cannot be reached is no error: the content of the index is served, and the sync shows its state. One
    that is silent is waited for, `connect_seconds` at most.
    """
    shutdown = shutdown or Shutdown(SAVE_SECONDS_OF_COMMAND)
    settings.temp_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    with ExitStack() as stack:
        coordination = coordination_of(settings)
        stack.callback(coordination.close)
        remote = remote_of(settings)
        stack.callback(remote.close)
        answers = _connect(remote, connect_seconds)
        snapshot = Snapshot(remote, settings.db_path, _library_name(settings), settings.db_sync_interval)
        index = snapshot.restore(answers=answers)
        index.sort_without(settings.sort_articles)
        stack.callback(index.close)
        stack.callback(lambda: snapshot.stop(shutdown.seconds_left(shutdown.save_seconds)))
        cache = Cache(settings.temp_dir / "cache", settings.cache_size)
        library = Library(remote, index, cache, settings.upload_limit, settings.temp_dir)
        stack.callback(library.partial_uploads.close)
        jobs = Jobs(index, settings.job_workers, coordination)
        curation = Curation(settings, library, jobs)
        stack.callback(curation.close)
        stack.callback(lambda: jobs.drain(shutdown.seconds_left(JOBS_SECONDS)))
        imports = Imports(settings, library, jobs)
        stack.callback(imports.close)
        imports.attach()
        song_jobs = SongJobs(library, jobs)
        song_jobs.attach()

        def prepare() -> None:
            if snapshot.restore_late():
                jobs.resume()

        def polls() -> bool:
            try:
                return coordination.claim("polling", POLL_CLAIM_SECONDS + 2 * settings.poll_interval)
            except Unavailable:
                return True

        sync = Sync(remote, index, library, jobs, settings.poll_interval, snapshot.note_root, prepare, polls)
        sync.subscribe(curation.player_files.refresh)
        sync.subscribe(curation.list_jobs.check_once)
        sync.subscribe(curation.favourites.wake)
        notices = Notices(library, coordination, sync)
        stack.callback(lambda: library.notes.stop(shutdown.seconds_left(JOBS_SECONDS)))
        stack.callback(lambda: sync.stop(shutdown.seconds_left(JOBS_SECONDS)))
        stack.callback(notices.stop)
        parts = remote, index, cache, library, jobs, imports, sync, notices, snapshot, song_jobs, curation
        yield Core(settings, coordination, *parts)


@contextmanager
def serving(settings: Settings) -> Iterator[Server]:
    """Run the whole program, and yield its server. At the end of the block it stops listening, finishes requests and
    jobs, and saves the index."""
    shutdown = Shutdown(SAVE_SECONDS)
    with open_core(settings, shutdown, connect_seconds=CONNECT_SECONDS) as core:
        coordination = core.coordination
        access = shared_access(settings, coordination)
        setup = Setup(settings, Path(".env"))
        events = Events(core.library, core.jobs, core.sync)
        parts = core.library, core.jobs, core.imports, core.sync, core.snapshot, core.song_jobs, core.curation
        metrics = _metrics_of(core) if settings.metrics else None
        lines = partial(headlines, core)
        web = create_app(Services(settings, access, *parts, setup, events.stream, coordination, metrics, lines))
        door = Door(core.library, core.jobs, lines, coordination)
        server = Server(settings, access, door, web, partial(_write_requests, metrics))
        coordination.start()
        server.start()
        try:
            core.snapshot.start()
            core.jobs.start()
            core.library.notes.start()
            core.notices.start()
            core.sync.start()
            core.curation.favourites.start()
            core.imports.recover()
            events.start()
            yield server
        finally:
            events.stop()
            server.stop(shutdown.seconds_left(REQUESTS_SECONDS))


def _metrics_of(core: Core) -> Metrics:
    metrics = Metrics()
    metrics.show("songs", "Songs in the library.", lambda: core.library.songs.counts().songs)
    metrics.show("jobs_unfinished", "Jobs that wait or run.", lambda: len(core.index.jobs.unfinished()))
    metrics.show("sync_age_seconds", "Since the last sync ended.", lambda: time.time() - core.sync.finished)
    metrics.show("cache_bytes", "Bytes in the cache.", lambda: core.cache.total)
    metrics.show("cache_limit_bytes", "Most bytes in the cache.", lambda: core.settings.cache_size)
    metrics.show_requests(
        "remote_requests", "Requests sent to the remote, by method and status.", lambda: core.remote.requests
    )
    metrics.show("remote_reachable", "1 if the last sync succeeded.", lambda: core.sync.state is State.CURRENT)
    metrics.show("redis_reachable", "1 if what instances share can be reached.", lambda: not core.coordination.problem)
    return metrics


def _write_requests(metrics: Metrics | None, lines: Sequence[RequestLine]) -> None:
    log.write_requests(lines)
    if metrics is not None:
        metrics.note(lines)


def coordination_of(settings: Settings) -> Coordination:
    """The coordination of the instances: on a Redis if the settings name one, else in this process."""
    return OnRedis(settings.redis_url, _library_name(settings)) if settings.redis_url else InProcess()


def shared_access(settings: Settings, coordination: Coordination) -> Access:
    """Access that counts the wrong passwords at all instances, and accepts the nonces of all."""
    access = Access(settings.username, settings.password, secret=settings.secret_key, clock=coordination.now)
    access.subscribe(lambda network, fingerprint: coordination.send("wrong password", [network, fingerprint]))
    coordination.receive("wrong password", lambda notice: access.note_wrong(*notice))
    return access


def _connect(remote: Remote, seconds: float | None) -> bool:
    """Connect to the remote, for at most `seconds` in this thread. Returns whether it answered by then."""
    answers = threading.Event()

    def connect() -> None:
        try:
            logger.info("The library is on: {}", remote.connect().label)
            answers.set()
        except DavproxyError as error:
            logger.warning("The remote cannot be reached: {}", error.message)
        except Exception as error:  # noqa: BLE001 - the remote was closed meanwhile; the sync reports any other failure
            logger.debug("Connecting ended: {!r}", error)

    connecting = threading.Thread(target=connect, name="connect", daemon=True)
    connecting.start()
    connecting.join(seconds)
    if connecting.is_alive():
        logger.warning("The remote does not answer. The index is served until it does.")
    return answers.is_set()


def headlines(core: Core) -> list[str]:
    """The state of the library, for people, one fact a line."""
    counts = core.library.songs.counts()
    lines = [f"{counts.songs} songs by {counts.artists} artists; a game would refuse {counts.refused} of them."]
    match core.sync.state:
        case State.UNREACHABLE:
            lines.append(f"The remote cannot be reached, so you see what was known last. {core.sync.message}")
        case State.FAILED:
            lines.append(f"Not everything on the remote could be read. {core.sync.message}")
        case _ if core.sync.message:
            lines.append(core.sync.message)
    if core.snapshot.message:
        lines.append(core.snapshot.message)
    return lines


def _library_name(settings: Settings) -> str:
    """The name of the library, which keeps the snapshot of another library from being restored."""
    if settings.nextcloud_url:
        return f"{settings.nextcloud_username}@{settings.nextcloud_url}/{settings.remote_folder}"
    return str(settings.library_dir.resolve())
