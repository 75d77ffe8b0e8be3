"""Step: where a song goes in the library, and whether it is there already."""

from davproxy import paths
from davproxy.errors import NotFound
from davproxy.imports.find_songs import FoundSong
from davproxy.library import Library


class Places:
    """Gives the songs of one job their places; the library is looked at once."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._artists = {
            paths.name_of(entry.path).casefold(): entry.path
            for entry in library.tree.children(paths.SONGS)
            if entry.is_folder
        }
        self._there = frozenset(self._artists.values())
        self._given: dict[str, str] = {}

    def place(self, song: FoundSong) -> str:
        """`/Songs/<Artist>/<Title>_<id>`, the id being the first 8 hex digits of the notes file's MD5."""
        return paths.join(self._artist(song), self._name(song))

    def same_as(self, song: FoundSong) -> str | None:
        """Where the song with these very notes is already, in the library or among those placed before."""
        if song.identity in self._given:
            return self._given[song.identity]
        for known in self._library.songs.with_identity(song.identity):
            return known.path
        target = self.place(song)
        try:
            return self._library.tree.stat(target).path
        except NotFound:
            return None

    def give(self, song: FoundSong) -> str:
        """Take note that `song` goes to its place, and return it."""
        self._given[song.identity] = self.place(song)
        return self._given[song.identity]

    def is_new(self, artist: str) -> bool:
        """Whether the library has no such artist folder yet."""
        return artist not in self._there

    def _artist(self, song: FoundSong) -> str:
        """The artist's folder: one that differs in capitals only is used, lest a game's disk takes them for one."""
        name = paths.safe_name(song.artist)
        return self._artists.setdefault(name.casefold(), paths.join(paths.SONGS, name))

    def _name(self, song: FoundSong) -> str:
        return f"{paths.safe_name(song.title)}_{song.identity[:8]}{'.sng' if song.is_sng else ''}"
