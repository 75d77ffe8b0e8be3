"""Step: choose the destination of each song, and find out whether the library has the song already."""

from contextlib import suppress

from davproxy import paths
from davproxy.errors import AlreadyExists, NotFound
from davproxy.imports.find_songs import FoundSong
from davproxy.library import Library

SNG = ".sng"
MOST_BESIDE = 100
"""Songs of the same notes that are kept beside each other."""


class Destinations:
    """The destinations of the songs of one job. The artists of the library are listed once, at the start."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._artists = {
            paths.name_of(entry.path).casefold(): entry.path
            for entry in library.tree.children(paths.SONGS)
            if entry.is_folder
        }
        self._present = frozenset(self._artists.values())
        self._reserved: dict[str, str] = {}
        self._beside: set[str] = set()

    def destination(self, song: FoundSong) -> str:
        """`/Songs/<Artist>/<Title>_<id>`, where id is the first 8 hex digits of the notes file's MD5."""
        return paths.join(self._artist_folder(song), self._name(song))

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

    def reserve_beside(self, song: FoundSong) -> str:
        """A destination beside that of a song with the same notes, which is kept too."""
        bare = self.destination(song).removesuffix(SNG)
        for number in range(2, MOST_BESIDE):
            path = f"{bare} ({number}){SNG if song.is_sng else ''}"
            if path not in self._beside and self._library.tree.find(path) is None:
                self._beside.add(path)
                return path
        raise AlreadyExists("There are too many songs of these notes. Remove some of them.")

    def is_new(self, artist_folder: str) -> bool:
        """Whether the library did not have this artist folder at the start."""
        return artist_folder not in self._present

    def _artist_folder(self, song: FoundSong) -> str:
        """The folder of the artist. One that differs only in case is used: case-insensitive file systems merge both."""
        name = paths.safe_name(song.artist)
        return self._artists.setdefault(name.casefold(), paths.join(paths.SONGS, name))

    def _name(self, song: FoundSong) -> str:
        return f"{paths.safe_name(song.title)}_{song.identity[:8]}{SNG if song.is_sng else ''}"
