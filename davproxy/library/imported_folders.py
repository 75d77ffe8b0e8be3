"""Folders of songs that were put into /Drop and moved into the library a short while ago, for files that come late."""

import threading
import time
from collections.abc import Callable, Mapping

from davproxy import paths

EXPECTED_SECONDS = 600.0
"""Seconds after the import in which a file put into such a folder belongs to its song."""


class ImportedFolders:
    """The imports record what they moved; the WebDAV door lets a client continue to fill its folder."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._songs: dict[str, tuple[str, float]] = {}
        self._mutex = threading.Lock()

    def record(self, songs: Mapping[str, str]) -> None:
        """Remember where each folder's song is now: the path of the folder, and that of the song."""
        now = self._clock()
        with self._mutex:
            self._songs = {folder: (song, until) for folder, (song, until) in self._songs.items() if until > now}
            self._songs |= {folder: (song, now + EXPECTED_SECONDS) for folder, song in songs.items()}

    def song_of(self, folder: str) -> str | None:
        """The path of the song that was in `folder`, None if there was none."""
        return self.below(folder).get(folder) if folder in self._songs else None

    def below(self, folder: str) -> Mapping[str, str]:
        """The songs that were at or below `folder`: the path of each one's folder, and where it is now."""
        now = self._clock()
        with self._mutex:
            return {
                path: song
                for path, (song, until) in self._songs.items()
                if until > now and paths.is_at_or_below(path, folder)
            }
