"""The tree of files and folders: read from the index alone; a change goes to the remote first, then to the index."""

import contextlib
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from weakref import WeakSet

from davproxy import paths
from davproxy.contents.cache import Cache
from davproxy.errors import BadPath, Conflict, Forbidden, NotFound, WrongKind
from davproxy.index import Index
from davproxy.library.mirror import Mirror
from davproxy.library.upload import LibraryUpload, too_large
from davproxy.model import ABSENT, ANYTHING, Change, Entry, Guard, Quota, Trashed
from davproxy.remote.protocol import Remote, Upload, send

QUOTA_SECONDS = 30.0


class Tree(Mirror):
    """Files and folders by path, and what happens to them."""

    def __init__(self, remote: Remote, index: Index, cache: Cache, upload_limit: int) -> None:
        super().__init__(remote, index, cache)
        self._upload_limit = upload_limit
        self._uploads: WeakSet[LibraryUpload] = WeakSet()
        self._quota: tuple[float, Quota] | None = None

    # Reading the tree

    def stat(self, path: str) -> Entry:
        """The file or folder at `path`. Raises NotFound."""
        if path == "/":
            return Entry("/", is_folder=True)
        if paths.is_stored(path):
            entry = self.index.entries.get(path)
            if entry is not None:
                return entry
            if path in paths.STORED:
                return Entry(path, is_folder=True)
            if not self._listed():
                return self.remote.stat(path)
            if (entry := self.index.entries.get(path)) is not None:
                return entry
        raise NotFound(f"There is no “{paths.printable(path)}”.")

    def children(self, path: str) -> list[Entry]:
        """What lies in the folder at `path`, by name. Raises NotFound, WrongKind."""
        if path == "/":
            tops = {top: self.stat(top) for top in paths.STORED}
            tops |= {entry.path: entry for entry in self.index.entries.children("/") if paths.is_stored(entry.path)}
            return [tops[path] for path in sorted(tops)]
        if not self.stat(path).is_folder:
            raise WrongKind(f"“{paths.name_of(path)}” is a file, not a folder.")
        if not self._listed():
            return sorted(self.remote.children(path), key=lambda entry: entry.path)
        return self.index.entries.children(path)

    # Reading contents

    def read(self, path: str) -> bytes:
        """The whole of a file. Raises NotFound, WrongKind."""
        try:
            return self.content(self._file(path))
        except Conflict:
            return self.content(self._file(path))

    def content(self, entry: Entry) -> bytes:
        """The whole of a file, as it was when `entry` was looked up.

        Raises Conflict where it was changed elsewhere since; by then the index knows.
        """
        with self._outdated_means_refresh(entry.path):
            return self.contents.read(entry)

    def kept(self, entry: Entry) -> bytes | None:
        """A small file's bytes if they are here, and the index still knows it as `entry`; never waits for anybody."""
        return self.contents.kept(entry) if self.index.entries.get(entry.path) == entry else None

    @contextlib.contextmanager
    def stream(self, path: str, start: int = 0, length: int | None = None) -> Iterator[Iterator[bytes]]:
        """A file's bytes from `start`, `length` of them or to the end, in blocks of at most 1 MiB.

        Raises Conflict where the file was changed elsewhere since the index heard of it; by then the index knows.
        """
        entry = self._file(path)
        with self._outdated_means_refresh(path), self.contents.stream(entry, start, length) as blocks:
            yield blocks

    def _file(self, path: str) -> Entry:
        entry = self.stat(path)
        if entry.is_folder:
            raise WrongKind(f"“{paths.name_of(path)}” is a folder, not a file.")
        return entry

    @contextlib.contextmanager
    def _outdated_means_refresh(self, path: str) -> Iterator[None]:
        try:
            yield
        except (NotFound, Conflict):
            self.refresh(path)
            raise

    # Writing

    def upload(
        self, path: str, *, size: int | None = None, modified: float | None = None, guard: Guard = ANYTHING
    ) -> Upload:
        """Begin a write to `path`, whose folder exists; what `remote.upload` promises holds here too.

        Without a guard, what the index knows is the guard: a file that somebody else made or changed in the moment
        before raises Conflict instead of being overwritten, and by then the index knows of it.
        """
        self._writable(path)
        self._parent(path)
        if size is not None and size > self._upload_limit:
            raise too_large(self._upload_limit)
        with self._outdated_means_refresh(path):
            upload = self.remote.upload(path, size=size, modified=modified, guard=self._as_known(path, guard))
        under_way = LibraryUpload(path, upload, self._upload_limit, self._written, lambda: self.refresh(path))
        with self._settling:
            self._uploads.add(under_way)
        return under_way

    def is_being_written(self, folder: str) -> bool:
        """Whether somebody is sending a file into `folder`, or to any depth below it, just now."""
        with self._settling:
            return any(upload.under_way and paths.is_below(upload.path, folder) for upload in self._uploads)

    def write(self, path: str, content: bytes, *, modified: float | None = None, guard: Guard = ANYTHING) -> Entry:
        """Write a file whole, as `upload` does."""
        return send(self.upload(path, size=len(content), modified=modified, guard=guard), [content])

    def _as_known(self, path: str, guard: Guard) -> Guard:
        if guard != ANYTHING or not self.complete:
            return guard
        known = self.index.entries.get(path)
        return ABSENT if known is None else Guard(etag=known.etag)

    def _written(self, entry: Entry, content: bytes | None) -> Entry:
        with self._changing(entry.path):
            self.index.entries.put([entry])
            if content is not None:
                self.contents.learn(entry, content)
            self.catalogue.follow([entry])
        self._tell(Change("written", entry.path))
        return entry

    def make_folder(self, path: str) -> Entry:
        """Make the folder and every missing parent. Fine if it is there."""
        self._writable(path)
        self.remote.make_folder(path)
        above = [each for each in paths.ancestors(path) if each not in ("/", *paths.STORED)]
        missing = [each for each in (path, *above) if self.index.entries.get(each) is None]
        made = [self.remote.stat(each) for each in missing]
        with self._changing(path):
            self.index.entries.put(made)
        for entry in reversed(made):
            self._tell(Change("folder", entry.path))
        return self.stat(path)

    def move(self, source: str, target: str, *, guard: Guard = ABSENT) -> Entry:
        """Move or rename a file or a whole folder; songs keep their ids."""
        self._movable(source, target)
        self.remote.move(source, target, guard=guard)
        moved = self.remote.stat(target)
        with self._changing(source, target):
            self.index.entries.move(source, target)
            self.index.songs.move(source, target)
            self.index.entries.put([moved])
            self.catalogue.follow([moved, *self.index.entries.below(target)])
            self.catalogue.follow_gone([source])
        self._tell(Change("moved", source, target))
        return moved

    def copy(self, source: str, target: str, *, guard: Guard = ABSENT) -> Entry:
        """Copy a file or a whole folder."""
        self._movable(source, target)
        self.remote.copy(source, target, guard=guard)
        self.refresh(target)
        return self.stat(target)

    def delete(self, path: str) -> str | None:
        """Remove a file or a whole folder. Returns what `restore` takes, where the remote has a trash bin."""
        self._writable(path)
        self.stat(path)
        key = self.remote.delete(path)
        self._removed(path)
        return key

    def _removed(self, path: str) -> None:
        with self._changing(path):
            self.index.entries.remove(path)
            self.index.songs.remove(path)
            self.catalogue.follow_gone([path])
        self._tell(Change("removed", path))

    def trash(self) -> list[Trashed]:
        """What can be brought back, newest first."""
        return [trashed for trashed in self.remote.trash() if paths.is_stored(trashed.path)]

    def restore(self, key: str) -> Entry:
        """Bring something back. Raises NotFound, AlreadyExists."""
        path = self.remote.restore(key)
        self.refresh(path)
        return self.stat(path)

    def set_modified(self, path: str, modified: float) -> Entry:
        """Set the modification time; the content stays."""
        self._writable(path)
        entry = self.remote.set_modified(path, modified)
        content = None if entry.is_folder else self.contents.kept(self.stat(path))
        with self._changing(path):
            self.index.entries.put([entry])
            if content is not None:
                self.contents.learn(entry, content)
        self._tell(Change("folder" if entry.is_folder else "written", path))
        return entry

    def publish(self, staged: Sequence[Entry], target: str, known: Mapping[str, bytes]) -> None:
        """Move what is staged in `/Temp` to `target` in one step; nothing may be there yet.

        `staged` lists it, the file or folder itself first. `known` holds bytes of its small files by name, so that they
        need not be read again. Raises AlreadyExists or Conflict where something is there.
        """
        self._writable(target)
        source = staged[0].path
        self.remote.move(source, target, guard=ABSENT)
        if not self.remote.features.recursive_etags:  # then an etag may hang on the place
            self.refresh(target, known)
            return
        found = [replace(entry, path=target + entry.path.removeprefix(source)) for entry in staged]
        contents = {paths.join(target, name): content for name, content in known.items()}
        with self._changing(target):
            self.absorb(found, (), contents, self.clock)

    def quota(self) -> Quota:
        """Bytes used and free, as of at most QUOTA_SECONDS ago."""
        now = time.monotonic()
        if self._quota is None or now - self._quota[0] > QUOTA_SECONDS:
            self._quota = (now, self.remote.quota())
        return self._quota[1]

    # What may be written where

    def _writable(self, path: str) -> None:
        if not paths.is_stored(path):
            raise Forbidden(f"Nothing can be put there. The folders for your files are {', '.join(paths.STORED)}.")
        if path in paths.STORED:
            raise Forbidden(f"{path} itself cannot be changed, only what is in it.")
        if paths.normalise(path) != path:
            raise BadPath(f"“{paths.printable(path)}” is not a path of the library.")

    def _parent(self, path: str) -> None:
        """Whether a file can be put at `path`: not at the top, where nothing would be done with it."""
        if paths.parent_of(path) == "/":
            raise Forbidden(f"Files are not kept at the top. Put it into {', '.join(paths.STORED)}.")
        parent = self.stat(paths.parent_of(path))
        if not parent.is_folder:
            raise WrongKind(f"“{paths.name_of(parent.path)}” is a file, so nothing can be put into it.")

    def _movable(self, source: str, target: str) -> None:
        self._writable(source)
        self._writable(target)
        if not self.stat(source).is_folder or paths.parent_of(target) != "/":
            self._parent(target)
        if paths.is_at_or_below(target, source) or paths.is_below(source, target):
            raise Forbidden("A folder cannot be put into itself, nor over a folder that holds it.")
