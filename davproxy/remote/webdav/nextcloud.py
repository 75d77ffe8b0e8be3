"""A Nextcloud, or any other WebDAV server, as the remote. What the server can do is determined at connect."""

import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

from davproxy.errors import NotFound, Unavailable
from davproxy.model import ANYTHING, Entry, Guard, Quota, Trashed
from davproxy.paths import HIDDEN, normalise, top_of
from davproxy.remote.protocol import Features, Upload, send
from davproxy.remote.top_folders import TopFolders
from davproxy.remote.webdav import body_limit, bulk, favourites, folders, listing, time_limit, transfers
from davproxy.remote.webdav.abilities import probe
from davproxy.remote.webdav.connection import Connection, certificates
from davproxy.remote.webdav.discovery import discover
from davproxy.remote.webdav.files import Files
from davproxy.remote.webdav.multistatus import DAV
from davproxy.remote.webdav.notify_push import NotifyPush
from davproxy.remote.webdav.trash_bin import TrashBin
from davproxy.remote.webdav.uploads import begin, make_target

CONNECTING_SECONDS = 3.0
"""How long a request waits while another one connects: a server that is silent must not hold up all threads."""

_USED = f"{DAV}quota-used-bytes"
_FREE = f"{DAV}quota-available-bytes"


class Nextcloud:
    """The library in a folder of a Nextcloud account. A call before `connect`, or after it failed, connects first."""

    def __init__(
        self,
        url: str,
        username: str,
        password: str,
        folder: str,
        top_folders: Mapping[str, str],
        *,
        spool: Path | None = None,
        patience: float = 4.0,
    ) -> None:
        """`url` is the address of the Nextcloud, or of a folder on another WebDAV server.

        `folder` is the library's path there and `top_folders` the names of its top folders, as in `Settings.folders`.
        `spool` is a local folder for bytes that wait to be sent to a server without chunked uploads. Transient
        failures are retried for `patience` seconds.
        """
        self._url = url
        self._folder = folder
        self._tops = TopFolders(top_folders)
        self._spool = spool
        self._account = username, password
        self._connection = Connection(url, username, password, patience=patience)
        self._connecting = threading.Lock()
        self._connected: Files | None = None

    @property
    def features(self) -> Features:
        if self._connected is None:
            return Features(label=f"{urlsplit(self._url).netloc}, not connected yet")
        return self._connected.server.features

    @property
    def requests(self) -> Mapping[tuple[str, str], int]:
        return self._connection.requests

    def connect(self) -> Features:
        return self._files.server.features

    def sign_in_again(self) -> None:
        self._connection.sign_in.end()

    def close(self) -> None:
        self._connection.close()

    @property
    def _files(self) -> Files:
        if self._connected is not None:
            return self._connected
        if not self._connecting.acquire(timeout=CONNECTING_SECONDS):
            raise Unavailable(f"{urlsplit(self._url).netloc} has not answered yet. Try again soon.")
        try:
            if self._connected is None:
                files = Files(self._connection, discover(self._connection, self._url), self._folder, self._tops)
                files.connect()
                if not files.server.dav_url:
                    files.server = replace(files.server, features=probe(files))
                self._connected = files
            return self._connected
        finally:
            self._connecting.release()

    # Listing

    def stat(self, path: str) -> Entry:
        return self._files.stat(path)

    def children(self, path: str) -> list[Entry]:
        return self._files.children(path)

    def walk(self, path: str) -> Iterator[Entry]:
        return listing.walk(self._files, path)

    def walk_listed(self, folder: Entry) -> Iterator[Entry]:
        return listing.walk_listed(self._files, folder)

    def find(self, name: str, below: str) -> list[Entry]:
        return listing.find(self._files, name, below)

    def quota(self) -> Quota:
        for resource in self._files.propfind(self._files.url("/"), "0", "/", [_USED, _FREE]):
            free = resource.number(_FREE)
            # A Nextcloud sends -3 for a quota without a limit, and -2 or -1 for one that it does not know.
            return Quota(used=resource.number(_USED) or 0, free=free if free is not None and free >= 0 else None)
        raise NotFound("The library's folder is gone from the server.")

    def accepts(self, size: int) -> bool:
        return body_limit.accepts(f"{self._files.url('/')}/.size-probe", size, certificates())

    def cut_off_after(self, seconds: float) -> float | None:
        return time_limit.cut_off_after(self._files, seconds)

    def changes(self) -> NotifyPush | None:
        address = self._files.server.push_url
        return NotifyPush(address, *self._account, certificates()) if address else None

    # Reading

    def stream(
        self, path: str, start: int = 0, length: int | None = None, *, etag: str | None = None
    ) -> AbstractContextManager[Iterator[bytes]]:
        return self._files.stream(path, start, length, etag=etag)

    def read(self, path: str) -> bytes:
        with self.stream(path) as blocks:
            return b"".join(blocks)

    def read_many(self, paths: Iterable[str]) -> Iterator[tuple[str, bytes]]:
        return bulk.read_many(self._files, paths)

    # Writing

    def upload(
        self, path: str, *, size: int | None = None, modified: float | None = None, guard: Guard = ANYTHING
    ) -> Upload:
        target = make_target(self._files, normalise(path), size, modified, guard)
        return begin(self._files, target, self._spool)

    def write(self, path: str, content: bytes, *, modified: float | None = None, guard: Guard = ANYTHING) -> Entry:
        return send(self.upload(path, size=len(content), modified=modified, guard=guard), [content])

    def write_many(self, files: Iterable[tuple[str, Path]]) -> None:
        bulk.write_many(self._files, files)

    def make_folder(self, path: str) -> Entry | None:
        return self._files.make_folder(path)

    def make_folders(self, paths: Iterable[str]) -> None:
        folders.make_folders(self._files, paths)

    def set_modified(self, path: str, modified: float) -> Entry:
        self._files.set_modified(path, modified)
        return self.stat(path)

    def favourites(self) -> list[str]:
        return favourites.favourites(self._files) if self._files.server.features.favourites_of else []

    def is_favourite(self, path: str) -> bool:
        if not self._files.server.features.favourites_of:
            self.stat(path)
            return False
        return favourites.is_favourite(self._files, path)

    def set_favourite(self, path: str, *, starred: bool) -> None:
        if self._files.server.features.favourites_of:
            favourites.set_favourite(self._files, path, starred=starred)

    # Moving and deleting

    def move(self, source: str, target: str, *, guard: Guard = ANYTHING) -> None:
        transfers.move(self._files, source, target, guard)

    def copy(self, source: str, target: str, *, guard: Guard = ANYTHING) -> None:
        transfers.copy(self._files, source, target, guard)

    def delete(self, path: str, *, guard: Guard = ANYTHING, file_id: int | None = None) -> str | None:
        path = normalise(path)
        for_good = top_of(path) in HIDDEN  # staged songs and old indexes: nobody restores them
        in_trash = self._files.server.features.trash and not for_good
        if in_trash and file_id is None:
            file_id = self.stat(path).file_id
        self._files.delete(path, guard, for_good=for_good)
        return str(file_id) if in_trash else None

    def trash(self) -> list[Trashed]:
        files = self._files
        return TrashBin(files).contents() if files.server.features.trash else []

    def restore(self, key: str) -> str:
        files = self._files
        if not files.server.features.trash:
            raise NotFound("This server has no trash bin.")
        return TrashBin(files).restore(key)
