"""Lists of songs: read from /Setlists on the remote and written there, in the files that games use."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial

from davproxy import paths
from davproxy.curation import list_files
from davproxy.curation.list_files import PLAYLIST, SETLIST, ListEntry
from davproxy.curation.player_files import PlayerFile
from davproxy.curation.tags import Tags
from davproxy.errors import AlreadyExists, BadInput, Conflict, NotFound
from davproxy.library import Library
from davproxy.model import FAVOURITES, Entry, Song

MOST_SONGS = 20_000


@dataclass(frozen=True, slots=True)
class SongList:
    """A list by its name, which is that of its files. `songs` are those of the library, in the order of `entries`; None
    where the library does not have one. `problem` says why a file cannot be read."""

    name: str
    entries: tuple[ListEntry, ...]
    songs: tuple[Song | None, ...]
    problem: str = ""

    @property
    def missing(self) -> int:
        """How many songs are not in the library."""
        return self.songs.count(None)

    @property
    def length(self) -> int:
        """Milliseconds that it takes to play the songs of the library, at their speeds."""
        pairs = zip(self.songs, self.entries, strict=True)
        return round(sum(song.length * 100 / max(1, entry.speed) for song, entry in pairs if song))

    @property
    def etag(self) -> str:
        """A value that changes with the entries."""
        return hashlib.sha256(repr(self.entries).encode()).hexdigest()[:16]


class Lists:
    """Every list of the library. A change is written to both files of the list."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._changing, self._own = library.own_writes.lock, library.own_writes.of

    # Reading

    def names(self) -> list[str]:
        """The names of all lists, Favourites first."""
        found = {list_name(entry.path) for entry in self._library.tree.children(paths.SETLISTS) if is_list_file(entry)}
        return sorted(found, key=lambda name: (name != FAVOURITES, name.casefold()))

    def get(self, name: str) -> SongList:
        """The list called `name`. Raises NotFound."""
        entries, problem = self.entries(name)
        here = self._songs(entries)
        songs = tuple(here.get(each.md5) or here.get(each.sha1) for each in entries)
        return SongList(name, tuple(entries), songs, problem)

    def entries(self, name: str) -> tuple[list[ListEntry], str]:
        """(the entries in the files of a list, why one of them cannot be read; else empty). Raises NotFound."""
        found: list[list[ListEntry]] = []
        problem = ""
        for ending in (SETLIST, PLAYLIST):
            if (content := self._content(name, ending)) is not None:
                try:
                    found.append(self._read(content, ending, name))
                except BadInput as error:
                    problem = error.message
        if not found and not problem:
            raise NotFound(f"There is no list called “{paths.printable(name)}”.")
        return list_files.merge(*found) if len(found) == 2 else (found[0] if found else []), problem

    def known_entries(self, md5s: Iterable[str], sha1s: Iterable[str]) -> Mapping[str, ListEntry]:
        """The entries of songs of the library with these MD5 or SHA-1, by each of their hashes."""
        return {
            value: entry
            for song in self._library.songs.with_hashes(md5s, sha1s)
            for entry in [ListEntry(song.identity, song.sha1)]
            for value in (song.identity, song.sha1)
            if value
        }

    def lists_with(self, song: Song) -> list[str]:
        """The names of the lists that hold `song`."""
        found = {name: self.entries(name) for name in self.names()}
        return [
            name for name, (entries, bad) in found.items() if not bad and any(_matches(each, song) for each in entries)
        ]

    def _songs(self, entries: Sequence[ListEntry]) -> dict[str, Song]:
        found = self._library.songs.with_hashes(
            [entry.md5 for entry in entries if entry.md5], [entry.sha1 for entry in entries if entry.sha1]
        )
        return {value: song for song in found for value in (song.identity, song.sha1) if value}

    def files(self) -> Iterator[PlayerFile]:
        """The lists, each as one file."""
        etags: dict[str, str] = {}
        for entry in self._library.tree.children(paths.SETLISTS):
            if is_list_file(entry):
                etags[list_name(entry.path)] = f"{etags.get(list_name(entry.path), '')}+{entry.etag}"
        for name, etag in etags.items():
            yield PlayerFile(path_of(name, SETLIST), etag, partial(self._mark, name))

    def _mark(self, name: str) -> None:
        entries, problem = self.entries(name)
        if problem and not entries:
            raise BadInput(problem)
        hashes = [value for entry in entries for value in (entry.md5, entry.sha1)]
        self._library.marks.put(path_of(name, SETLIST), "list", [(name, value) for value in hashes])

    # Changing

    def create(self, name: str, entries: Sequence[ListEntry] = ()) -> SongList:
        """A new list. Raises AlreadyExists, BadInput for a name that no file can have."""
        with self._changing:
            if name in self.names():
                raise AlreadyExists(f"There is a list called “{paths.printable(name)}” already.")
            self.save(valid_name(name), entries)
        return self.get(name)

    def save(self, name: str, entries: Sequence[ListEntry], *, etag: str | None = None) -> None:
        """Write the files of a list. With the `etag` of the list that was edited, Conflict where it is another now."""
        if len(entries) > MOST_SONGS:
            raise BadInput(f"A list holds at most {MOST_SONGS:,} songs.")
        with self._changing:
            if etag is not None and self.get(name).etag != etag:
                raise Conflict("This list was changed elsewhere meanwhile. Look at it again, then repeat your change.")
            former = {ending: self._content(name, ending) for ending in (PLAYLIST, SETLIST)}
            playlist = list_files.render_playlist(name, entries, former[PLAYLIST])
            files = {PLAYLIST: playlist, SETLIST: list_files.render_setlist(entries)}
            is_new = former[PLAYLIST] is None
            for ending in reversed(files) if is_new else files:  # of a new list first what holds all songs
                self._write(path_of(name, ending), files[ending], former[ending])

    def change(self, name: str, before: Sequence[ListEntry] | None, after: Sequence[ListEntry] | None) -> None:
        """Make a list `after` where it is `before`, None being no list; also where it is `after` but a file is missing.
        Raises Conflict."""
        with self._changing:
            now = self.entries(name)[0] if name in self.names() else None
            if now not in (before, after):
                raise Conflict(f"The list “{paths.printable(name)}” was changed again since.")
            if after is not None:
                self.save(name, after)
            elif now is not None:
                self.delete(name)

    def add(self, name: str, songs: Iterable[Song]) -> int:
        """Add songs at the end of a list, which is made if it is missing. Returns how many it did not have."""
        with self._changing:
            entries = self.entries(name)[0] if name in self.names() else []
            there = {entry.md5 for entry in entries}
            new = {song.identity: song for song in songs if song.identity and song.identity not in there}
            self.save(valid_name(name), [*entries, *(ListEntry(song.identity, song.sha1) for song in new.values())])
        return len(new)

    def remove(self, name: str, songs: Iterable[Song]) -> int:
        """Remove songs from a list. Returns how many it had."""
        gone = {song.identity for song in songs}
        with self._changing:
            entries, _ = self.entries(name)
            left = [entry for entry in entries if entry.md5 not in gone]
            self.save(name, left)
        return len(entries) - len(left)

    def rename(self, name: str, target: str) -> None:
        """Give a list another name. Raises NotFound, AlreadyExists, BadInput."""
        with self._changing:
            entries, _ = self.entries(name)
            if target in self.names():
                raise AlreadyExists(f"There is a list called “{paths.printable(target)}” already.")
            for ending in (SETLIST, PLAYLIST):
                with suppress(NotFound), self._own(path_of(name, ending), path_of(valid_name(target), ending)):
                    self._library.tree.move(path_of(name, ending), path_of(target, ending))
            self.save(target, entries)  # YARG shows the name inside

    def delete(self, name: str) -> None:
        """Delete a list, to the trash bin where there is one. Raises NotFound."""
        with self._changing:
            self.entries(name)
            for ending in (PLAYLIST, SETLIST):
                with suppress(NotFound), self._own(path_of(name, ending)):
                    self._library.tree.delete(path_of(name, ending))

    def follow(self, old: Song, new: Song) -> list[str]:
        """Replace `old` by `new` in every list, and copy its tags. Returns the names of the lists."""
        with self._changing:
            names = self.lists_with(old)
            for name in names:
                self.save(name, self.entries_before_and_after(name, old, new)[1])
            Tags(self._library).follow(old, new)
        return names

    def entries_before_and_after(self, name: str, old: Song, new: Song) -> tuple[list[ListEntry], list[ListEntry]]:
        """(the entries of a list, the same with `old` replaced by `new`)."""
        entries, _ = self.entries(name)
        return entries, [
            replace(entry, md5=new.identity, sha1=new.sha1) if _matches(entry, old) else entry for entry in entries
        ]

    def take_over(self, path: str, former: str = "", *, torn: bool = False) -> SongList:
        """Make the other file of a list agree with the one at `path`, which a game or a person wrote. Raises BadInput.

        Where `path` is gone, the other file goes too. Where it was renamed, `former` is the path that it had. Of a
        `torn` list, which nobody wrote, no song goes: its files may also differ because a song came to the library.
        """
        name, ending = list_name(path), path[len(path.removesuffix(SETLIST).removesuffix(PLAYLIST)) :]
        other = PLAYLIST if ending == SETLIST else SETLIST
        with self._changing:
            if former:
                self._rename_other(path_of(list_name(former), other), path_of(name, other))
            content, other_content = self._content(name, ending), self._content(name, other)
            if content is None:
                if other_content is not None:
                    with self._own(path_of(name, other)):
                        self._library.tree.delete(path_of(name, other))
                return SongList(name, (), ())
            entries = self._read(content, ending, name)
            there: list[ListEntry] | None = None
            with suppress(BadInput):
                there = None if other_content is None else self._read(other_content, other, name)
            if there is None or not list_files.agree(entries, there):
                both = list_files.unite if torn else list_files.merge
                self.save(name, both(entries, there or []))
        return self.get(name)

    def torn_files(self) -> Iterator[str]:
        """The files that the other file of their list is missing beside, or does not agree with: what a write leaves
        that was cut short. Of two, the later one; `save` writes the playlist of a list that is there first."""
        for name in self.names():
            found = [self._library.tree.find(path_of(name, ending)) for ending in (PLAYLIST, SETLIST)]
            there = [entry for entry in found if entry is not None]
            if there and not (len(there) == len(found) and self._files_agree(name)):
                yield max(there, key=lambda entry: entry.modified).path

    def _files_agree(self, name: str) -> bool:
        """Whether both files of a list agree; also where one cannot be read, which is left as it is."""
        try:
            read = [self._read(self._content(name, ending) or b"", ending, name) for ending in (PLAYLIST, SETLIST)]
        except BadInput:
            return True
        return list_files.agree(*read)

    def _rename_other(self, source: str, target: str) -> None:
        if self._library.tree.find(source) and not self._library.tree.find(target):
            with self._own(source, target):
                self._library.tree.move(source, target)

    def _read(self, content: bytes, ending: str, name: str) -> list[ListEntry]:
        """The entries of a list's file, with the hashes that the list's playlist knows."""
        read = list_files.read_setlist if ending == SETLIST else list_files.read_playlist
        return list_files.complete_hashes(read(content, self.known_entries), self._content(name, PLAYLIST))

    def _content(self, name: str, ending: str) -> bytes | None:
        try:
            return self._library.tree.read(path_of(name, ending))
        except NotFound:
            return None

    def _write(self, path: str, content: bytes, former: bytes | None) -> None:
        if content != former:
            with self._own(path):
                self._library.tree.write(path, content)


def path_of(name: str, ending: str) -> str:
    """The path of a file of the list."""
    return paths.join(paths.SETLISTS, name + ending)


def is_list_file(entry: Entry) -> bool:
    """Whether this is a file of a list: directly in /Setlists, with an ending that a game reads."""
    return (
        not entry.is_folder
        and paths.parent_of(entry.path) == paths.SETLISTS
        and entry.path.endswith((SETLIST, PLAYLIST))
        and not paths.is_junk(paths.name_of(entry.path))
    )


def _matches(entry: ListEntry, song: Song) -> bool:
    return bool(song.identity) and (entry.md5 == song.identity or entry.sha1 == song.sha1 != "")


def list_name(path: str) -> str:
    """The name of the list that the file at `path` belongs to."""
    return paths.name_of(path).removesuffix(SETLIST).removesuffix(PLAYLIST)


def valid_name(name: str) -> str:
    """`name`, if a file can have it. Raises BadInput."""
    if not name or paths.safe_name(name) != name or name.startswith("."):
        raise BadInput(f"“{paths.printable(name)[:80]}” cannot be the name of a list, because its files are called so.")
    return name
