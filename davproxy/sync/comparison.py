"""What differs between the remote and the index, found before any of it is in the index.

One listing of the root tells whether anything does. On a remote with recursive etags only changed folders are then
looked into; elsewhere, and where a folder is new, a whole subtree is listed at once. Only changed song.ini files are
fetched.
"""

import threading
from collections.abc import Callable, Iterable

from loguru import logger

from davproxy import paths
from davproxy.errors import DavproxyError, NotFound
from davproxy.formats.identify import INI_NAME, NOTES_NAMES
from davproxy.library import Library
from davproxy.library.contents import SMALL
from davproxy.model import Entry
from davproxy.remote.protocol import Remote

Report = Callable[[str, float], None]


class Comparison:
    """One look at the remote; what the library changed itself since `clock` explains itself."""

    def __init__(self, library: Library, clock: int) -> None:
        self._library, self._clock = library, clock
        self._remote, self._index = library.remote, library.index
        self._ahead: SongInis | None = None
        self.found: list[Entry] = []
        """What is new, or not as the index has it."""
        self.gone: list[Entry] = []
        self._suspects: list[Entry] = []
        """Small files in folders whose etag changed though none of their children's did."""

    @property
    def nothing(self) -> bool:
        """Whether the remote is as the index has it."""
        return not (self.found or self.gone or self._suspects)

    def look(self, listed: list[Entry], report: Report) -> None:
        """Go from what is listed at the root to all that may have changed. Raises what the remote raises."""
        if not self._library.complete and self._remote.features.search:
            self._ahead = SongInis(self._remote)
            self._ahead.start()
        tops = {entry.path: entry for entry in listed if entry.is_folder}
        known = {entry.path: entry for entry in self._index.entries.children("/")}
        for always in paths.STORED:
            if always in known and always not in tops:
                raise NotFound(f"The folder behind {always} is gone from the remote. Nothing was removed here.")
        shown = [top for path, top in sorted(tops.items()) if paths.is_stored(path)]
        for number, top in enumerate(shown):
            report("list", 0.4 * number / len(shown))
            old = known.get(top.path)
            if old is None or not self._remote.features.recursive_etags:
                self._compare_tree(top)
            elif old.etag != top.etag:
                self._descend(top)
        for path in known.keys() - tops.keys():
            self.gone += [known[path], *self._index.entries.below(path)]

    def _descend(self, folder: Entry) -> None:
        """Compare the children of a known folder whose etag changed."""
        known = {entry.path: entry for entry in self._index.entries.children(folder.path)}
        listed = self._remote.children(folder.path)
        changed = [entry for entry in listed if known.get(entry.path) != entry]
        gone = known.keys() - {entry.path for entry in listed}
        if not changed and not gone and not self._library.changed_since(self._clock, folder.path):
            self._suspects += [entry for entry in listed if _is_small(entry)]
        for entry in changed:
            old = known.get(entry.path)
            if not entry.is_folder:
                self.found.append(entry)
            elif old is None or not old.is_folder:
                self._compare_tree(entry)
            elif old.etag != entry.etag:
                self._descend(entry)
            else:
                self.found.append(entry)
        for path in gone:
            self.gone += [known[path], *self._index.entries.below(path)]
        self.found.append(folder)

    def _compare_tree(self, top: Entry) -> None:
        """Compare everything in and below a folder that is new, or whose etag says nothing."""
        known = {entry.path: entry for entry in self._index.entries.below(top.path)}
        listed = list(self._remote.walk(top.path))
        self.found += [entry for entry in listed if known.get(entry.path) != entry]
        present = {entry.path for entry in listed}
        self.gone += [entry for path, entry in known.items() if path not in present]
        self.found.append(top)

    def contents(self) -> dict[str, bytes]:
        """The bytes of every song.ini that is new or changed, and of suspects that turn out to have changed."""
        moved = {(entry.file_id, entry.etag): entry.path for entry in self.gone if entry.file_id}
        ahead = self._ahead.read() if self._ahead else {}
        contents: dict[str, bytes] = {}
        wanted: list[str] = []
        for entry in self.found:
            if (
                paths.name_of(entry.path) != INI_NAME
                or entry.size > SMALL
                or not paths.is_below(entry.path, paths.SONGS)
            ):
                continue
            old = moved.get((entry.file_id or 0, entry.etag))
            content = self._index.entries.content(old or entry.path) if old or self._same(entry) else None
            if content is None:
                content = ahead.get((entry.path, entry.etag))
            if content is None:
                wanted.append(entry.path)
            else:
                contents[entry.path] = content
        contents.update(self._remote.read_many(wanted))
        self.found += self._really_changed(self._suspects, contents)
        return contents

    def _same(self, entry: Entry) -> bool:
        known = self._index.entries.get(entry.path)
        return known is not None and known.etag == entry.etag

    def _really_changed(self, suspects: Iterable[Entry], contents: dict[str, bytes]) -> list[Entry]:
        """Those whose bytes are not what we keep: on a Nextcloud two changes in one second can share an etag."""
        by_path = {entry.path: entry for entry in suspects}
        changed = []
        for path, content in self._remote.read_many(by_path) if by_path else ():
            if self._library.contents.kept(by_path[path]) not in (None, content):
                contents[path] = content
                changed.append(by_path[path])
        return changed


class SongInis(threading.Thread):
    """Reads the song.ini files of a whole library while it is still being listed: a search knows at once where they
    are, and a Nextcloud lists on one of its processors only."""

    def __init__(self, remote: Remote) -> None:
        super().__init__(name="song.ini files", daemon=True)
        self._remote = remote
        self._found: dict[tuple[str, str], bytes] = {}

    def run(self) -> None:
        """Search and read. What fails is left to the listing, which will say so."""
        try:
            etags = {
                entry.path: entry.etag for entry in self._remote.find(INI_NAME, paths.SONGS) if entry.size <= SMALL
            }
            for path, content in self._remote.read_many(etags):
                self._found[path, etags[path]] = content
        except DavproxyError as error:
            logger.debug("The song.ini files are not read ahead: {}", error.message)

    def read(self) -> dict[tuple[str, str], bytes]:
        """What was read, by path and etag, once all of it is."""
        self.join()
        return self._found


def _is_small(entry: Entry) -> bool:
    return not entry.is_folder and entry.size <= SMALL and paths.name_of(entry.path) in (INI_NAME, *NOTES_NAMES)
