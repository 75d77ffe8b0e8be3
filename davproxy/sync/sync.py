"""When the remote is compared with the index, and how the two stand to each other."""

import threading
import time
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from loguru import logger

from davproxy import paths
from davproxy.errors import DavproxyError, Unavailable
from davproxy.index import Index
from davproxy.jobs import Jobs, Run
from davproxy.library import Library
from davproxy.model import Entry, Job
from davproxy.remote.protocol import Remote
from davproxy.sync.comparison import Comparison, Report

HELD_SHARE = 0.2
"""More of the songs than this vanishing at once is held until a person says that it is meant."""
LEISURE = 30.0
"""Where the whole tree must be listed to find that nothing changed (a local folder, or no recursive etags), the pause
that follows is at least this many times as long."""
LONGEST_PAUSE = 30.0
"""Between tries while the remote cannot be reached."""


class State(StrEnum):
    """How the index stands to the remote."""

    NEVER = "never"
    CURRENT = "current"
    UNREACHABLE = "unreachable"


@dataclass(frozen=True, slots=True)
class SyncReport:
    """What one sync did. `held` names songs that vanished in such number that they were left in the index."""

    synced: int
    added: int
    changed: int
    purged: int
    refused: int
    held: tuple[str, ...] = ()
    seconds: float = 0.0

    def as_json(self) -> dict[str, Any]:
        """The same as plain values."""
        return {**asdict(self), "held": list(self.held)}


class Sync:
    """Runs at start, on a timer, and on demand; one run at a time."""

    def __init__(
        self,
        remote: Remote,
        index: Index,
        library: Library,
        jobs: Jobs,
        interval: float,
        looked: Callable[[list[Entry]], None] = lambda _tops: None,
    ) -> None:
        """On the timer there are `interval` seconds between runs. Each tells `looked` what it found at the root."""
        self._remote, self._index, self._library, self._jobs, self._looked = remote, index, library, jobs, looked
        self._interval = interval
        self._running = threading.Lock()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._poll, name="sync", daemon=True)
        self._clock = -1
        self.last: SyncReport | None = None
        self.state, self.message, self.finished = State.NEVER, "The library has not been read yet.", 0.0
        jobs.register("sync", self._job, recover=False)

    def start(self) -> None:
        """Sync now and then on the timer, in a thread of its own."""
        self._thread.start()

    def stop(self, timeout: float = 5.0) -> None:
        """End the timer, and wait `timeout` seconds at most for a run under way."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(timeout)

    def request(self, *, purge: bool = False) -> Job:
        """Sync as a job that people can watch. `purge` says that songs held back as vanished are meant to go."""
        return self._jobs.submit("sync", "Read the library from the remote", subject="/", options={"purge": purge})

    def _job(self, run: Run) -> dict[str, Any]:
        return self.run(run.report, purge=bool(run.job.options.get("purge"))).as_json()

    def _poll(self) -> None:
        pause = 0.0
        while not self._stop.wait(pause):
            try:
                report = self.run()
                pause = self._interval
                nothing = not (report.added or report.changed or report.purged)
                features = self._remote.features
                if nothing and (features.local or not features.recursive_etags):
                    pause = max(self._interval, LEISURE * report.seconds)
            except DavproxyError:
                pause = min(LONGEST_PAUSE, max(self._interval, pause * 2))
            except Exception:  # noqa: BLE001 - the timer outlives whatever went wrong
                logger.exception("Reading the library broke")
                pause = LONGEST_PAUSE

    def run(self, report: Report = lambda _step, _progress: None, *, purge: bool = False) -> SyncReport:
        """Bring the index up to date. Raises what the remote raises; the index then keeps what it had."""
        with self._running:
            try:
                with nullcontext() if self._library.updates.complete else self._library.updates.first_listing():
                    result = self._run(report, purge)
            except DavproxyError as error:
                self.message = error.message
                if isinstance(error, Unavailable):
                    self.state = State.UNREACHABLE
                    logger.warning("The library could not be read: {}", error.message)
                raise
            self.state, self.message, self.finished = State.CURRENT, "", time.time()
            self._library.notes.wake()
            if result.added or result.changed or result.purged or result.held or self.last is None:
                logger.info("Library read: {}", result.as_json())
                self.last = result
            return result

    def _run(self, report: Report, purge: bool) -> SyncReport:
        started, clock = time.monotonic(), self._library.updates.clock
        report("list", 0.0)
        listed = self._remote.children("/")
        self._looked(listed)
        comparison = Comparison(self._remote, self._index, self._library, self._clock)
        comparison.look(listed, report)
        if comparison.nothing:
            self._library.updates.mark_complete()
            counts = self._index.songs.counts()
            return SyncReport(counts.songs, 0, 0, 0, counts.refused, (), round(time.monotonic() - started, 3))
        before = self._index.songs.paths()
        held = () if purge else self._held(comparison, before)
        if held:  # the folders they were in keep their old etags, so the next sync looks there again
            comparison.keep_gone()
        taken, total = 0, len(comparison.found) or 1
        report("read", 0.4)
        for part in comparison.parts():
            self._library.updates.absorb(part.found, part.gone, part.contents, clock)
            taken += len(part.found)
            report("index", min(1.0, 0.4 + 0.6 * taken / total))
        self._clock = clock
        if not held:
            self._library.updates.mark_complete()
        after = self._index.songs.paths()
        counts = self._index.songs.counts()
        known = before & after
        changed = self._library.songs.paths_of(entry.path for entry in comparison.found) & known if known else ()
        return SyncReport(
            counts.songs, len(after - before), len(changed), len(before - after), counts.refused, held,
            round(time.monotonic() - started, 3),
        )  # fmt: skip

    def _held(self, comparison: Comparison, songs: set[str]) -> tuple[str, ...]:
        """Songs that would go, if they are more than HELD_SHARE of all; a song that only moved does not count."""
        moved = {entry.file_id for entry in comparison.found if entry.file_id is not None}
        lost = [entry.path for entry in comparison.gone if entry.file_id not in moved]
        gone = sorted(song for song in songs if any(paths.is_at_or_below(song, path) for path in lost)) if lost else []
        if len(gone) <= max(1, HELD_SHARE * len(songs)):
            return ()
        logger.warning(
            "{} of {} songs vanished from the remote at once; they are kept until you say so", len(gone), len(songs)
        )
        return tuple(gone)
