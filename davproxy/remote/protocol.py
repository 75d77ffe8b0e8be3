"""What every remote promises. `Folder` and `Nextcloud` keep it; one contract suite runs against both.

Paths are tree paths (`davproxy.paths`): `/Songs/…`. A remote is built with the names of the top folders as they are on
its side (`/Generate` is `Generator` on a Nextcloud), and translates them; no other code knows those names.

Every call is safe from several threads. Every failure is one of `davproxy.errors`: NotFound, AlreadyExists, WrongKind,
Forbidden, Conflict, Locked, NoSpace, BadPath, Unavailable, SignInRefused. A call that fails has changed nothing, or the
message says what it changed. A call that returns has done its work completely.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from davproxy.model import ANYTHING, Entry, Guard, Quota, Trashed

BLOCK = 1024 * 1024
"""Bytes moved at a time."""


@dataclass(frozen=True, slots=True)
class Features:
    """What a remote can do beyond the protocol's bare promises; found out once, at connect."""

    label: str
    """For people: `Nextcloud 32.0.1`, `local folder`, `WebDAV server`."""
    address: str = ""
    """Where the server is, as the given address was understood; empty for a local folder."""
    file_ids: bool = False
    """Entries carry a `file_id` that survives renames."""
    recursive_etags: bool = False
    """A folder's etag changes with anything below it, so an equal etag means an unchanged subtree."""
    trash: bool = False
    """What is deleted can be restored."""
    search: bool = False
    """`find` costs one request, not a walk."""
    bulk_read: bool = False
    """`read_many` fetches many files in one request."""
    external: tuple[str, ...] = ()
    """Top folders on external storage, where others can write past the remote and change no etag."""
    etags: bool = True
    """Files have etags. Without, their time and size stand in for one, and a change within a second can look like none.
    """
    guards: bool = True
    """The remote itself refuses to replace a file that has changed; without this, the file is checked beforehand."""
    checksums: bool = False
    """Checksums are stored with a file, and listed; otherwise only an upload's entry has them."""
    favourites_of: str = ""
    """The account whose favourites entries can be made; empty where there are none."""
    push: bool = False
    """It reports changes by itself: `changes` is not None."""
    local: bool = False
    """Contents are on a disk of this machine: a copy of a large one in the cache would gain nothing."""


class Upload(Protocol):
    """A write under way. Nothing is visible at the target until `commit` returns; after it, everything is."""

    def write(self, block: bytes) -> None:
        """Take the next bytes. Raises NoSpace, Unavailable … as soon as that is known."""

    def commit(self) -> Entry:
        """Make the content visible, verify its size, and return the new entry. Raises Conflict when the guard fails.

        The entry has the checksums of the bytes that were written.

        With a declared `size`, fewer or more bytes than that raise BadInput and leave the old content in place.
        """

    def abort(self) -> None:
        """Drop what was sent; the target keeps its old content. Calling it after `commit` does nothing."""


class Changes(Protocol):
    """Reports of changes on the remote, by any client."""

    def __iter__(self) -> Iterator[None]:
        """Wait for the reports. Raises Unavailable where no more of them come; ends after `close`."""

    def close(self) -> None:
        """Give back the connection; from any thread."""


def send(upload: Upload, blocks: Iterable[bytes]) -> Entry:
    """Write `blocks` and commit; whatever goes wrong, the upload is dropped."""
    try:
        for block in blocks:
            upload.write(block)
        return upload.commit()
    except BaseException:
        upload.abort()
        raise


def send_file(upload: Upload, file: Path) -> Entry:
    """`send` a local file."""
    with file.open("rb") as opened:
        return send(upload, iter(lambda: opened.read(BLOCK), b""))


class Remote(Protocol):
    """Where the bytes live."""

    @property
    def features(self) -> Features:
        """What it can do, without a request; nothing before it is connected."""

    @property
    def requests(self) -> Mapping[tuple[str, str], int]:
        """How many requests a server was sent, by method and status (`none` where no answer came)."""

    def connect(self) -> Features:
        """Sign in, find out what the server can do, and make the top folders that are missing."""

    def sign_in_again(self) -> None:
        """Forget that the server refused our sign-in: the next call asks it again, though it would wait otherwise."""

    def close(self) -> None:
        """Give back connections. Calling it twice is fine."""

    def stat(self, path: str) -> Entry:
        """The entry at `path`. Raises NotFound."""

    def children(self, path: str) -> list[Entry]:
        """Every child of the folder at `path`, in no order; complete, or it raises."""

    def walk(self, path: str) -> Iterator[Entry]:
        """Every entry below `path` (not `path` itself), parents before children; raises at the end if incomplete."""

    def walk_listed(self, folder: Entry) -> Iterator[Entry]:
        """`walk` of a folder that was listed a moment ago, and whose etag rises with what is in it.

        The remote may take the entries from its own records instead of looking at the storage again.
        """

    def find(self, name: str, below: str) -> list[Entry]:
        """Every file called `name`, in capitals or not, at any depth below `below`."""

    def stream(
        self, path: str, start: int = 0, length: int | None = None, *, etag: str | None = None
    ) -> AbstractContextManager[Iterator[bytes]]:
        """The bytes from `start`, `length` of them or to the end, in blocks. Exactly that range is fetched.

        The iterator raises Unavailable rather than end early. With an `etag`, a file that has another one by now raises
        Conflict, so that the ranges of one file never come from two contents.
        """

    def read(self, path: str) -> bytes:
        """The whole of a small file."""

    def read_many(self, paths: Iterable[str]) -> Iterator[tuple[str, bytes]]:
        """The contents of many small files, in any order, in as few requests as the server allows.

        A file that is missing is left out.
        """

    def upload(
        self, path: str, *, size: int | None = None, modified: float | None = None, guard: Guard = ANYTHING
    ) -> Upload:
        """Begin a write to `path`; the parent folder exists.

        Over an existing file its old content stays whole until the commit, and a change made elsewhere between now and
        then raises Conflict instead of being overwritten.
        """

    def write(self, path: str, content: bytes, *, modified: float | None = None, guard: Guard = ANYTHING) -> Entry:
        """`upload`, `write` and `commit` in one, for small files."""

    def write_many(self, files: Iterable[tuple[str, Path]]) -> None:
        """Store many new files, each a path and the local file with its content, in few requests.

        Missing folders are made. For places that nobody else writes to, such as a job's own folder in /Temp: what
        stands at a path may be replaced or raise Conflict, and after an error some of the files may be there.
        """

    def make_folder(self, path: str) -> Entry | None:
        """Make the folder and every missing parent; fine if it is there. WrongKind where a file is in the way.

        The root is the library's own folder, and is made only when asked for, since a song there may be restored yet.
        Returns the entry of a new folder, without an etag, where it is known without another request.
        """

    def make_folders(self, paths: Iterable[str]) -> None:
        """`make_folder` of many, where they are made side by side."""

    def move(self, source: str, target: str, *, guard: Guard = ANYTHING) -> None:
        """Move or rename in one step, file id kept. The target's parent folder exists.

        `guard` is about the target: ABSENT raises Conflict rather than replace anything. The top folders stay.
        """

    def copy(self, source: str, target: str, *, guard: Guard = ANYTHING) -> None:
        """Copy a file or a whole folder; as `move`, but that the source stays."""

    def delete(self, path: str, *, guard: Guard = ANYTHING, file_id: int | None = None) -> str | None:
        """Remove a file or a whole folder. Returns a trash key that `restore` takes, where there is a trash bin.

        `file_id` is its id, if it is known, which saves a request.

        With an etag as `guard`, a file that has another one by now raises Conflict and stays.
        What clients never see (/Temp, /Database) is removed for good.
        """

    def trash(self) -> list[Trashed]:
        """What can be brought back, newest first; empty where there is no trash bin."""

    def restore(self, key: str) -> str:
        """Bring something back and return its path. Raises NotFound, AlreadyExists."""

    def set_modified(self, path: str, modified: float) -> Entry:
        """Set the modification time, content untouched."""

    def favourites(self) -> list[str]:
        """The paths of the account's favourites in the library; empty where the remote has none."""

    def is_favourite(self, path: str) -> bool:
        """Whether the entry at `path` is a favourite of the account. Raises NotFound."""

    def set_favourite(self, path: str, *, starred: bool) -> None:
        """Make the entry at `path` a favourite, or none, where the remote has favourites. Its etag stays."""

    def accepts(self, size: int) -> bool:
        """Whether a request with a body of `size` bytes gets through, past proxies too. Nothing is stored."""

    def cut_off_after(self, seconds: float) -> float | None:
        """Seconds after which an upload that takes `seconds` is cut off, by proxies too; None where it gets through.
        Nothing is left of it."""

    def changes(self) -> Changes | None:
        """Listen for changes from now on; None where the remote does not report any."""

    def quota(self) -> Quota:
        """Bytes used and free."""
