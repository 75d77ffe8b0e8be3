"""The library: one core of named parts that both doors, the imports and the sync use."""

from pathlib import Path
from tempfile import gettempdir

from davproxy.contents.cache import Cache
from davproxy.contents.contents import Contents
from davproxy.contents.thumbnails import Thumbnails
from davproxy.index import Index
from davproxy.library.activity import Activity
from davproxy.library.album_art import AlbumArt
from davproxy.library.imported_folders import ImportedFolders
from davproxy.library.index_updates import IndexUpdates, Subscriber
from davproxy.library.notes_reading import NotesReading
from davproxy.library.own_writes import OwnWrites
from davproxy.library.partial_uploads import PartialUploads
from davproxy.library.sng_files import SngFiles
from davproxy.library.song_index import SongIndex
from davproxy.library.songs import Songs
from davproxy.library.space import Space
from davproxy.library.temp import Temp
from davproxy.library.trash import Trash
from davproxy.library.tree import Tree
from davproxy.library.turn import Turn
from davproxy.library.writers import Writers
from davproxy.remote.protocol import Features, Remote


class Library:
    """`tree` for files, `trash` for deleted ones, `space` for their bytes, `partial_uploads` for
    files that come in several requests, `songs` for songs, `scores` and `marks` for
    what players say about them, `temp` for staged files, `turn` for who adds them; `updates`, `notes`, `activity`,
    `writers`, `imported_folders` and `own_writes` behind them.

    The remote and the index are its own: what is above it asks these parts.
    """

    def __init__(
        self,
        remote: Remote,
        index: Index,
        cache: Cache,
        upload_limit: int,
        temp_dir: Path | None = None,
        turn: Turn | None = None,
    ) -> None:
        """`upload_limit` is the size in bytes of the largest file that `tree.upload` accepts.

        `temp_dir` holds the work dirs of child processes; without one, the system's folder for temporary files.
        """
        temp_dir = temp_dir or Path(gettempdir())
        self._remote = remote
        contents = Contents(remote, index, cache)
        sng_files = SngFiles(contents)
        song_index = SongIndex(index, contents, sng_files)
        self.activity = Activity()
        self.updates = IndexUpdates(remote, index, contents, song_index, self.activity)
        self.writers = Writers()
        self.imported_folders = ImportedFolders()
        self.own_writes = OwnWrites()
        self.tree = Tree(remote, index, contents, song_index, self.updates, self.writers, upload_limit)
        self.partial_uploads = PartialUploads(self.tree)
        self.trash = Trash(remote, self.tree)
        self.space = Space(remote)
        self.album_art = AlbumArt(temp_dir)
        thumbnails = Thumbnails(cache, temp_dir)
        self.songs = Songs(index, song_index, self.tree, sng_files, self.album_art, thumbnails)
        self.notes = NotesReading(index, contents, sng_files, self.updates, self.activity, temp_dir)
        self.temp = Temp(remote)
        self.scores, self.marks = index.scores, index.marks
        self.turn = turn or Turn(remote)

    @property
    def features(self) -> Features:
        """What the remote can do."""
        return self._remote.features

    def favourites(self) -> list[str]:
        """The paths of the remote's own favourites; empty where it has none."""
        return self._remote.favourites()

    def is_favourite(self, path: str) -> bool:
        """Whether the entry at `path` is a favourite of the remote. Raises NotFound."""
        return self._remote.is_favourite(path)

    def set_favourite(self, path: str, *, starred: bool) -> None:
        """Make the entry at `path` a favourite of the remote, or none. Raises NotFound."""
        self._remote.set_favourite(path, starred=starred)

    def subscribe(self, subscriber: Subscriber) -> None:
        """Call `subscriber` after each change of the tree, in the thread that made or found it."""
        self.updates.subscribe(subscriber)
