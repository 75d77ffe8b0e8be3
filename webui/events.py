"""Events for open pages: the progress of jobs, and the state of the library after each change."""

import threading

from davproxy.jobs import Jobs
from davproxy.library import Library
from davproxy.model import Change, Job
from davproxy.server.event_stream import EventStream
from davproxy.sync import Sync
from webui.api.shapes import JobShape

GATHER_SECONDS = 0.15
"""Changes within this time are one event: an archive changes thousands of entries."""
KEEP_ALIVE_SECONDS = 15.0
"""Longest silence of the stream."""


class Events:
    """Emits on `stream` from a thread of its own."""

    def __init__(self, library: Library, jobs: Jobs, sync: Sync) -> None:
        self.stream = EventStream()
        self._library, self._sync = library, sync
        self._lock = threading.Lock()
        self._jobs: dict[str, Job] = {}
        self._library_changed = False
        self._something = threading.Event()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="events", daemon=True)
        library.subscribe(self._note_change)
        jobs.subscribe(self._note_job)
        sync.subscribe(self._note_library)
        library.notes.subscribe(self._note_library)

    def start(self) -> None:
        """Begin to emit."""
        self._thread.start()

    def stop(self) -> None:
        """Stop emitting."""
        self._stopping.set()
        self._something.set()
        if self._thread.is_alive():
            self._thread.join(5)

    def _note_job(self, job: Job) -> None:
        with self._lock:
            self._jobs.pop(job.id, None)  # so that events have the order of the last changes
            self._jobs[job.id] = job
        self._something.set()

    def _note_change(self, _change: Change) -> None:
        self._note_library()

    def _note_library(self) -> None:
        self._library_changed = True
        if not self._something.is_set():  # a first listing says so of each entry
            self._something.set()

    def _run(self) -> None:
        while not self._stopping.is_set():
            if not self._something.wait(KEEP_ALIVE_SECONDS):
                self.stream.keep_alive()
                continue
            self._stopping.wait(GATHER_SECONDS)
            self._something.clear()
            self._emit()

    def _emit(self) -> None:
        with self._lock:
            jobs, self._jobs = list(self._jobs.values()), {}
        changed, self._library_changed = self._library_changed, False
        for job in jobs:
            self.stream.emit("job", JobShape.of(job).model_dump(mode="json"))
        if changed:
            counts = self._library.songs.counts()
            self.stream.emit(
                "library",
                {
                    "songs": counts.songs,
                    "refused": counts.refused,
                    "unread": counts.unread,
                    "expected": self._sync.progress.songs if self._sync.progress else 0,
                    "complete": self._library.updates.complete,
                    "state": self._sync.state,
                    "message": self._sync.message,
                },
            )
