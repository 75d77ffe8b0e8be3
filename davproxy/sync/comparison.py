"""Comparison of the remote with the index, which is complete before anything is written to the index.

The etags in a listing of the root show whether anything differs. On a remote with recursive etags, only changed folders
are then listed; on others, and in new folders, the whole subtree is. Only changed song.ini files are fetched.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeVar

from davproxy import paths
from davproxy.contents.contents import SMALL
from davproxy.errors import DavproxyError, NotFound, SignInRefused
from davproxy.formats.identify import INI_NAME, NOTES_NAMES
from davproxy.index import Index
from davproxy.library import Library
from davproxy.library.differences import differences
from davproxy.library.unlisted_etags import is_unlisted
from davproxy.model import Entry
from davproxy.remote.protocol import Remote
from davproxy.remote.top_folders import making_top
from davproxy.sync.ini_reader import IniReader

Report = Callable[[str, float], None]
"""Receives the name of a step and the progress of the whole, 0 to 1."""
MOST_FAILURES = 3
"""Most folders that may fail to be listed; one more ends the comparison."""
T = TypeVar("T")
_OURS = (*paths.STORED, *paths.HIDDEN)


@dataclass(frozen=True, slots=True)
class Batch:
    """The changes of one transaction of the index: entries, removed paths, and bytes of files by path."""

    found: list[Entry]
    gone: list[str]
    contents: Mapping[str, bytes]


class Comparison:
    """One comparison of the whole tree: `run`, then `batches`."""

    def __init__(self, remote: Remote, index: Index, library: Library, mounts: Collection[str] = ()) -> None:
        """`mounts` are the folders in which the last comparison found another storage, whose etags show no changes."""
        self._remote, self._index, self._library = remote, index, library
        self._ini_reader: IniReader | None = None
        self.found: list[Entry] = []
        """Entries that are new or differ from the index."""
        self.gone: list[Entry] = []
        """Entries of the index that are no longer on the remote."""
        self.failed: dict[str, DavproxyError] = {}
        """Folders that could not be listed, or that are gone with songs in them. They stay unchanged in the index."""
        self.made: list[str] = []
        """Top folders that were missing on the remote and have been made again, empty."""
        self._mounts = frozenset(mounts)
        self.mounts = set(mounts)
        """The same folders as this comparison finds them."""
        self._suspects: list[Entry] = []
        """Small files in folders whose etag changed although none of their children's did."""

    @property
    def is_empty(self) -> bool:
        """Whether the remote and the index agree."""
        return not (self.found or self.gone or self._suspects)

    def new_songs(self, known: Collection[str]) -> int:
        """The approximate number of songs found that are not at the paths `known`, by song.ini and .sng files."""
        inis = {paths.parent_of(entry.path) for entry in self.found if paths.name_of(entry.path).lower() == INI_NAME}
        packed = {entry.path for entry in self.found if entry.path.lower().endswith(".sng") and not entry.is_folder}
        return sum(path.startswith(f"{paths.SONGS}/") and path not in known for path in inis | packed)

    def run(
        self,
        root: list[Entry],
        report: Report,
        *,
        lasting: Collection[str] = (),
        every: bool = False,
        purge: bool = False,
    ) -> None:
        """Compare the whole tree, of which `root` is the listing of the root.

        The top folders in `lasting`, and with `every` all of them, are listed regardless of their etags. A missing top
        folder is made again, unless it held songs; with `purge`, also then. Raises the remote's error if more than
        MOST_FAILURES folders cannot be listed.
        """
        if not self._library.updates.complete and self._remote.features.search:
            self._ini_reader = IniReader(self._remote)
            self._ini_reader.start()
        tops = {entry.path: entry for entry in root if entry.is_folder}
        self._restore_tops(tops, purge=purge)
        known = {entry.path: entry for entry in self._index.entries.children("/")}
        shown = [top for path, top in sorted(tops.items(), key=_songs_first) if paths.is_stored(path)]
        for number, top in enumerate(shown):
            report("list", 0.4 * number / len(shown))
            old = known.get(top.path)
            if old is None or every or top.path in lasting or not self._remote.features.recursive_etags:
                self._compare_tree(top, lasting=top.path in lasting)
            elif old.etag != top.etag:
                self._compare_folder(top, old)
        self._compare_mounts()
        for path in known.keys() - tops.keys() - self.failed.keys():
            self.gone += [known[path], *self._index.entries.below(path)]
        unlisted = {folder for path in self.failed for folder in (path, *paths.ancestors(path))}
        self.found = [entry for entry in self.found if entry.path not in unlisted]

    def _restore_tops(self, tops: dict[str, Entry], *, purge: bool) -> None:
        """Make the top folders of ours that are missing in `tops`, and add them to it."""
        for path in [path for path in _OURS if path not in tops]:
            if not purge and self._index.songs.ids_below(path):
                self.failed[path] = NotFound(
                    f"The folder behind {path} is gone from the remote. Nothing was removed here: restore it there, "
                    "or sync with purge to begin with an empty one."
                )
                continue
            if made := self._attempt(path, self._make_folder):
                tops[path] = made
                self.made.append(path)

    def _make_folder(self, path: str) -> Entry | None:
        made: list[Entry] = []
        with making_top(path):
            self._remote.make_folder(path)
            made.append(self._remote.stat(path))
        return made[0] if made else None

    def _attempt(self, path: str, call: Callable[[str], T]) -> T | None:
        """The result of `call` with `path`; None after an error, which is recorded so that other folders are listed."""
        try:
            return call(path)
        except SignInRefused:
            raise
        except DavproxyError as error:
            self.failed[path] = error
            if len(self.failed) > MOST_FAILURES:
                raise
            return None

    def _compare_folder(self, folder: Entry, indexed: Entry) -> None:
        """Compare a known folder whose etag changed, and below it the folders whose etags changed."""
        known = {entry.path: entry for entry in self._index.entries.children(folder.path)}
        listed = self._attempt(folder.path, self._remote.children)
        if listed is None:
            return
        self._note_mounts(folder, listed)
        here = differences(known.values(), listed)
        if not here.changed and not here.gone and not is_unlisted(indexed.etag):
            self._suspects += [entry for entry in listed if _is_small_chart_file(entry)]
        for entry in here.changed:
            old = known.get(entry.path)
            if not entry.is_folder:
                self.found.append(entry)
                if old is not None and old.is_folder:
                    self.gone += self._index.entries.below(entry.path)
            elif old is None or not old.is_folder:
                self._compare_tree(entry)
            elif old.etag == entry.etag or entry.path in self._mounts:
                self.found.append(entry)
            else:
                self._compare_folder(entry, old)
        for entry in here.gone:
            self.gone += [entry, *self._index.entries.below(entry.path)]
        self.found.append(folder)

    def _compare_tree(self, top: Entry, *, lasting: bool = False) -> None:
        """Compare everything below a folder that is new or, with `lasting`, whose etag does not show changes."""

        def walk(path: str) -> list[Entry]:
            return list(self._remote.walk(path) if lasting else self._remote.walk_listed(top))

        listed = self._attempt(top.path, walk)
        if listed is not None:
            here = differences(self._index.entries.below(top.path), listed)
            self.found += [*here.changed, top]
            self.gone += here.gone
            self._note_mounts(top, listed)

    def _compare_mounts(self) -> None:
        """Compare everything below the mounts of the last comparison that are still there."""
        gone = {entry.path for entry in self.gone}
        for path in sorted(self._mounts):
            if path in gone or self._index.entries.get(path) is None:
                self.mounts.discard(path)
                continue
            listed = self._attempt(path, self._walk_if_there)
            above = self._index.entries.get(paths.parent_of(path))
            if listed is not None:
                here = differences(self._index.entries.below(path), listed)
                self.found += here.changed
                self.gone += here.gone
            elif above is not None and path not in self.failed:
                self._compare_folder(above, above)

    def _walk_if_there(self, path: str) -> list[Entry] | None:
        try:
            return list(self._remote.walk(path))
        except NotFound:
            return None

    def _note_mounts(self, folder: Entry, listed: Iterable[Entry]) -> None:
        """Record the entries, listed in or below `folder`, in which another storage begins."""
        mounted = {folder.path} if folder.mounted else set()
        for entry in sorted(listed, key=lambda entry: entry.path):
            if entry.mounted and entry.is_folder:
                if paths.parent_of(entry.path) not in mounted:
                    self.mounts.add(entry.path)
                mounted.add(entry.path)

    def vanished_songs(self, songs: Collection[str]) -> list[str]:
        """The paths of `songs` that are gone and were not moved."""
        # A local folder gives the number of what is gone to the next file that is made.
        moved = {(entry.file_id, entry.is_folder) for entry in self.found if entry.file_id is not None}
        lost = {entry.path for entry in self.gone if (entry.file_id, entry.is_folder) not in moved}
        return sorted(song for song in songs if not lost.isdisjoint((song, *paths.ancestors(song))))

    def not_deleted(self, vanished: Collection[str]) -> list[str]:
        """The `vanished` songs that are not in the trash bin, where a person's deletion would put them."""
        trashed = {item.file_id for item in self._remote.trash() if item.file_id is not None}
        deleted = {entry.path for entry in self.gone if entry.file_id in trashed}
        return [song for song in vanished if deleted.isdisjoint((song, *paths.ancestors(song)))]

    def keep(self, songs: Collection[str]) -> None:
        """Keep these songs in the index although they are gone. The folders above them keep their old etags, so the
        next comparison lists them again."""
        above = {folder for song in songs for folder in paths.ancestors(song)}
        kept = set(songs)
        self.found = [entry for entry in self.found if entry.path not in above]
        self.gone = [
            entry
            for entry in self.gone
            if entry.path not in above and kept.isdisjoint((entry.path, *paths.ancestors(entry.path)))
        ]

    def batches(self) -> Iterator[Batch]:
        """All differences, with the bytes of changed song.ini files.

        The first time, songs are yielded as their song.ini files are read, and the folders above them last, so that an
        interrupted sync starts again. Otherwise there is one batch.
        """
        done: set[str] = set()
        if self._ini_reader:
            etags = {entry.path: entry.etag for entry in self.found}
            folders = self._found_by_folder()
            for files in self._ini_reader.batches():
                contents = {file.path: file.content for file in files if etags.get(file.path) == file.etag}
                found = [entry for path in contents for entry in folders[paths.parent_of(path)]]
                done.update(entry.path for entry in found)
                yield Batch(found, [], contents)
        found = [entry for entry in self.found if entry.path not in done]
        contents = self._ini_contents(found)
        for entry, content in self._changed_under_same_etag():
            contents[entry.path] = content
            self.found.append(entry)
            found.append(entry)
        yield Batch(found, [entry.path for entry in self.gone], contents)

    def _found_by_folder(self) -> Mapping[str, list[Entry]]:
        """The entries in `found` by folder: the folder itself and its children."""
        folders: defaultdict[str, list[Entry]] = defaultdict(list)
        for entry in self.found:
            folders[paths.parent_of(entry.path)].append(entry)
            if entry.is_folder:
                folders[entry.path].append(entry)
        return folders

    def _ini_contents(self, found: Iterable[Entry]) -> dict[str, bytes]:
        """The bytes of every song.ini among `found`; from the index if it has them with the same etag."""
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
            indexed = old or self._has_etag(entry)
            content = self._index.entries.content(old or entry.path) if indexed else None
            if content is None:
                wanted.append(entry.path)
            else:
                contents[entry.path] = content
        contents.update(self._remote.read_many(wanted))
        return contents

    def _has_etag(self, entry: Entry) -> bool:
        """Whether the index has this file with the same etag."""
        known = self._index.entries.get(entry.path)
        return known is not None and known.etag == entry.etag

    def _changed_under_same_etag(self) -> Iterator[tuple[Entry, bytes]]:
        """The suspects whose bytes differ from the cached ones: a Nextcloud can give a file the same etag twice if it
        changes twice within a second."""
        by_path = {entry.path: entry for entry in self._suspects}
        for path, content in self._remote.read_many(by_path) if by_path else ():
            if self._library.tree.cached(by_path[path]) not in (None, content):
                yield by_path[path], content


def _songs_first(top: tuple[str, Entry]) -> tuple[bool, str]:
    return top[0] != paths.SONGS, top[0]


def _is_small_chart_file(entry: Entry) -> bool:
    return not entry.is_folder and entry.size <= SMALL and paths.name_of(entry.path) in (INI_NAME, *NOTES_NAMES)
