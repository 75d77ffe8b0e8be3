"""Compares the remote with the index, on a timer and on demand, and writes what differs to the index."""

import threading
import time
from collections.abc import Callable, Collection, Iterator, Sized
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from typing import Any

from loguru import logger

from davproxy.errors import DavproxyError, NotFound, Unavailable
from davproxy.index import Index
from davproxy.jobs import UNEXPECTED, Jobs, Run
from davproxy.library import Library
from davproxy.library.change_log import Listing
from davproxy.model import Entry, Job
from davproxy.remote.protocol import Remote
from davproxy.sync import always_listed
from davproxy.sync.comparison import Comparison, Report
from davproxy.sync.push import Push
from davproxy.sync.report import Progress, State, SyncReport

HELD_SHARE = 0.2
"""If more than this share of the songs vanishes at once, and not into the trash bin, they stay in the index until a
person confirms the loss."""
PAUSE_PER_LISTING = 30.0
"""If only a listing of the whole tree shows that nothing changed (a local folder, or no recursive etags), the pause
after it is at least this many times its duration."""
LONGEST_PAUSE = 30.0
"""Most seconds between attempts while the remote cannot be reached."""
FIRST_PAUSE = 1.0
"""Seconds before the second attempt, where the interval is 0, and after a run that left something out."""
PUSHED_PAUSE = 60.0
"""Seconds between runs while the remote reports its changes."""
QUIET_SECONDS, LONGEST_BURST = 0.15, 2.0
"""A run begins once no report has come for QUIET_SECONDS, or LONGEST_BURST after the first one."""
PAUSE_PER_REPORTED = 5.0
"""The pause before a run that follows a report is this many times the duration of the last run."""


class Sync:
    """Runs at start, on a timer, and on demand; one run at a time."""

    def __init__(
        self,
        remote: Remote,
        index: Index,
        library: Library,
        jobs: Jobs,
        interval: float,
        on_root: Callable[[list[Entry]], None] = lambda _tops: None,
        prepare: Callable[[], None] = lambda: None,
        polls: Callable[[], bool] = lambda: True,
    ) -> None:
        """`interval` is the pause between runs in seconds; with 0 there is one run at the start, and others on request.
        Each run calls `prepare`, then `on_root` with its listing of the root. `polls` tells whether this instance polls
        the remote; of several instances, one does."""
        self._remote, self._index, self._library, self._jobs, self._on_root = remote, index, library, jobs, on_root
        self._prepare, self._polls = prepare, polls
        self._interval = interval
        self._running = threading.Lock()
        self._subscribers: list[Callable[[], None]] = []
        self._stop = threading.Event()
        self._reported = threading.Event()
        """Set by reports of changes, and to stop."""
        self._soon = True
        """Whether the next run takes place even if another instance polls."""
        self._is_behind = False
        """Whether the last run left out changes that were made here while it listed."""
        self._push = Push(remote, self._reported.set)
        self._earliest = 0.0
        """The earliest time of the next run, in monotonic seconds."""
        self.pause = 0.0
        """Seconds until the next run, unless a report comes."""
        self._thread = threading.Thread(target=self._poll, name="sync", daemon=True)
        self._vanished: list[str] = []
        self._lost: tuple[str, ...] = ()
        """Songs that vanished, as of the last run, and those of them that are held."""
        self.progress: Progress | None = None
        """None between runs."""
        self.last: SyncReport | None = None
        self.state, self.message, self.finished = State.NEVER, "The library has not been read yet.", 0.0
        jobs.register("sync", self._job, recover=False)

    def subscribe(self, subscriber: Callable[[], None]) -> None:
        """Call `subscriber` after each run that changed `state` or `message`, and as a run writes songs."""
        self._subscribers.append(subscriber)

    def start(self) -> None:
        """Run at once and then on the timer, in a thread of its own."""
        self._thread.start()
        if self._interval:
            self._push.start()

    def stop(self, timeout: float = 5.0) -> None:
        """End the timer, waiting `timeout` seconds at most for a run in progress."""
        self._stop.set()
        self._reported.set()
        self._push.stop(timeout)
        if self._thread.is_alive():
            self._thread.join(timeout)

    def run_soon(self) -> None:
        """Run at once in the sync's own thread, even if another instance polls."""
        self._soon = True
        self._reported.set()
        if not self._thread.is_alive():
            self.request()

    def adopt_state(self, state: str, message: str, finished: float) -> None:
        """Take over the state that the polling instance found."""
        with self._reporting():
            self.state, self.message, self.finished = State(state), message, finished

    def request(self, *, purge: bool = False) -> Job:
        """Start a sync as a job. With `purge`, vanished songs are removed from the index, however many."""
        return self._jobs.submit("sync", "Read the library from the remote", subject="/", options={"purge": purge})

    def _job(self, run: Run) -> dict[str, Any]:
        self._remote.sign_in_again()  # a person asks
        return self.run(run.report, purge=bool(run.job.options.get("purge"))).as_json()

    def _poll(self) -> None:
        while not self._wait():
            if not self._soon and not self._polls():
                continue
            self._soon = False
            try:
                report = self.run()
                self._earliest = time.monotonic() + PAUSE_PER_REPORTED * report.seconds
                self.pause = self._interval
                whole = always_listed.are_any(self._remote, self._index)
                if self._push.connected and not whole:
                    self.pause = max(self._interval, PUSHED_PAUSE)
                if report.is_empty and whole:
                    self.pause = max(self._interval, PAUSE_PER_LISTING * report.seconds)
                if self._is_behind:  # of several instances only one polls, and it need not be this one
                    self._soon, self.pause = True, min(self.pause, FIRST_PAUSE)
                always_listed.check_etags(self._remote, self._index)
                if not self._interval:
                    return
            except DavproxyError:
                self.pause = min(LONGEST_PAUSE, max(self._interval or FIRST_PAUSE, self.pause * 2))
                self._soon = True
            except Exception:  # noqa: BLE001 - the timer goes on after any error
                logger.exception("Reading the library broke")
                self.pause = LONGEST_PAUSE

    def _wait(self) -> bool:
        """Wait until the pause ends, or until reports of changes come and cease. Returns whether to stop."""
        if self._reported.wait(self.pause):
            until = time.monotonic() + LONGEST_BURST
            while self._reported.is_set() and time.monotonic() < until and not self._stop.is_set():
                self._reported.clear()
                self._stop.wait(QUIET_SECONDS)
            self._stop.wait(max(0.0, self._earliest - time.monotonic()))
            self._reported.clear()
        return self._stop.is_set()

    def run(self, report: Report = lambda _step, _progress: None, *, purge: bool = False) -> SyncReport:
        """Bring the index up to date. Raises the remote's errors; folders that cannot be listed stay unchanged."""

        def note(step: str, part: float) -> None:
            before = self.progress or Progress(step, part)
            self.progress = replace(before, step=step, part=part)
            report(step, part)

        with self._running, self._reporting():
            try:
                with nullcontext() if self._library.updates.complete else self._library.updates.first_listing():
                    result = self._run(note, purge)
            except DavproxyError as error:
                self._note_failure(State.UNREACHABLE if isinstance(error, Unavailable) else State.FAILED, error.message)
                raise
            except Exception:
                self._note_failure(State.FAILED, UNEXPECTED)
                raise
            finally:
                self.progress = None
            self._note_success(result)
            return result

    @contextmanager
    def _reporting(self) -> Iterator[None]:
        """Call the subscribers after the block if it changed the state or the message."""
        before = self.state, self.message
        try:
            yield
        finally:
            if (self.state, self.message) != before:
                self._call_subscribers()

    def _call_subscribers(self) -> None:
        for subscriber in self._subscribers:
            subscriber()

    def _note_failure(self, state: State, message: str) -> None:
        """Record why a sync failed. Repetitions of the same message are logged at debug level."""
        logger.log("DEBUG" if message == self.message else "WARNING", "The library could not be read: {}", message)
        self.state, self.message = state, message

    def _note_success(self, result: SyncReport) -> None:
        if self.state in (State.UNREACHABLE, State.FAILED):
            logger.info("The library can be read again.")
        before = self.last
        if before is None or before.held or not result.is_empty:
            self.last = result
            if before is None or before.notes != result.notes or result.added or result.changed or result.purged:
                logger.info("Library read: {}", result.as_json())
        notes = self.last.notes if self.last else ()
        self.state, self.message, self.finished = State.CURRENT, " ".join(notes), time.time()
        self._library.notes.wake()

    def _run(self, report: Report, purge: bool) -> SyncReport:
        self._prepare()
        self._is_behind = False
        started, listing = time.monotonic(), self._library.updates.begin_listing()
        report("list", 0.0)
        root = self._list_root(purge)
        self._on_root(root)
        lasting = always_listed.top_folders(self._remote, self._index)
        every = not always_listed.mounts_are_known(self._index)
        comparison = Comparison(self._remote, self._index, self._library, always_listed.mounts(self._index))
        comparison.run(root, report, lasting=lasting, every=every, purge=purge)
        always_listed.remember_mounts(self._index, comparison.mounts)
        before = self._index.songs.paths()
        held = () if purge else self._held_songs(comparison, before)
        if held:
            comparison.keep(held)
        changed = () if comparison.is_empty else self._absorb(comparison, listing, report, before)
        if not (held or comparison.failed):
            self._library.updates.mark_complete()
        _raise_failure(comparison)
        after = self._index.songs.paths()
        counts = self._index.songs.counts()
        return SyncReport(
            synced=counts.songs,
            added=len(after - before),
            changed=len(before.intersection(changed, after)),
            purged=len(before - after),
            refused=counts.refused,
            held=held,
            notes=tuple(_notes(comparison, len(held))),
            seconds=round(time.monotonic() - started, 3),
        )

    def _held_songs(self, comparison: Comparison, songs: set[str]) -> tuple[str, ...]:
        """The paths of `songs` that vanished without being moved or deleted, if they are more than HELD_SHARE of all;
        else none. The trash bin is asked only once about the same songs."""
        vanished = comparison.vanished_songs(songs)
        if vanished != self._vanished:
            lost = comparison.not_deleted(vanished) if _is_mass_loss(vanished, songs) else []
            self._vanished, self._lost = vanished, tuple(lost) if _is_mass_loss(lost, songs) else ()
        return self._lost

    def _list_root(self, purge: bool) -> list[Entry]:
        """The listing of the library's folder. If it is gone and held no songs, it is made again."""
        try:
            return self._remote.children("/")
        except NotFound:
            if self._index.songs.paths() and not purge:
                raise NotFound(
                    "The library's folder is gone from the remote. Nothing was removed here: restore it there, "
                    "or sync with purge to begin with an empty one."
                ) from None
            logger.warning("The library's folder was gone from the remote. It is made again, empty.")
            self._remote.make_folder("/")
            return self._remote.children("/")

    def _absorb(self, comparison: Comparison, listing: Listing, report: Report, songs: Collection[str]) -> set[str]:
        """Write the differences into the index, which has `songs`. Returns the paths of the songs that changed."""
        done, total, expected = 0, len(comparison.found) or 1, len(songs) + comparison.new_songs(songs)
        report("read", 0.4)
        for batch in comparison.batches():
            left_out = self._library.updates.absorb(batch.found, batch.gone, batch.contents, listing)
            self._is_behind = self._is_behind or bool(left_out)
            done += len(batch.found)
            folder = next((entry.path for entry in reversed(batch.found) if entry.is_folder), "")
            self.progress = Progress("index", 0.4, folder, expected)
            report("index", min(1.0, 0.4 + 0.6 * done / total))
            self._call_subscribers()
        return self._library.songs.paths_of(entry.path for entry in comparison.found)


def _raise_failure(comparison: Comparison) -> None:
    """Raise the first error about a folder, after everything else is in the index."""
    for path, error in comparison.failed.items():
        where = "" if path in error.message else f"“{path}” could not be read: "
        others = f" {len(comparison.failed) - 1} more failed." if len(comparison.failed) > 1 else ""
        raise type(error)(f"{where}{error.message}{others} Everything else is up to date.") from error


def _notes(comparison: Comparison, held: int) -> Iterator[str]:
    """Sentences for people about unusual results of a comparison."""
    if held:
        yield f"{held} songs vanished at once and are kept here until you sync with purge."
    for path in comparison.made:
        yield f"The folder behind {path} was gone from the remote. It is there again, empty."


def _is_mass_loss(lost: Sized, songs: Sized) -> bool:
    return len(lost) > max(1, HELD_SHARE * len(songs))
