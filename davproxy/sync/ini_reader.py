"""Reads the song.ini files of the whole library during its first listing.

A search returns all of them at once, and a Nextcloud uses only one processor for a listing.
"""

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from queue import SimpleQueue

from loguru import logger

from davproxy import paths
from davproxy.contents.contents import SMALL
from davproxy.errors import DavproxyError
from davproxy.formats.identify import INI_NAME
from davproxy.remote.protocol import Remote


@dataclass(frozen=True, slots=True)
class IniFile:
    """A song.ini that was read: its path, its etag in the search, and its bytes."""

    path: str
    etag: str
    content: bytes


class IniReader(threading.Thread):
    """Searches and reads in its own thread; `batches` yields the files."""

    def __init__(self, remote: Remote) -> None:
        super().__init__(name="song.ini files", daemon=True)
        self._remote = remote
        self._files: SimpleQueue[IniFile | None] = SimpleQueue()

    def run(self) -> None:
        """Search and read. An error only ends the thread: the listing meets it too, and reports it."""
        try:
            etags = {
                entry.path: entry.etag for entry in self._remote.find(INI_NAME, paths.SONGS) if entry.size <= SMALL
            }
            for path, content in self._remote.read_many(etags):
                self._files.put(IniFile(path, etags[path], content))
        except DavproxyError as error:
            logger.debug("The song.ini files are not read ahead: {}", error.message)
        finally:
            self._files.put(None)

    def batches(self) -> Iterator[list[IniFile]]:
        """The files read since the previous batch, until all are read."""
        more = True
        while more:
            files = [self._files.get()]
            while not self._files.empty():
                files.append(self._files.get())
            more = files[-1] is not None
            yield [file for file in files if file is not None]
