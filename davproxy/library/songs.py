"""The songs of the library: queries, edits, and their files."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from itertools import count

from davproxy.contents.thumbnails import Thumbnails
from davproxy.errors import Conflict, NotFound
from davproxy.index import Index, Name, SongCounts, SongFacets, Statistics
from davproxy.library.album_art import AlbumArt
from davproxy.library.sng_files import SngFiles
from davproxy.library.song_editing import Changes, FieldChange, SongEditing
from davproxy.library.song_files import SongFiles
from davproxy.library.song_index import SongIndex
from davproxy.library.tree import Tree
from davproxy.model import Song, SongQuery

NO_SUCH_SONG = "There is no such song. It may have been deleted."
PAGE = 1000
"""Songs that are read from the index at once."""


class Songs:
    """Queries read the index; edits go through the tree."""

    def __init__(
        self,
        index: Index,
        song_index: SongIndex,
        tree: Tree,
        sng_files: SngFiles,
        album_art: AlbumArt,
        thumbnails: Thumbnails,
    ) -> None:
        self._rows, self._statistics, self._song_index = index.songs, index.statistics, song_index
        self._files = SongFiles(tree, sng_files)
        self._thumbnails = thumbnails
        self._editing = SongEditing(tree, sng_files, album_art)

    # Queries

    def get(self, id: int) -> Song:
        """The song with this id. Raises NotFound."""
        song = self._rows.get(id)
        if song is None:
            raise NotFound(NO_SUCH_SONG)
        return song

    def at(self, path: str) -> Song | None:
        """The song at exactly this path."""
        return self._rows.at(path)

    def of(self, path: str) -> Song | None:
        """The song that `path` is, or lies in."""
        song_path = self._song_index.song_path(path)
        return self.at(song_path) if song_path else None

    def paths_of(self, inside: Iterable[str]) -> set[str]:
        """The paths of the songs that any of these paths are or lie in."""
        return self._song_index.song_paths(inside)

    def find(self, query: SongQuery) -> tuple[int, list[Song]]:
        """How many songs match in all, and the page that the query names."""
        return self._rows.find(query)

    def ids(self, query: SongQuery) -> list[int]:
        """The ids of all songs that match, in the order of `find`."""
        return self._rows.ids(query)

    def all(self) -> Iterator[Song]:
        """Every song, in the order in which they came, read from the index by pages."""
        for offset in count(0, PAGE):
            _, page = self._rows.find(SongQuery(sort="added", limit=PAGE, offset=offset))
            yield from page
            if len(page) < PAGE:
                return

    def with_identity(self, identity: str) -> list[Song]:
        """Every song whose notes file has this MD5."""
        return self._rows.with_identity(identity)

    def with_hashes(self, md5s: Iterable[str], sha1s: Iterable[str]) -> list[Song]:
        """Every song whose notes file has one of these MD5 or SHA-1."""
        return self._rows.with_hashes(md5s, sha1s)

    def names(self) -> list[tuple[int, str, str, str]]:
        """(id, identity, artist, title) of every song, in the order in which they came."""
        return self._rows.names()

    def ids_below(self, folder: str) -> dict[str, int]:
        """Paths of the songs below `folder`, with their ids."""
        return self._rows.ids_below(folder)

    def counts(self) -> SongCounts:
        """The library in numbers."""
        return self._rows.counts()

    def statistics(self) -> Statistics:
        """The numbers of songs by year, genre, intensity and month."""
        return self._statistics.now()

    def facets(self, query: SongQuery, most: int) -> SongFacets:
        """What the songs that match have in common, counted; `most` values of each field."""
        return self._rows.facets(query, most)

    def names_of(self, field: str, query: SongQuery) -> list[Name]:
        """The values of `artist`, `album`, `genre`, `year` or `charter` in the songs that match, in sort order."""
        return self._rows.names_of(field, query)

    # Editing

    def edit(self, id: int, changes: Changes, *, etag: str | None = None, breaks_scores: bool = False) -> Song:
        """Change fields of song.ini, or of an .sng's metadata; None removes a field. All else stays as it is.

        `etag` is that of the Song the editor read: Conflict when it changed since. A change of a field that scores
        depend on raises BreaksScores unless `breaks_scores` says that it is meant.
        """
        song = self.get(id)
        if etag is not None and etag != song.etag:
            raise Conflict("This song was changed elsewhere meanwhile. Look at it again, then repeat your change.")
        self._editing.edit(song, changes, breaks_scores=breaks_scores)
        return self.at(song.path) or self.get(id)  # in a local folder a rewritten .sng has a new id

    def list_edit(
        self, song: Song, changes: Changes, *, breaks_scores: bool = False, dry_run: bool = False
    ) -> list[FieldChange]:
        """As `edit`, but returns the fields that differ then. A `dry_run` writes nothing and raises the same errors."""
        return self._editing.edit(song, changes, breaks_scores=breaks_scores, dry_run=dry_run)

    def set_art(self, id: int, picture: bytes) -> Song:
        """Make `picture`, cut to a square, the album art, as album.jpg or album.png. Raises BadImage, BadInput."""
        self._editing.set_art(self.get(id), picture)
        return self.get(id)

    def extend_sng(
        self,
        song: Song,
        fields: Mapping[str, str],
        sizes: Mapping[str, int],
        blocks: Callable[[str], AbstractContextManager[Iterator[bytes]]],
    ) -> None:
        """Add files to a song that is one .sng, of `sizes` by name, and fields to its metadata. Its notes stay.

        `blocks` gives the bytes of a file. Raises BadSng where they do not fit in.
        """
        self._editing.extend_sng(song, fields, sizes, blocks)

    # Files, alike whether the song is a folder or one .sng

    def files(self, song: Song) -> Mapping[str, int]:
        """The size of each file in the song's folder, or packed in its .sng, by name."""
        return self._files.sizes(song)

    def file_etag(self, song: Song, name: str) -> str:
        """A value that changes with the bytes of a song's file."""
        return self._files.etag(song, name)

    def stream_file(
        self, song: Song, name: str, start: int = 0, length: int | None = None
    ) -> AbstractContextManager[Iterator[bytes]]:
        """The bytes of a song's file from `start`, `length` of them or to the end. Raises NotFound."""
        return self._files.stream(song, name, start, length)

    def thumbnail(self, song: Song, name: str, side: int) -> bytes | None:
        """A JPEG of `side` pixels, one of `pictures.SIDES`, of the song's picture called `name`.

        None where the picture itself is as good. Raises NotFound, and Locked where too many wait for copies.
        """
        key = f"{song.id}/{name} {self.file_etag(song, name)}"
        return self._thumbnails.get(key, self.files(song)[name], side, lambda: self.stream_file(song, name))
