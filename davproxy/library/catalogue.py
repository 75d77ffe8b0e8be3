"""The rows of the songs table, kept in step with the tree."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import lru_cache

from davproxy import paths
from davproxy.contents.contents import Contents
from davproxy.errors import BadSng
from davproxy.formats import identify, sng, song_ini
from davproxy.index import Index
from davproxy.library import chart_facts, song_rows
from davproxy.model import Entry, Song

BATCH = 100
"""Songs whose notes are read together."""
_NEAR = 64
"""Folders that are remembered: those around the one at hand, when they are gone through in order."""


class Catalogue:
    """Which entries are songs, and what is known of each."""

    def __init__(self, index: Index, contents: Contents) -> None:
        self._index, self._contents = index, contents

    def place_of(self, path: str) -> str | None:
        """Where the song is that `path` is or lies in: the outermost, since no game looks for songs inside a song."""
        return _Places(self._index).place_of(path)

    def places_of(self, inside: Iterable[str]) -> set[str]:
        """Where the songs are that any of these paths are or lie in."""
        known = _Places(self._index)
        return {place for path in inside if (place := known.place_of(path)) is not None}

    def follow(self, changed: Iterable[Entry]) -> None:
        """Bring the rows up to date after `changed` came or changed.

        Notes are looked into where their bytes are at hand; the rest waits for `read_notes`.
        """
        self._renew(
            entry.path if entry.is_folder or song_rows.is_sng(entry) else paths.parent_of(entry.path)
            for entry in changed
        )

    def follow_gone(self, gone: Iterable[str]) -> None:
        """Bring the rows up to date after the entries at `gone` went away."""
        self._renew(place for path in gone for place in (path, paths.parent_of(path)))

    def _renew(self, places: Iterable[str]) -> None:
        known = _Places(self._index)
        freed: list[str] = []
        for place in sorted({place for place in places if paths.is_below(place, paths.SONGS)}):
            song = self._renewed(place, known)
            if song is not None:
                self._index.songs.put([song])
                if any(child.is_folder for child in known.children(place)):
                    self._index.songs.forget_below(place)
            elif self._index.songs.forget(place):
                freed += [
                    entry.path
                    for entry in self._index.entries.below(place)
                    if entry.is_folder or song_rows.is_sng(entry)
                ]
        if freed:  # they lay in a song that is none any more
            self._renew(freed)

    def read_notes(self) -> Iterator[int]:
        """Look into the notes that nobody has looked into yet, in batches; yields how many songs are done so far."""
        done = 0
        while batch := self._index.songs.unread(BATCH):
            sources = self._sources(batch)
            readable = [song for song in batch if song.id in sources]
            found = chart_facts.read_many([sources[song.id] for song in readable]) if readable else []
            rows = [replace(song, notes_etag=NO_NOTES) for song in batch if song.id not in sources]
            for song, reading in zip(readable, found, strict=True):
                row = chart_facts.with_notes(song, sources[song.id], reading)
                rows.append(chart_facts.judged(row, self._ini_of(song.path)))
            as_read = {song.id: song for song in batch}
            with self._index.transaction():
                self._index.songs.put(row for row in rows if self._index.songs.get(row.id) == as_read[row.id])
            done += len(batch)
            yield done

    def _sources(self, batch: Iterable[Song]) -> dict[int, chart_facts.Notes]:
        """The notes of these songs, by song id, fetched in bulk; those that have none, or lost them, are left out."""
        entries = {song.id: self._notes(song.path) for song in batch}
        in_folders = [entry for entry in entries.values() if entry is not None and not song_rows.is_sng(entry)]
        contents = {entry.path: content for entry, content in self._contents.read_many(in_folders)}
        sources = {}
        for song in batch:
            entry = entries[song.id]
            if entry is None:
                continue
            content = self._inner_notes(entry) if song_rows.is_sng(entry) else contents.get(entry.path)
            if content is not None:
                name = identify.notes_file(song.files) or ""
                sources[song.id] = chart_facts.Notes(name, content, entry.etag, song.metadata)
        return sources

    def _renewed(self, path: str, known: "_Places") -> Song | None:
        """The row of the song at `path`; None where there is no song."""
        entry = self._index.entries.get(path)
        if entry is None or known.place_of(path) != path:
            return None
        if not entry.is_folder:
            return self._packed(entry)
        files = known.children(path)
        ini = self._ini(files)
        row = song_rows.of_folder(entry, files, song_ini.pairs_of(ini), self._previous(entry))
        notes = chart_facts.notes_entry(files)
        if notes is not None and not row.notes_etag and (content := self._contents.kept(notes)) is not None:
            source = chart_facts.Notes(paths.name_of(notes.path), content, notes.etag, row.metadata)
            row = chart_facts.with_notes(row, source, chart_facts.read(source))
        return chart_facts.judged(row, ini)

    def _packed(self, entry: Entry) -> Song:
        try:
            header = self.sng_header(entry)
        except BadSng as error:
            return chart_facts.unreadable(song_rows.of_sng(entry, {}, {}, None), error.message)
        members = {member.name: member.size for member in header.members.values()}
        return chart_facts.judged(song_rows.of_sng(entry, members, header.pairs, self._previous(entry)), None)

    def _previous(self, entry: Entry) -> Song | None:
        by_id = self._index.songs.get(song_rows.id_of(entry, None)) if entry.file_id is not None else None
        return by_id or self._index.songs.at(entry.path)

    def _ini(self, files: Iterable[Entry]) -> bytes | None:
        entry = next((file for file in files if paths.name_of(file.path) == identify.INI_NAME), None)
        return self._contents.read(entry) if entry else None

    def _ini_of(self, path: str) -> bytes | None:
        return self._ini(self._index.entries.children(path))

    def _notes(self, path: str) -> Entry | None:
        """Where the notes of the song at `path` are: its notes file, or the .sng itself."""
        entry = self._index.entries.get(path)
        if entry is None or not entry.is_folder:
            return entry
        return chart_facts.notes_entry(self._index.entries.children(path))

    def sng_header(self, entry: Entry) -> sng.Sng:
        """Metadata and members of an .sng. Raises BadSng."""
        return sng.parse(self.sng_start(entry), entry.size)

    def sng_start(self, entry: Entry) -> bytes:
        """The header of an .sng, in at most three short reads. Raises BadSng."""
        start = b""
        while len(start) < (needed := min(entry.size, sng.header_size(start))):
            with self._contents.stream(entry, len(start), needed - len(start)) as blocks:
                start += b"".join(blocks)
        return start

    def _inner_notes(self, entry: Entry) -> bytes | None:
        try:
            header = self.sng_header(entry)
            member = header.members.get(identify.notes_file(header.members) or "")
            return self.sng_member(entry, header, member) if member else None
        except BadSng:
            return None

    def sng_member(self, entry: Entry, header: sng.Sng, member: sng.Member) -> bytes:
        """The bytes of one file inside an .sng."""
        with self._contents.stream(entry, member.offset, member.size) as blocks:
            return sng.unmask(header, b"".join(blocks))


class _Places:
    """Where songs are, while the tree stays as it is: a folder is looked up once for all that lies in it."""

    def __init__(self, index: Index) -> None:
        self._index = index
        self.children = lru_cache(maxsize=_NEAR)(index.entries.children)
        self._is_song = lru_cache(maxsize=_NEAR)(self._look)

    def place_of(self, path: str) -> str | None:
        """As the catalogue's."""
        above = [folder for folder in paths.ancestors(path) if paths.is_below(folder, paths.SONGS)]
        return next((place for place in (*reversed(above), path) if self._is_song(place)), None)

    def _look(self, path: str) -> bool:
        entry = self._index.entries.get(path)
        if entry is None or not entry.is_folder:
            return entry is not None and song_rows.is_sng(entry)
        return song_rows.is_song_folder(path, self.children(path))


NO_NOTES = "none"
"""The notes etag of a song that has no notes file, or one that went away while it was read."""
