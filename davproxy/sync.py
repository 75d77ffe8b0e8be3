"""The remote against the index: what was changed elsewhere is found, at the price of what changed.

One listing of the root tells whether anything did. On a remote with recursive etags only changed folders are then
looked into; elsewhere, and where a folder is new, a whole subtree is listed at once. Only changed song.ini files are
fetched.
"""

import threading
import time
from collections.abc import Callable, Iterable
from contextlib import nullcontext
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

from loguru import logger

from davproxy import paths
from davproxy.errors import DavproxyError, NotFound, Unavailable
from davproxy.formats.identify import INI_NAME, NOTES_NAMES
from davproxy.jobs import Jobs, Run
from davproxy.library import Library
from davproxy.library.contents import SMALL
from davproxy.model import Entry, Job

HELD_SHARE = 0.2
"""More of the songs than this vanishing at once is held until a person says that it is meant."""
LEISURE = 30.0
"""Where the whole tree must be listed to find that nothing changed (a local folder, or no recursive etags), the pause
that follows is at least this many times as long."""
LONGEST_PAUSE = 30.0
"""Between tries while the remote cannot be reached."""
REST, LONGEST_REST = 1.0, 20.0
"""Notes are read when nobody has asked the WebDAV door for so many seconds, or has not left off for the other many."""

Report = Callable[[str, float], None]


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


@dataclass(slots=True)
class _Findings:
    """What a look at the remote found, before any of it is in the index."""

    found: list[Entry] = field(default_factory=list)
    gone: list[Entry] = field(default_factory=list)
    suspects: list[Entry] = field(default_factory=list)
    """Small files in folders whose etag changed though none of their children's did."""

    @property
    def nothing(self) -> bool:
        """Whether the remote is as the index has it."""
        return not (self.found or self.gone or self.suspects)


class Sync:
    """Runs at start, on a timer, and on demand; one run at a time."""

    def __init__(
        self,
        library: Library,
        jobs: Jobs,
        interval: float,
        looked: Callable[[list[Entry]], None] = lambda _tops: None,
    ) -> None:
        """On the timer there are `interval` seconds between runs. Each tells `looked` what it found at the root."""
        self._library, self._jobs, self._looked = library, jobs, looked
        self._remote, self._index = library.remote, library.index
        self._interval = interval
        self._running = threading.Lock()
        self._stop = threading.Event()
        self._threads = [
            threading.Thread(target=self._poll, name="sync", daemon=True),
            threading.Thread(target=self._read_notes, name="notes", daemon=True),
        ]
        self._unread = threading.Event()
        self._clock = -1
        self.last: SyncReport | None = None
        self.state, self.message, self.finished = State.NEVER, "The library has not been read yet.", 0.0
        jobs.register("sync", self._job, recover=False)

    def start(self) -> None:
        """Sync now and then on the timer; look into new notes files as they come. Each in a thread of its own."""
        self._library.subscribe(lambda _change: self._unread.set())
        for thread in self._threads:
            thread.start()

    def stop(self, timeout: float = 5.0) -> None:
        """End the timer, and wait `timeout` seconds at most for a run under way."""
        self._stop.set()
        self._unread.set()
        deadline = time.monotonic() + timeout
        for thread in self._threads:
            if thread.is_alive():
                thread.join(max(0.0, deadline - time.monotonic()))

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

    def _read_notes(self) -> None:
        """What a listing does not tell: identity, instruments and problems come from the notes files themselves."""
        while self._unread.wait() and not self._stop.is_set():
            self._unread.clear()
            self._rest()
            try:
                for _ in self._library.read_notes():
                    self._rest()
                    if self._stop.is_set():
                        return
            except DavproxyError as error:
                logger.info("Notes wait to be read: {}", error.message)
            except Exception:  # noqa: BLE001 - tried again with the next change
                logger.exception("Reading notes broke")

    def _rest(self) -> None:
        """Let a game have its answers first."""
        longest = time.monotonic() + LONGEST_REST
        while (left := min(self._library.asked + REST, longest) - time.monotonic()) > 0:
            if self._stop.wait(left):
                return

    def run(self, report: Report = lambda _step, _progress: None, *, purge: bool = False) -> SyncReport:
        """Bring the index up to date. Raises what the remote raises; the index then keeps what it had."""
        with self._running:
            try:
                with nullcontext() if self._library.complete else self._library.first_listing():
                    result = self._run(report, purge)
            except DavproxyError as error:
                self.message = error.message
                if isinstance(error, Unavailable):
                    self.state = State.UNREACHABLE
                    logger.warning("The library could not be read: {}", error.message)
                raise
            self.state, self.message, self.finished = State.CURRENT, "", time.time()
            self._unread.set()
            if result.added or result.changed or result.purged or result.held or self.last is None:
                logger.info("Library read: {}", result.as_json())
                self.last = result
            return result

    def _run(self, report: Report, purge: bool) -> SyncReport:
        started, clock = time.monotonic(), self._library.clock
        report("list", 0.0)
        findings = self._look(report)
        if findings.nothing:
            self._library.completed()
            counts = self._index.songs.counts()
            return SyncReport(counts.songs, 0, 0, 0, counts.refused, (), round(time.monotonic() - started, 3))
        before = self._index.songs.paths()
        held = () if purge else self._held(findings, before)
        report("read", 0.4)
        contents = self._contents(findings)
        report("index", 0.7)
        gone = [entry.path for entry in findings.gone]
        if held:  # the folders they were in keep their old etags, so the next sync looks there again
            above = {folder for path in gone for folder in paths.ancestors(path)}
            findings.found = [entry for entry in findings.found if entry.path not in above]
            gone = []
        self._library.absorb(findings.found, gone, contents, clock)
        self._clock = clock
        if not held:
            self._library.completed()
        after = self._index.songs.paths()
        counts = self._index.songs.counts()
        changed = {self._library.catalogue.place_of(entry.path) for entry in findings.found} & before & after
        return SyncReport(
            counts.songs, len(after - before), len(changed), len(before - after), counts.refused, held,
            round(time.monotonic() - started, 3),
        )  # fmt: skip

    # Looking at the remote

    def _look(self, report: Report) -> _Findings:
        findings = _Findings()
        listed = self._remote.children("/")
        self._looked(listed)
        tops = {entry.path: entry for entry in listed if entry.is_folder}
        known = {entry.path: entry for entry in self._index.entries.children("/")}
        for always in paths.STORED:
            if always in known and always not in tops:
                raise NotFound(f"The folder behind {always} is gone from the remote. Nothing was removed here.")
        shown = [top for path, top in sorted(tops.items()) if paths.is_stored(path)]
        for number, top in enumerate(shown):
            report("list", 0.4 * number / len(shown))
            old = known.get(top.path)
            if old is None or not self._remote.features.recursive_etags:
                self._compare_tree(top, findings)
            elif old.etag != top.etag:
                self._descend(top, findings)
        for path in known.keys() - tops.keys():
            findings.gone += [known[path], *self._index.entries.below(path)]
        return findings

    def _descend(self, folder: Entry, findings: _Findings) -> None:
        """Compare the children of a known folder whose etag changed."""
        known = {entry.path: entry for entry in self._index.entries.children(folder.path)}
        listed = self._remote.children(folder.path)
        changed = [entry for entry in listed if known.get(entry.path) != entry]
        gone = known.keys() - {entry.path for entry in listed}
        if not changed and not gone and not self._library.changed_since(self._clock, folder.path):
            findings.suspects += [entry for entry in listed if _is_small(entry)]
        for entry in changed:
            old = known.get(entry.path)
            if not entry.is_folder:
                findings.found.append(entry)
            elif old is None or not old.is_folder:
                self._compare_tree(entry, findings)
            elif old.etag != entry.etag:
                self._descend(entry, findings)
            else:
                findings.found.append(entry)
        for path in gone:
            findings.gone += [known[path], *self._index.entries.below(path)]
        findings.found.append(folder)

    def _compare_tree(self, top: Entry, findings: _Findings) -> None:
        """Compare everything in and below a folder that is new, or whose etag says nothing."""
        known = {entry.path: entry for entry in self._index.entries.below(top.path)}
        listed = list(self._remote.walk(top.path))
        findings.found += [entry for entry in listed if known.get(entry.path) != entry]
        present = {entry.path for entry in listed}
        findings.gone += [entry for path, entry in known.items() if path not in present]
        findings.found.append(top)

    # Before it goes into the index

    def _held(self, findings: _Findings, songs: set[str]) -> tuple[str, ...]:
        """Songs that would go, if they are more than HELD_SHARE of all; a song that only moved does not count."""
        moved = {entry.file_id for entry in findings.found if entry.file_id is not None}
        lost = [entry.path for entry in findings.gone if entry.file_id not in moved]
        gone = sorted(song for song in songs if any(paths.is_at_or_below(song, path) for path in lost)) if lost else []
        if len(gone) <= max(1, HELD_SHARE * len(songs)):
            return ()
        logger.warning(
            "{} of {} songs vanished from the remote at once; they are kept until you say so", len(gone), len(songs)
        )
        return tuple(gone)

    def _contents(self, findings: _Findings) -> dict[str, bytes]:
        """The bytes of every song.ini that is new or changed, and of suspects that turn out to have changed."""
        moved = {(entry.file_id, entry.etag): entry.path for entry in findings.gone if entry.file_id}
        contents: dict[str, bytes] = {}
        wanted: list[str] = []
        for entry in findings.found:
            if (
                paths.name_of(entry.path) == INI_NAME
                and entry.size <= SMALL
                and paths.is_below(entry.path, paths.SONGS)
            ):
                old = moved.get((entry.file_id or 0, entry.etag))
                content = self._index.entries.content(old or entry.path) if old or self._same(entry) else None
                if content is None:
                    wanted.append(entry.path)
                else:
                    contents[entry.path] = content
        contents.update(self._remote.read_many(wanted))
        findings.found += self._really_changed(findings.suspects, contents)
        return contents

    def _same(self, entry: Entry) -> bool:
        known = self._index.entries.get(entry.path)
        return known is not None and known.etag == entry.etag

    def _really_changed(self, suspects: Iterable[Entry], contents: dict[str, bytes]) -> list[Entry]:
        """Those whose bytes are not what we keep: on a Nextcloud two changes in one second can share an etag."""
        by_path = {entry.path: entry for entry in suspects}
        changed = []
        for path, content in self._remote.read_many(by_path) if by_path else ():
            if self._library.contents.kept(by_path[path]) not in (None, content):
                contents[path] = content
                changed.append(by_path[path])
        return changed


def _is_small(entry: Entry) -> bool:
    return not entry.is_folder and entry.size <= SMALL and paths.name_of(entry.path) in (INI_NAME, *NOTES_NAMES)
