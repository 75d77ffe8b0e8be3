"""The tree that clients see: the library's folders, the read-only `/Status`, client junk, and names that are locked."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext

from davproxy import paths
from davproxy.dav.folder_times import FolderTimes
from davproxy.dav.junk import FILE_LIMIT, Junk, is_kept_aside, spares_indexing
from davproxy.dav.locks import Locks
from davproxy.errors import Forbidden, NotFound, TooLarge
from davproxy.library import Library, Upload
from davproxy.model import ANYTHING, Change, Entry, Guard
from davproxy.status_folder import Status


class View:
    """One face over all of it. A read of entries is an index lookup, never a request to the remote.

    A name that is locked and not written yet shows as an empty file for as long as the lock lives (RFC 4918, 7.3).
    """

    def __init__(self, library: Library, status: Status, junk: Junk, locks: Locks) -> None:
        self.library = library
        self._status = status
        self._junk = junk
        self._locks = locks
        self._folders = FolderTimes()
        self._subscribers: list[Callable[[Change], None]] = []
        self.subscribe(locks.follow)
        self.subscribe(self._folders.follow)

    def subscribe(self, subscriber: Callable[[Change], None]) -> None:
        """Call `subscriber` after each change of what is shown, but for `/Status` and locks."""
        self._subscribers.append(subscriber)
        self.library.subscribe(subscriber)

    def _announce(self, change: Change) -> None:
        """Report a change of what is not in the library, which reports its own."""
        for subscriber in self._subscribers:
            subscriber(change)

    # Reading

    def find(self, path: str) -> Entry | None:
        """The entry at `path`, if any."""
        try:
            return self.stat(path)
        except NotFound:
            return None

    def stat(self, path: str) -> Entry:
        """The entry at `path`. Raises NotFound."""
        if is_kept_aside(path):
            return self._junk.stat(path)
        if spares_indexing(path):
            return Entry(path, False, etag="marker")
        if paths.is_at_or_below(path, paths.STATUS):
            return self._status.stat(path)
        if paths.is_at_or_below(path, paths.TEMP) or paths.is_at_or_below(path, paths.DATABASE):
            raise NotFound("There is no such file or folder.")
        try:
            return self._folders.shown(self.library.tree.stat(path))
        except NotFound:
            if locks := self._locks.at(path):
                return Entry(path, is_folder=False, modified=locks[0].began)
            raise

    def children(self, path: str) -> list[Entry]:
        """The entries directly in the folder at `path`."""
        if is_kept_aside(path):
            return self._junk.children(path)
        if paths.is_at_or_below(path, paths.STATUS):
            return self._status.children()
        found = [self._folders.shown(entry) for entry in self.library.tree.children(path)]
        if path == "/":
            return [*found, self._status.stat(paths.STATUS)]
        found = [entry for entry in found if not is_kept_aside(paths.name_of(entry.path))]
        locked = {lock.path: lock for lock in self._locks.directly_in(path)}
        for name in locked.keys() - {entry.path for entry in found}:
            found.append(Entry(name, is_folder=False, modified=locked[name].began))
        return found

    def is_only_locked(self, path: str) -> bool:
        """Whether `path` is a name that is locked and not written yet."""
        return bool(self._locks.at(path)) and not is_kept_aside(path) and self.library.tree.find(path) is None

    def is_stored(self, path: str) -> bool:
        """Whether `path` belongs to the library, not to what is only shown."""
        return not (
            is_kept_aside(path)
            or spares_indexing(path)
            or paths.is_at_or_below(path, paths.STATUS)
            or self.is_only_locked(path)
        )

    def shows_locked_names(self, path: str) -> bool:
        """Whether a listing of `path` may show names that are only locked."""
        return bool(self._locks.at(path) or self._locks.directly_in(path))

    def is_settled(self, path: str) -> bool:
        """Whether a listing of `path` stays true until a change is reported."""
        return self.library.updates.complete and self.is_stored(path) and not self.shows_locked_names(path)

    def read(self, entry: Entry) -> bytes:
        """The whole of a small file."""
        return self.library.tree.content(entry) if self.is_stored(entry.path) else self._unstored_content(entry)

    def stream(self, entry: Entry, start: int, length: int) -> AbstractContextManager[Iterator[bytes]]:
        """`length` bytes of a file from `start`, in blocks."""
        if self.is_stored(entry.path):
            return self.library.tree.stream(entry.path, start, length)
        return nullcontext(iter([self._unstored_content(entry)[start : start + length]]))

    def _unstored_content(self, entry: Entry) -> bytes:
        if is_kept_aside(entry.path):
            return self._junk.read(entry.path)
        return self._status.read(entry) if paths.is_at_or_below(entry.path, paths.STATUS) else b""

    # Writing

    def check_writable(self, path: str) -> None:
        """Raise Forbidden where clients may not write, remove or rename."""
        if is_kept_aside(path):
            return
        if path == "/" or path in paths.STORED or path == paths.STATUS:
            raise Forbidden("The top folders stay as they are. Put your files into them.")
        if not paths.is_stored(path) or spares_indexing(path):
            names = ", ".join(paths.name_of(top) for top in paths.STORED)
            raise Forbidden(f"Nothing can be put here. The folders for your files are {names}.")

    def upload(self, path: str, *, size: int | None, modified: float | None, guard: Guard = ANYTHING) -> Upload:
        """Begin to write a file."""
        self.check_writable(path)
        if is_kept_aside(path):
            return _JunkUpload(self._junk, path, modified)
        return self.library.tree.upload(path, size=size, modified=modified, guard=guard)

    def prepare_lock(self, path: str) -> None:
        """Make an empty junk file of a name that is about to be locked; other names show while the lock lives."""
        if is_kept_aside(path):
            self._junk.write(path, b"")

    def reopen_folder(self, path: str) -> None:
        """Make a folder again that was imported a moment ago, because a client goes on to fill it."""
        if self.library.imported_folders.song_of(path) and self.library.tree.find(path) is None:
            self.library.tree.make_folder(path)

    def make_folder(self, path: str) -> None:
        """Make one folder; its parent exists."""
        self.check_writable(path)
        if is_kept_aside(path):
            self._junk.make_folder(path)
        else:
            self.library.tree.make_folder(path)

    def delete(self, path: str, guard: Guard = ANYTHING) -> None:
        """Remove a file or a whole folder."""
        self.check_writable(path)
        if self.is_stored(path):
            self.library.tree.delete(path, guard=guard)
        else:
            self._junk.delete(path)
            self._announce(Change("removed", path))

    def move(self, source: Entry, target: str, guard: Guard) -> None:
        """Move or rename."""
        self.check_writable(source.path)
        self.check_writable(target)
        if self.is_stored(source.path):
            self._check_kept(target)
            self.library.tree.move(source.path, target, guard=guard)
        else:
            self.copy(source, target, guard)
            self._junk.delete(source.path)
            self._announce(Change("moved", source.path, target))

    @staticmethod
    def _check_kept(target: str) -> None:
        """Raise Forbidden where a file of the library would become junk, which is kept in memory for a while only."""
        if is_kept_aside(target):
            raise Forbidden("This name is for file managers' own files, which are not kept. Choose another name.")

    def copy(self, source: Entry, target: str, guard: Guard) -> None:
        """Copy a file or a whole folder. Of a name that is only locked, an empty file is made."""
        self.check_writable(target)
        if self.is_stored(source.path):
            self._check_kept(target)
            self.library.tree.copy(source.path, target, guard=guard)
        elif source.is_folder:
            self.make_folder(target)
            for child in self.children(source.path):
                self.copy(child, paths.join(target, paths.name_of(child.path)), ANYTHING)
        else:
            upload = self.upload(target, size=source.size, modified=source.modified, guard=guard)
            try:
                with self.stream(source, 0, source.size) as blocks:
                    for block in blocks:
                        upload.write(block)
                upload.commit()
            finally:
                upload.abort()


class _JunkUpload:
    """A junk file that is being written."""

    def __init__(self, junk: Junk, path: str, modified: float | None) -> None:
        self._junk, self._path, self._modified = junk, path, modified
        self._content = bytearray()

    def write(self, block: bytes) -> None:
        """Hold the next bytes. Raises TooLarge."""
        if len(self._content) + len(block) > FILE_LIMIT:
            raise TooLarge("This file is only for the file manager's own use and is too large to keep.")
        self._content += block

    def commit(self) -> Entry:
        """Keep the file."""
        return self._junk.write(self._path, bytes(self._content), self._modified)

    def abort(self) -> None:
        """Nothing to give back."""
