"""Reads notes files while no client asks for anything: identity, instruments and problems are in no listing."""

import threading
import time
from collections.abc import Iterable, Iterator
from dataclasses import replace

from loguru import logger

from davproxy.contents.contents import Contents
from davproxy.errors import DavproxyError
from davproxy.formats import identify
from davproxy.index import Index
from davproxy.library import chart_facts, song_rows
from davproxy.library.activity import Activity
from davproxy.library.index_updates import IndexUpdates
from davproxy.library.sng_files import SngFiles
from davproxy.library.song_index import read_ini
from davproxy.model import Entry, Song

BATCH = 100
"""Songs whose notes are read together."""
NO_NOTES = "none"
"""The notes etag of a song without a notes file, or whose notes file went while it was read."""
REST, LONGEST_REST = 1.0, 20.0
"""Reading waits until no request came for REST seconds, at most LONGEST_REST seconds in all."""


class NotesReading:
    """A thread that reads new notes files. It starts with the first complete listing, and again with each change."""

    def __init__(
        self, index: Index, contents: Contents, sng_files: SngFiles, updates: IndexUpdates, activity: Activity
    ) -> None:
        self._index, self._contents, self._sng_files = index, contents, sng_files
        self._updates, self._activity = updates, activity
        self._work = threading.Event()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="notes", daemon=True)

    def start(self) -> None:
        """Read whatever is unread, now and after each change."""
        self._updates.subscribe(lambda _change: self.wake())
        self._thread.start()

    def wake(self) -> None:
        """Read what is unread. Sync calls this after each run, so that notes are read again after an error."""
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
        while batch := self._index.songs.unread(BATCH):
            sources = self._sources(batch)
            readable = [song for song in batch if song.id in sources]
            facts = chart_facts.read_many([sources[song.id] for song in readable]) if readable else []
            rows = [replace(song, notes_etag=NO_NOTES) for song in batch if song.id not in sources]
            for song, read in zip(readable, facts, strict=True):
                row = chart_facts.with_notes(song, sources[song.id], read)
                ini = read_ini(self._index.entries.children(song.path), self._contents)
                rows.append(chart_facts.with_problems(row, ini))
            as_read = {song.id: song for song in batch}
            with self._index.transaction():
                self._index.songs.put(row for row in rows if self._index.songs.get(row.id) == as_read[row.id])
            done += len(batch)
            yield done

    def _run(self) -> None:
        while self._work.wait() and not self._stop.is_set():
            self._work.clear()
            if not self._updates.complete:
                continue
            self._rest()
            try:
                for _ in self.read():
                    self._rest()
                    if self._stop.is_set():
                        return
            except DavproxyError as error:
                logger.info("Notes wait to be read: {}", error.message)
            except Exception:  # noqa: BLE001 - tried again when next woken
                logger.exception("Reading notes broke")

    def _rest(self) -> None:
        """Wait while clients ask for something."""
        longest = time.monotonic() + LONGEST_REST
        while (left := min(self._activity.last + REST, longest) - time.monotonic()) > 0:
            if self._stop.wait(left):
                return

    def _sources(self, batch: Iterable[Song]) -> dict[int, chart_facts.Notes]:
        """The notes of these songs by song id, fetched in bulk; songs that have none are left out."""
        entries = {song.id: self._notes_entry(song.path) for song in batch}
        in_folders = [entry for entry in entries.values() if entry is not None and not song_rows.is_sng(entry)]
        contents = {entry.path: content for entry, content in self._contents.read_many(in_folders)}
        sources = {}
        for song in batch:
            entry = entries[song.id]
            if entry is None:
                continue
            content = self._sng_files.notes(entry) if song_rows.is_sng(entry) else contents.get(entry.path)
            if content is not None:
                name = identify.notes_file(song.files) or ""
                sources[song.id] = chart_facts.Notes(name, content, entry.etag, song.metadata)
        return sources

    def _notes_entry(self, path: str) -> Entry | None:
        """The file that holds the notes of the song at `path`: its notes file, or the .sng itself."""
        entry = self._index.entries.get(path)
        if entry is None or not entry.is_folder:
            return entry
        return chart_facts.notes_entry(self._index.entries.children(path))
