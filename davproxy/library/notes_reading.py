"""Reads notes files while no client asks for anything: identity, instruments and problems are in no listing."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from loguru import logger

from davproxy.contents.contents import Contents
from davproxy.errors import BadChart, DavproxyError
from davproxy.formats import identify, notes
from davproxy.index import Index
from davproxy.library import chart_facts, song_rows
from davproxy.library.activity import Activity
from davproxy.library.index_updates import IndexUpdates
from davproxy.library.sng_files import SngFiles
from davproxy.library.song_index import read_ini
from davproxy.model import Entry, Song

BATCH = 100
"""Most songs whose notes are read together."""
BATCH_BYTES = 32 * 1024 * 1024
"""Bytes of notes after which no more songs are added to a batch."""
NO_NOTES = "none"
"""The notes etag of a song without a notes file, or whose notes file went while it was read."""
REST, LONGEST_REST = 1.0, 20.0
"""Reading waits until no request came for REST seconds, at most LONGEST_REST seconds in all."""


class NotesReading:
    """A thread that reads new notes files. It starts with the first complete listing, and again with each change."""

    def __init__(
        self,
        index: Index,
        contents: Contents,
        sng_files: SngFiles,
        updates: IndexUpdates,
        activity: Activity,
        temp_dir: Path,
    ) -> None:
        self._index, self._contents, self._sng_files = index, contents, sng_files
        self._updates, self._activity, self._temp_dir = updates, activity, temp_dir
        self._work = threading.Event()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="notes", daemon=True)
        self._subscribers: list[Callable[[], None]] = []

    def subscribe(self, subscriber: Callable[[], None]) -> None:
        """Call `subscriber` after each batch, in the thread that read it."""
        self._subscribers.append(subscriber)

    def start(self) -> None:
        """Read the notes files that are unread, now and after each change."""
        self._updates.subscribe(lambda _change: self.wake())
        self._thread.start()

    def wake(self) -> None:
        """Read what is unread. Sync calls this after each run, so that notes are read again after an error."""
        if not self._work.is_set():  # a first listing wakes it for each entry
            self._work.set()

    def stop(self, timeout: float = 5.0) -> None:
        """End the thread, waiting `timeout` seconds at most."""
        self._stop.set()
        self._work.set()
        if self._thread.is_alive():
            self._thread.join(timeout)

    def read(self) -> Iterator[int]:
        """Read all unread notes in batches; yields the number of songs done so far after each."""
        done = 0
        while unread := self._index.songs.unread(BATCH):
            batch, sources = self._sources(unread)
            readable = [song for song in batch if song.id in sources]
            facts = chart_facts.read_many([sources[song.id] for song in readable], self._temp_dir) if readable else []
            rows = [replace(song, notes_etag=NO_NOTES) for song in batch if song.id not in sources]
            for song, read in zip(readable, facts, strict=True):
                row = chart_facts.with_notes(song, sources[song.id], read)
                ini = read_ini(self._index.entries.children(song.path), self._contents)
                rows.append(chart_facts.with_problems(row, ini))
            as_read = {song.id: song for song in batch}
            with self._index.transaction():
                self._index.songs.put(row for row in rows if self._index.songs.get(row.id) == as_read[row.id])
            done += len(batch)
            for subscriber in self._subscribers:
                subscriber()
            yield done

    def _run(self) -> None:
        while self._work.wait() and not self._stop.is_set():
            self._work.clear()
            if not self._updates.complete:
                continue
            self._wait_for_pause()
            try:
                for _ in self.read():
                    self._wait_for_pause()
                    if self._stop.is_set():
                        return
            except DavproxyError as error:
                logger.info("Notes wait to be read: {}", error.message)
            except Exception:  # noqa: BLE001 - tried again when next woken
                # A reader that was stopped and not waited for meets what its owner has closed.
                if not self._stop.is_set():
                    logger.exception("Reading notes broke")

    def _wait_for_pause(self) -> None:
        """Wait while clients ask for something."""
        longest = time.monotonic() + LONGEST_REST
        while (left := min(self._activity.last + REST, longest) - time.monotonic()) > 0:
            if self._stop.wait(left):
                return

    def _sources(self, batch: Sequence[Song]) -> tuple[Sequence[Song], dict[int, chart_facts.Notes]]:
        """As many songs of `batch` as have BATCH_BYTES of notes, and their notes by song id, fetched in bulk.

        Songs without notes are left out of the second.
        """
        sources: dict[int, chart_facts.Notes] = {}
        entries: dict[str, Entry] = {}
        ids: dict[str, int] = {}
        size = 0
        for count, song in enumerate(batch):
            if size > BATCH_BYTES:
                batch = batch[:count]
                break
            entry = self._notes_entry(song.path)
            if entry is None:
                continue
            source = chart_facts.Notes(identify.notes_file(song.files) or "", None, entry.etag, song.metadata)
            try:
                if song_rows.is_sng(entry):
                    content = self._sng_files.notes(entry)
                    if content is not None:
                        size += len(content)
                        sources[song.id] = replace(source, content=content)
                else:
                    notes.check_size(source.name, entry.size)
                    size += entry.size
                    entries[entry.path], ids[entry.path] = entry, song.id
                    sources[song.id] = source
            except BadChart:
                sources[song.id] = source
        for entry, content in self._contents.read_many(entries.values()):
            id = ids.pop(entry.path)
            sources[id] = replace(sources[id], content=content)
        for gone in ids.values():
            del sources[gone]
        return batch, sources

    def _notes_entry(self, path: str) -> Entry | None:
        """The file that holds the notes of the song at `path`: its notes file, or the .sng itself."""
        entry = self._index.entries.get(path)
        if entry is None or not entry.is_folder:
            return entry
        return chart_facts.notes_entry(self._index.entries.children(path))
