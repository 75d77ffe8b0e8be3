"""The tree a client sees: the library's folders, the read-only `/Status`, and client junk kept aside."""

import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext

from davproxy import paths
from davproxy.dav import urls
from davproxy.dav.junk import FILE_LIMIT, Junk, is_kept_aside, spares_indexing
from davproxy.dav.locks import MOST, Locks
from davproxy.dav.status import Status
from davproxy.errors import Forbidden, NotFound, TooLarge
from davproxy.library import Library, Upload
from davproxy.model import ANYTHING, Entry, Guard


class View:
    """One face over the three. Reads of entries cost an index lookup, never a request to the remote."""

    def __init__(self, library: Library, status: Status, junk: Junk, locks: Locks) -> None:
        self.library = library
        self._status = status
        self._junk = junk
        self._locks = locks
        self._held: dict[str, Entry] = {}

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
            entry = self.library.tree.stat(path)
        except NotFound:
            if path in self._held_now():
                return self._held[path]
            raise
        self._held.pop(path, None)
        return entry

    def _held_now(self) -> dict[str, Entry]:
        """Names that are locked but not written yet; they show as empty files (RFC 4918, 7.3)."""
        for path in list(self._held):
            if not self._locks.holds(urls.reference(path)):
                self._held.pop(path, None)
        return self._held

    @property
    def holds_names(self) -> bool:
        """Whether there are such names; a cheap answer that may say yes for one that has just been unlocked."""
        return bool(self._held)

    def children(self, path: str) -> list[Entry]:
        """The entries directly below the folder at `path`."""
        if is_kept_aside(path):
            return self._junk.children(path)
        if paths.is_at_or_below(path, paths.STATUS):
            return self._status.children()
        found = self.library.tree.children(path)
        if path == "/":
            return [*found, self._status.stat(paths.STATUS)]
        known = {entry.path for entry in found}
        held = [entry for entry in list(self._held_now().values()) if paths.parent_of(entry.path) == path]
        return [*found, *(entry for entry in held if entry.path not in known)]

    def hold_place(self, path: str) -> Entry:
        """Show `path` as an empty file for as long as it is locked."""
        if is_kept_aside(path):
            return self._junk.write(path, b"")
        if len(self._held) > MOST:
            self._held.clear()
        self._held[path] = Entry(path, is_folder=False, modified=time.time())
        return self._held[path]

    def is_stored(self, path: str) -> bool:
        """Whether `path` belongs to the library, not to what is only shown."""
        return not (
            is_kept_aside(path)
            or spares_indexing(path)
            or paths.is_at_or_below(path, paths.STATUS)
            or path in self._held
        )

    def is_settled(self, path: str) -> bool:
        """Whether a listing of `path` stays true until the library tells of a change."""
        return self.library.updates.complete and self.is_stored(path) and not self._held_now()

    def read(self, entry: Entry) -> bytes:
        """The whole of a small file."""
        return self.library.tree.content(entry) if self.is_stored(entry.path) else self._shown(entry)

    def stream(self, entry: Entry, start: int, length: int) -> AbstractContextManager[Iterator[bytes]]:
        """`length` bytes of a file from `start`, in blocks."""
        if self.is_stored(entry.path):
            return self.library.tree.stream(entry.path, start, length)
        return nullcontext(iter([self._shown(entry)[start : start + length]]))

    def _shown(self, entry: Entry) -> bytes:
        if is_kept_aside(entry.path):
            return self._junk.read(entry.path)
        return self._status.read(entry) if paths.is_at_or_below(entry.path, paths.STATUS) else b""

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

    def make_folder(self, path: str) -> None:
        """Make one folder; its parent exists."""
        self.check_writable(path)
        if is_kept_aside(path):
            self._junk.make_folder(path)
        else:
            self.library.tree.make_folder(path)

    def delete(self, path: str) -> None:
        """Remove a file or a whole folder."""
        self.check_writable(path)
        if self._held.pop(path, None):
            return
        if is_kept_aside(path):
            self._junk.delete(path)
        else:
            self.library.tree.delete(path)

    def move(self, source: Entry, target: str, guard: Guard) -> None:
        """Move or rename."""
        self.check_writable(source.path)
        self.check_writable(target)
        if is_kept_aside(source.path):
            self.copy(source, target, guard)
            self.delete(source.path)
        else:
            self._check_kept(target)
            self.library.tree.move(source.path, target, guard=guard)

    @staticmethod
    def _check_kept(target: str) -> None:
        """Raise Forbidden where a file of the library would become junk, which is forgotten some day."""
        if is_kept_aside(target):
            raise Forbidden("This name is for file managers' own files, which are not kept. Choose another name.")

    def copy(self, source: Entry, target: str, guard: Guard) -> None:
        """Copy a file or a whole folder."""
        self.check_writable(target)
        if self.is_stored(source.path):
            self._check_kept(target)
            self.library.tree.copy(source.path, target, guard=guard)
        elif source.is_folder:
            self.make_folder(target)
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
    """A junk file under way."""

    def __init__(self, junk: Junk, path: str, modified: float | None) -> None:
        self._junk, self._path, self._modified = junk, path, modified
        self._content = bytearray()

    def write(self, block: bytes) -> None:
        """Take the next bytes. Raises TooLarge."""
        if len(self._content) + len(block) > FILE_LIMIT:
            raise TooLarge("This file is only for the file manager's own use and is too large to keep.")
        self._content += block

    def commit(self) -> Entry:
        """Keep the file."""
        return self._junk.write(self._path, bytes(self._content), self._modified)

    def abort(self) -> None:
        """Nothing to give back."""
