"""What differs between the remote and the index, listed before any of it goes into the index.

One listing of the root tells whether anything does. On a remote with recursive etags only changed folders are then
looked into; elsewhere, and where a folder is new, a whole subtree is listed at once. Only changed song.ini files are
fetched.
"""

import threading
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from queue import SimpleQueue

from loguru import logger

from davproxy import paths
from davproxy.contents.contents import SMALL
from davproxy.errors import DavproxyError, NotFound
from davproxy.formats.identify import INI_NAME, NOTES_NAMES
from davproxy.index import Index
from davproxy.library import Library
from davproxy.library.differences import differences
from davproxy.model import Entry
from davproxy.remote.protocol import Remote

Report = Callable[[str, float], None]


@dataclass(frozen=True, slots=True)
class Part:
    """What goes into the index together: entries, paths that are gone, and bytes of files among the entries by path."""

    found: list[Entry]
    gone: list[str]
    contents: Mapping[str, bytes]


class Comparison:
    """One look at the remote; what the library changed itself since `clock` explains itself."""

    def __init__(self, remote: Remote, index: Index, library: Library, clock: int) -> None:
        self._remote, self._index, self._library, self._clock = remote, index, library, clock
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
        if not self._library.updates.complete and self._remote.features.search:
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
        here = differences(known.values(), listed)
        if not here.changed and not here.gone and not self._library.updates.changed_since(self._clock, folder.path):
            self._suspects += [entry for entry in listed if _is_small(entry)]
        for entry in here.changed:
            old = known.get(entry.path)
            if not entry.is_folder:
                self.found.append(entry)
            elif old is None or not old.is_folder:
                self._compare_tree(entry)
            elif old.etag != entry.etag:
                self._descend(entry)
            else:
                self.found.append(entry)
        for entry in here.gone:
            self.gone += [entry, *self._index.entries.below(entry.path)]
        self.found.append(folder)

    def _compare_tree(self, top: Entry) -> None:
        """Compare everything in and below a folder that is new, or whose etag says nothing."""
        here = differences(self._index.entries.below(top.path), self._remote.walk(top.path))
        self.found += [*here.changed, top]
        self.gone += here.gone

    def keep_gone(self) -> None:
        """Leave what is gone in the index, and the folders above it as they were."""
        above = {folder for entry in self.gone for folder in paths.ancestors(entry.path)}
        self.found = [entry for entry in self.found if entry.path not in above]
        self.gone = []

    def parts(self) -> Iterator[Part]:
        """All of it, to be taken into the index one part after the other.

        That is one part, but for a first reading: there songs come as they are read. The folders above them come last,
        so that what is cut short begins anew.
        """
        taken: set[str] = set()
        if self._ahead:
            etags = {entry.path: entry.etag for entry in self.found}
            songs = self._by_folder()
            for read in self._ahead.read():
                contents = {path: content for path, etag, content in read if etags.get(path) == etag}
                found = [entry for path in contents for entry in songs[paths.parent_of(path)]]
                taken.update(entry.path for entry in found)
                yield Part(found, [], contents)
        found = [entry for entry in self.found if entry.path not in taken]
        contents = self._contents(found)
        changed = self._really_changed(self._suspects, contents)
        self.found += changed
        yield Part(found + changed, [entry.path for entry in self.gone], contents)

    def _by_folder(self) -> Mapping[str, list[Entry]]:
        """The folders that were found, each with what was found in it."""
        folders: defaultdict[str, list[Entry]] = defaultdict(list)
        for entry in self.found:
            folders[paths.parent_of(entry.path)].append(entry)
            if entry.is_folder:
                folders[entry.path].append(entry)
        return folders

    def _contents(self, found: list[Entry]) -> dict[str, bytes]:
        """The bytes of every song.ini among `found`."""
        moved = {(entry.file_id, entry.etag): entry.path for entry in self.gone if entry.file_id}
        contents: dict[str, bytes] = {}
        wanted: list[str] = []
        for entry in found:
            if (
                paths.name_of(entry.path) != INI_NAME
                or entry.size > SMALL
                or not paths.is_below(entry.path, paths.SONGS)
            ):
                continue
            old = moved.get((entry.file_id or 0, entry.etag))
            content = self._index.entries.content(old or entry.path) if old or self._same(entry) else None
            if content is None:
                wanted.append(entry.path)
            else:
                contents[entry.path] = content
        contents.update(self._remote.read_many(wanted))
        return contents

    def _same(self, entry: Entry) -> bool:
        known = self._index.entries.get(entry.path)
        return known is not None and known.etag == entry.etag

    def _really_changed(self, suspects: Iterable[Entry], contents: dict[str, bytes]) -> list[Entry]:
        """Those whose bytes are not what we keep: on a Nextcloud two changes in one second can share an etag."""
        by_path = {entry.path: entry for entry in suspects}
        changed = []
        for path, content in self._remote.read_many(by_path) if by_path else ():
            if self._library.tree.cached(by_path[path]) not in (None, content):
                contents[path] = content
                changed.append(by_path[path])
        return changed


class SongInis(threading.Thread):
    """Reads the song.ini files of a whole library while it is still being listed: a search knows at once where they
    are, and a Nextcloud lists on one of its processors only."""

    def __init__(self, remote: Remote) -> None:
        super().__init__(name="song.ini files", daemon=True)
        self._remote = remote
        self._read: SimpleQueue[tuple[str, str, bytes] | None] = SimpleQueue()

    def run(self) -> None:
        """Search and read. What fails is left to the listing, which will say so."""
        try:
            etags = {
                entry.path: entry.etag for entry in self._remote.find(INI_NAME, paths.SONGS) if entry.size <= SMALL
            }
            for path, content in self._remote.read_many(etags):
                self._read.put((path, etags[path], content))
        except DavproxyError as error:
            logger.debug("The song.ini files are not read ahead: {}", error.message)
        finally:
            self._read.put(None)

    def read(self) -> Iterator[list[tuple[str, str, bytes]]]:
        """What was read since the last time, as path, etag and bytes, until there is no more."""
        more = True
        while more:
            read = [self._read.get()]
            while not self._read.empty():
                read.append(self._read.get())
            more = read[-1] is not None
            yield [one for one in read if one is not None]


def _is_small(entry: Entry) -> bool:
    return not entry.is_folder and entry.size <= SMALL and paths.name_of(entry.path) in (INI_NAME, *NOTES_NAMES)
