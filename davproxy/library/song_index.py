"""The index's song rows, updated with its entries."""

from collections.abc import Iterable
from dataclasses import replace
from functools import lru_cache

from loguru import logger

from davproxy import paths
from davproxy.contents.contents import Contents
from davproxy.errors import BadSng, DavproxyError
from davproxy.formats import song_ini
from davproxy.formats.identify import INI_NAME
from davproxy.index import Index
from davproxy.library import chart_facts, song_rows
from davproxy.library.sng_files import SngFiles
from davproxy.library.unlisted_etags import unlisted
from davproxy.model import Entry, Song

_NEARBY = 64
"""Folders whose children are remembered: those around the current one, when folders are visited in order."""


class SongIndex:
    """Decides which entries are songs, and writes their rows."""

    def __init__(self, index: Index, contents: Contents, sng_files: SngFiles) -> None:
        self._index, self._contents, self._sng_files = index, contents, sng_files

    def song_path(self, path: str) -> str | None:
        """The path of the song that `path` is or lies in: the outermost, since no game looks for songs in a song."""
        return _SongPaths(self._index).song_path(path)

    def song_paths(self, inside: Iterable[str]) -> set[str]:
        """The paths of the songs that any of these paths are or lie in."""
        known = _SongPaths(self._index)
        return {song for path in inside if (song := known.song_path(path)) is not None}

    def update(self, changed: Iterable[Entry]) -> None:
        """Bring the rows up to date after these entries came or changed.

        Notes are parsed where their bytes are here already; the rest waits for `NotesReading`.
        """
        self._write_rows(
            entry.path if entry.is_folder or song_rows.is_sng(entry) else paths.parent_of(entry.path)
            for entry in changed
        )

    def remove(self, gone: Iterable[str]) -> None:
        """Bring the rows up to date after the entries at and below these paths went."""
        gone = list(gone)
        for path in gone:
            self._index.songs.remove(path)
        self._write_rows(each for path in gone for each in (path, paths.parent_of(path)))

    def move(self, source: str, target: str) -> None:
        """Bring the rows up to date after `source` moved to `target` with all below it; songs keep their ids."""
        self._index.songs.move(source, target)
        moved = self._index.entries.get(target)
        self.update([*([moved] if moved else []), *self._index.entries.below(target)])
        self._write_rows([source, paths.parent_of(source)])

    def _write_rows(self, candidates: Iterable[str]) -> None:
        """Write or remove the row of each path in `candidates`. Below a path that is no song any more, songs can be."""
        in_songs = sorted({path for path in candidates if paths.is_below(path, paths.SONGS)})
        if not in_songs:
            return
        known = _SongPaths(self._index)
        freed: list[str] = []
        for path in in_songs:
            song = self._row(path, known)
            if song is not None:
                self._index.songs.put([song])
                if any(child.is_folder for child in known.children(path)):
                    self._index.songs.remove_below(path)
            elif self._index.songs.remove_at(path):
                freed += [
                    entry.path
                    for entry in self._index.entries.below(path)
                    if entry.is_folder or song_rows.is_sng(entry)
                ]
        if freed:
            self._write_rows(freed)

    def _row(self, path: str, known: "_SongPaths") -> Song | None:
        """The row of the song at `path`; None where there is no song."""
        entry = self._index.entries.get(path)
        if entry is None or known.song_path(path) != path:
            return None
        if not entry.is_folder:
            return self._sng_row(entry)
        files = known.children(path)
        try:
            ini = read_ini(files, self._contents)
        except DavproxyError as error:
            return self._row_unread(entry, song_rows.of_folder(entry, files, {}, None), error)
        row = song_rows.of_folder(entry, files, song_ini.pairs_of(ini), self._previous(entry))
        notes = chart_facts.notes_entry(files)
        if notes is not None and not row.notes_etag and (content := self._contents.cached(notes)) is not None:
            source = chart_facts.Notes(paths.name_of(notes.path), content, notes.etag, row.metadata)
            row = chart_facts.with_notes(row, source, chart_facts.read(source))
        return chart_facts.with_problems(row, ini)

    def _sng_row(self, entry: Entry) -> Song:
        try:
            header = self._sng_files.header(entry)
        except BadSng as error:
            return chart_facts.unreadable(song_rows.of_sng(entry, {}, {}, None), error.message)
        except DavproxyError as error:
            return self._row_unread(entry, song_rows.of_sng(entry, {}, {}, None), error)
        row = song_rows.of_sng(entry, header.sizes, header.pairs, self._previous(entry))
        return chart_facts.with_problems(row, None)

    def _row_unread(self, entry: Entry, bare: Song, error: DavproxyError) -> Song:
        """The row of a song that cannot be read now: as it was, else `bare`.

        What happened to the song's files stands all the same, so the next sync is made to read it again.
        """
        logger.debug("The song at {} is read later: {}", entry.path, error.message)
        again = {paths.join(entry.path, INI_NAME), entry.path, *paths.ancestors(entry.path)}
        self._index.entries.set_etag(again, unlisted())
        previous = self._previous(entry)
        return replace(previous, path=entry.path) if previous is not None else bare

    def _previous(self, entry: Entry) -> Song | None:
        """The row that this song has in the index, under its id or at its path."""
        by_id = self._index.songs.get(song_rows.id_of(entry, None)) if entry.file_id is not None else None
        return by_id or self._index.songs.at(entry.path)


def read_ini(files: Iterable[Entry], contents: Contents) -> bytes | None:
    """The bytes of the song.ini among a folder's files, if there is one; of one that is too large, just too many."""
    entry = next((file for file in files if paths.name_of(file.path) == INI_NAME), None)
    if entry is None:
        return None
    if entry.size <= song_ini.MAX_BYTES:
        return contents.read(entry)
    with contents.stream(entry, 0, song_ini.MAX_BYTES + 1) as blocks:
        return b"".join(blocks)


class _SongPaths:
    """Where songs are, while the tree does not change: each folder is looked up once for all that lies in it."""

    def __init__(self, index: Index) -> None:
        self._index = index
        self.children = lru_cache(maxsize=_NEARBY)(index.entries.children)
        self.song_path = lru_cache(maxsize=_NEARBY)(self._song_path)

    def _song_path(self, path: str) -> str | None:
        if not paths.is_below(path, paths.SONGS):
            return None
        return self.song_path(paths.parent_of(path)) or (path if self._is_song(path) else None)

    def _is_song(self, path: str) -> bool:
        entry = self._index.entries.get(path)
        if entry is None or not entry.is_folder:
            return entry is not None and song_rows.is_sng(entry)
        return song_rows.is_song_folder(path, self.children(path))
