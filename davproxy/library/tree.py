"""The tree of files and folders: read from the index alone; a change goes to the remote first, then to the index."""

import contextlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from davproxy import paths
from davproxy.contents.contents import Contents
from davproxy.errors import Conflict, NotFound, Unavailable, WrongKind
from davproxy.index import Index
from davproxy.library.index_updates import IndexUpdates
from davproxy.library.known_checksums import KnownChecksums
from davproxy.library.own_changes import OwnChanges
from davproxy.library.song_index import SongIndex
from davproxy.library.unlisted_etags import as_listed, is_unlisted, to_be_listed
from davproxy.library.upload import LibraryUpload
from davproxy.library.write_rules import check_depth, check_move, check_parent, check_writable
from davproxy.library.writers import Writers
from davproxy.model import ABSENT, ANYTHING, Change, Entry, Guard
from davproxy.remote.protocol import Remote, Upload, send
from davproxy.settings import over_upload_limit


class Tree:
    """Files and folders by path: reads, writes and moves."""

    def __init__(
        self,
        remote: Remote,
        index: Index,
        contents: Contents,
        song_index: SongIndex,
        updates: IndexUpdates,
        writers: Writers,
        upload_limit: int,
    ) -> None:
        self._remote, self._index, self._contents = remote, index, contents
        self._song_index, self._updates, self._writers = song_index, updates, writers
        self._own = OwnChanges(remote, index, contents, updates)
        self._checksums = KnownChecksums(remote, index, updates)
        self._upload_limit = upload_limit

    # Entries

    def stat(self, path: str) -> Entry:
        """The file or folder at `path`. Raises NotFound."""
        if path == "/":
            return Entry("/", is_folder=True)
        if paths.is_stored(path):
            entry = self.find(path)
            if entry is not None:
                return entry
            if path in paths.STORED:
                return Entry(path, is_folder=True)
            if not self._updates.wait_until_listed():
                return self._remote.stat(path)
            if (entry := self.find(path)) is not None:
                return entry
        raise NotFound(f"There is no “{paths.printable(path)}”.")

    def find(self, path: str) -> Entry | None:
        """The entry at `path` as the index has it now, without waiting for a first listing."""
        return self._index.entries.get(path)

    def children(self, path: str) -> list[Entry]:
        """The entries directly in the folder at `path`, by name. Raises NotFound, WrongKind."""
        if path == "/":
            tops = {top: self.stat(top) for top in paths.STORED}
            tops |= {entry.path: entry for entry in self._index.entries.children("/") if paths.is_stored(entry.path)}
            return [tops[path] for path in sorted(tops)]
        if not self.stat(path).is_folder:
            raise WrongKind(f"“{paths.name_of(path)}” is a file, not a folder.")
        if not self._updates.wait_until_listed():
            return sorted(self._remote.children(path), key=lambda entry: entry.path)
        return self._index.entries.children(path)

    def below(self, folder: str) -> list[Entry]:
        """The indexed entries at any depth below `folder`, by path."""
        return self._index.entries.below(folder)

    def files_ending(self, folder: str, endings: Iterable[str]) -> list[Entry]:
        """The indexed files at any depth below `folder` whose names end with one of `endings`, in any case."""
        return self._index.entries.files_ending(folder, endings)

    def total(self, folder: str) -> tuple[int, int]:
        """The number of files below `folder`, and their total size in bytes."""
        return self._index.entries.total(folder)

    # Contents

    def read(self, path: str) -> bytes:
        """The whole of a file. Raises NotFound, WrongKind."""
        try:
            return self.content(self._file(path))
        except Conflict:
            return self.content(self._file(path))

    def content(self, entry: Entry) -> bytes:
        """The whole of a file, as it was when `entry` was looked up.

        Raises Conflict where it changed elsewhere since; by then the index is up to date.
        """
        entry = self._resolve_doubt(entry)
        with self._own.refresh_if_outdated(entry.path):
            return self._contents.read(entry)

    def cached(self, entry: Entry) -> bytes | None:
        """A small file's bytes if they are here and `entry` is still what the index has; never waits for the remote."""
        return self._contents.cached(entry) if self.find(entry.path) == entry else None

    @contextlib.contextmanager
    def stream(self, path: str, start: int = 0, length: int | None = None) -> Iterator[Iterator[bytes]]:
        """A file's bytes from `start`, `length` of them or to the end, in blocks of at most 1 MiB.

        Raises Conflict where the file changed elsewhere and the index did not know; by then the index is up to date.
        """
        entry = self._resolve_doubt(self._file(path))
        with self._own.refresh_if_outdated(path), self._contents.stream(entry, start, length) as blocks:
            yield blocks

    def download(self, path: str) -> contextlib.AbstractContextManager[Iterator[bytes]]:
        """A file's bytes as the remote has them now, in blocks, past the cache: for what is read only once."""
        return self._remote.stream(path)

    def _file(self, path: str) -> Entry:
        entry = self.stat(path)
        if entry.is_folder:
            raise WrongKind(f"“{paths.name_of(path)}” is a folder, not a file.")
        return entry

    def _resolve_doubt(self, entry: Entry) -> Entry:
        """The file as it was last listed: where a change of it is in doubt, the remote is asked about it first.

        While the remote is away, the bytes from before the change are the best there are. Raises Conflict where the
        entry is another one now.
        """
        if not is_unlisted(entry.etag):
            return entry
        try:
            self.refresh(entry.path)
        except Unavailable:
            return as_listed(entry)
        raise Conflict(f"“{paths.name_of(entry.path)}” was changed a moment ago. Try again.")

    # Writing

    def upload(
        self, path: str, *, size: int | None = None, modified: float | None = None, guard: Guard = ANYTHING
    ) -> Upload:
        """Begin a write to `path`, whose folder exists; what `Remote.upload` promises holds here too.

        Without a guard, the indexed entry is the guard: a file that somebody else made or changed in the moment before
        raises Conflict instead of being overwritten, and by then the index is up to date.
        """
        check_writable(path)
        check_parent(path, self.stat)
        if size is not None and size > self._upload_limit:
            raise over_upload_limit(self._upload_limit)
        with self._own.refresh_if_outdated(path):
            upload = self._remote.upload(path, size=size, modified=modified, guard=self._own.default_guard(path, guard))
        under_way = LibraryUpload(path, upload, self._upload_limit, self._own.change, self._store)
        self._writers.add(under_way)
        return under_way

    def write(self, path: str, content: bytes, *, modified: float | None = None, guard: Guard = ANYTHING) -> Entry:
        """Write a file whole, as `upload` does."""
        return send(self.upload(path, size=len(content), modified=modified, guard=guard), [content])

    def _store(self, entry: Entry, content: bytes | None) -> Entry:
        """Put a file that is on the remote into the index, with its bytes where they are few."""
        with self._updates.transaction(entry.path):
            self._own.forget_replaced(entry.path)
            self._index.entries.put([entry])
            if content is not None:
                self._contents.learn_written(entry, content)
            self._song_index.update([entry])
        self._writers.note_stored(entry)
        self._updates.announce(Change("written", entry.path))
        return entry

    def make_folder(self, path: str) -> Entry:
        """Make the folder and every missing parent. No error if it exists."""
        check_writable(path)
        with self._own.change(path):
            entry = self._remote.make_folder(path)
            above = [each for each in paths.ancestors(path) if each not in ("/", *paths.STORED)]
            missing = [each for each in (path, *above) if self.find(each) is None]
            made = [to_be_listed(entry if entry and each == path else self._remote.stat(each)) for each in missing]
            with self._updates.transaction(path):
                self._index.entries.put(made)
        for entry in reversed(made):
            self._updates.announce(Change("folder", entry.path))
        return self.stat(path)

    def move(self, source: str, target: str, *, guard: Guard = ABSENT) -> Entry:
        """Move or rename a file or a whole folder; songs keep their ids.

        `guard` is about the target. With ANYTHING, the indexed entry is the guard, as for `upload`.
        """
        check_move(source, target, self.stat)
        check_depth(source, target, self._index.entries.deepest)
        with self._own.change(source, target):
            checksums = self._checksums.before_rename(source)
            self._remote.move(source, target, guard=self._own.default_guard(target, guard))
            moved = to_be_listed(self._remote.stat(target))
            moved = replace(moved, checksums=moved.checksums or checksums)
            with self._updates.transaction(source, target):
                self._own.forget_replaced(source, target)
                self._index.entries.move(source, target)
                self._index.entries.put([moved])
                self._song_index.move(source, target)
        self._updates.announce(Change("moved", source, target))
        return moved

    def copy(self, source: str, target: str, *, guard: Guard = ABSENT) -> Entry:
        """Copy a file or a whole folder; `guard` as for `move`."""
        check_move(source, target, self.stat)
        check_depth(source, target, self._index.entries.deepest)
        with self._own.change(source, target):
            originals = self._checksums.before_copy(source)
            self._remote.copy(source, target, guard=self._own.default_guard(target, guard))
            self._updates.doubt(*self._own.forget_replaced(target))
            self._updates.refresh(target)
            if originals:
                self._checksums.after_copy(source, target, originals)
        return self.stat(target)

    def delete(self, path: str, *, guard: Guard = ANYTHING) -> str | None:
        """Remove a file or a whole folder. Returns the key that `restore` takes, where the remote has a trash bin.

        Without a guard, the indexed entry of a file is the guard, as for `upload`.
        """
        check_writable(path)
        with self._own.change(path):
            guard = self._own.default_guard(path, guard)
            known = self.stat(path)
            key = self._remote.delete(path, guard=guard, file_id=known.file_id)
            with self._updates.transaction(path):
                self._own.forget_replaced(path)
                self._index.entries.remove(path)
                self._song_index.remove([path])
        self._updates.announce(Change("removed", path))
        return key

    def set_modified(self, path: str, modified: float) -> Entry:
        """Set the modification time; the content stays."""
        check_writable(path)
        with self._own.change(path):
            entry = to_be_listed(self._remote.set_modified(path, modified))
            known = self.stat(path)
            content = None if entry.is_folder else self._contents.cached(known)
            if entry.size == known.size:
                entry = replace(entry, checksums=entry.checksums or known.checksums)
            with self._updates.transaction(path):
                self._index.entries.put([entry])
                if content is not None:
                    self._contents.learn(entry, content)
        self._updates.announce(Change("folder" if entry.is_folder else "written", path))
        return entry

    def move_staged(
        self, staged: Sequence[Entry], target: str, known: Mapping[str, bytes], *, guard: Guard = ABSENT
    ) -> None:
        """Move what is staged in `/Temp` to `target` in one step; by default nothing may be there yet.

        `staged` lists it, the file or folder itself first. `known` holds bytes of its small files by name, so that they
        are not read again. Raises AlreadyExists or Conflict where `guard` fails.
        """
        check_writable(target)
        source = staged[0].path
        with self._own.change(target):
            self._remote.move(source, target, guard=guard)
            if self._etag_changes_with_a_move(staged[0]):
                checksums = {entry.path.removeprefix(source): entry.checksums for entry in staged}
                self._updates.refresh(target, known, checksums)
                return
            found = [replace(entry, path=target + entry.path.removeprefix(source)) for entry in staged]
            contents = {paths.join(target, name): content for name, content in known.items()}
            with self._updates.transaction(target):
                listing = self._updates.begin_listing()
            # After that transaction: what is announced within one, other threads do not find.
            self._updates.absorb(found, (), contents, listing)

    def _etag_changes_with_a_move(self, entry: Entry) -> bool:
        """Whether `entry` may have another etag at another path; a local file's is made of its status time."""
        features = self._remote.features
        return not features.recursive_etags or (features.local and not entry.is_folder)

    def refresh(self, path: str) -> None:
        """List `path` and all below it on the remote again, and update the index. Raises Locked."""
        self._own.refresh(path)
