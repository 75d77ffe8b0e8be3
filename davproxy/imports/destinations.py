"""Step: choose the destination of each song, and find out whether the library has the song already."""

from contextlib import suppress

from davproxy import paths
from davproxy.curation.folder_pattern import SNG, FolderPattern
from davproxy.errors import AlreadyExists, NotFound
from davproxy.imports.find_songs import FoundSong
from davproxy.library import Library

MOST_BESIDE = 100
"""Songs of the same notes that are kept beside each other."""


class Destinations:
    """The destinations of the songs of one job, by the pattern of song folders (SONG_FOLDERS)."""

    def __init__(self, library: Library, pattern: str) -> None:
        self._library = library
        self._pattern = FolderPattern(pattern)
        self._folders: dict[str, str] = {}
        self._reserved: dict[str, str] = {}
        self._beside: set[str] = set()

    def destination(self, song: FoundSong) -> str:
        """By default `/Songs/<Artist>/<Title>_<id>`, where id is the first 8 hex digits of the notes file's MD5."""
        path = self._pattern.path({**song.pairs, "name": song.title, "artist": song.artist}, song.identity)
        folder = paths.SONGS
        for name in paths.parent_of(path).removeprefix(paths.SONGS).strip("/").split("/"):
            folder = self._folder(folder, name) if name else folder
        return paths.join(folder, paths.name_of(path)) + (SNG if song.is_sng else "")

    def existing(self, song: FoundSong) -> str | None:
        """The path of a song with the same notes, in the library or reserved before; None if there is none."""
        if song.identity in self._reserved:
            return self._reserved[song.identity]
        for known in self._library.songs.with_identity(song.identity):
            return known.path
        bare = self.destination(song).removesuffix(SNG)
        for path in (bare, f"{bare}{SNG}"):  # whose notes may not have been read yet
            with suppress(NotFound):
                return self._library.tree.stat(path).path
        return None

    def reserve(self, song: FoundSong) -> str:
        """The destination of `song`, kept so that `existing` finds it for a later song with the same notes."""
        self._reserved[song.identity] = self.destination(song)
        return self._reserved[song.identity]

    def reserve_beside(self, destination: str) -> str:
        """A destination beside one that is occupied, by a song that is kept too."""
        ending = SNG if destination.endswith(SNG) else ""
        for number in range(2, MOST_BESIDE):
            path = f"{destination.removesuffix(ending)} ({number}){ending}"
            if path not in self._beside and self._library.tree.find(path) is None:
                self._beside.add(path)
                return path
        raise AlreadyExists("There are too many songs of these notes. Remove some of them.")

    def is_new(self, folder: str) -> bool:
        """Whether the library does not have this folder above songs."""
        return folder != paths.SONGS and self._library.tree.find(folder) is None

    def _folder(self, parent: str, name: str) -> str:
        """The folder of this name in `parent`. One that differs only in case is used: some disks merge both."""
        wanted = paths.join(parent, name)
        if wanted.casefold() not in self._folders:
            there = self._library.tree.children(parent) if not self.is_new(parent) else []
            same = [entry.path for entry in there if entry.is_folder and entry.path.casefold() == wanted.casefold()]
            self._folders[wanted.casefold()] = wanted if wanted in same or not same else same[0]
        return self._folders[wanted.casefold()]
