"""The plain verbs of WebDAV on tree paths, as every server has them."""

import re
import threading
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from itertools import count
from typing import TypeVar
from urllib.parse import quote

import httpx

from davproxy.errors import AlreadyExists, BadPath, Conflict, Forbidden, NotFound, Unavailable, WrongKind
from davproxy.model import Entry, Guard
from davproxy.paths import is_below, normalise, parent_of
from davproxy.remote.top_folders import TopFolders
from davproxy.remote.webdav import multistatus
from davproxy.remote.webdav.connection import LONG_ANSWER, Connection, blocks
from davproxy.remote.webdav.discovery import Server, check_multistatus
from davproxy.remote.webdav.failures import InDoubt
from davproxy.remote.webdav.multistatus import Resource

_RANGE = re.compile(r"bytes (\d+)-\d+/(\d+|\*)")
_REDIRECTS = {301, 302, 303, 307, 308}
ONE_REQUEST = 100_000_000
"""Bytes of the longest body that is sent in one request: what Cloudflare, the strictest usual proxy, lets through."""
T = TypeVar("T")
ATTEMPTS = 3
"""Times that a change is tried whose answer is lost each time."""


class Files:
    """The library's folder on the server."""

    def __init__(self, connection: Connection, server: Server, folder: str, tops: TopFolders) -> None:
        """`folder` is the library's path below the account's files."""
        self.connection = connection
        self.server = server
        self._making = threading.RLock()
        """A Nextcloud that is asked twice at once for the same folder may refuse both."""
        self.one_request = ONE_REQUEST
        """The same for this server: smaller once it refused one."""
        self._tops = tops
        names = [name for name in folder.split("/") if name]
        self._root_url = "/".join([server.files_url, *(quote(name, safe="") for name in names)])
        self._root_path = "/".join([server.files_path, *names])
        self._names = multistatus.NEXTCLOUD_ENTRY if server.dav_url else multistatus.ENTRY

    # Between paths and addresses

    def url(self, path: str) -> str:
        """The address of a tree path. Raises BadPath."""
        return "/".join([self._root_url, *(quote(name, safe="") for name in self._tops.to_remote(path))])

    def account_path(self, path: str) -> str:
        """A tree path as seen from the account's files, `/CloneHero/Songs/…`."""
        return "/".join([self._root_path[len(self.server.files_path) :], *self._tops.to_remote(path)])

    def tree_path(self, href_path: str) -> str | None:
        """The tree path of a decoded href; None for what is not ours or cannot be named."""
        if href_path != self._root_path and not href_path.startswith(self._root_path + "/"):
            return None
        names = unicodedata.normalize("NFC", href_path[len(self._root_path) :]).split("/")[1:]
        try:
            path = self._tops.to_tree(names)
            return normalise(path) if path else None
        except BadPath:
            return None

    def entry(self, resource: Resource) -> Entry | None:
        path = self.tree_path(resource.path)
        if path is None:
            return None
        return Entry(
            path=path,
            is_folder=resource.is_folder,
            size=0 if resource.is_folder else resource.size,
            modified=resource.modified,
            etag=resource.etag,
            file_id=resource.file_id,
        )

    # Looking

    def connect(self) -> None:
        """Make the library's folder and its top folders where they are missing."""
        try:
            found = {entry.path for entry in self.children("/") if entry.is_folder}
        except NotFound:
            self._make_root()
            found = set()
        for path in self._tops.paths:
            if path not in found:
                self.make_folder(path)

    def propfind(self, url: str, depth: str, about: str, names: Iterable[str] | None = None) -> Iterator[Resource]:
        """The resources of a listing, as they arrive."""
        with self.connection.stream(
            "PROPFIND",
            url,
            expect={207},
            about=about,
            headers={"Depth": depth, "Content-Type": "application/xml; charset=utf-8"},
            content=multistatus.propfind(names or self._names),
        ) as response:
            check_multistatus(response)
            yield from multistatus.resources(blocks(response, about))

    def resource(self, path: str) -> Resource:
        """What the server says of `path`. Raises NotFound."""
        for resource in self.propfind(self.url(path), "0", path):
            if resource.status == 200:
                return resource
        raise NotFound(f"There is no “{path}”.")

    def stat(self, path: str) -> Entry:
        path = normalise(path)
        entry = self.entry(self.resource(path))
        if entry is None:
            raise Unavailable(f"The server answers about another file than “{path}”.")
        return entry

    def found(self, path: str) -> Entry | None:
        """The entry at `path`, or None."""
        try:
            return self.stat(path)
        except NotFound:
            return None

    def children(self, path: str) -> list[Entry]:
        path = normalise(path)
        own: Entry | None = None
        found: dict[str, Entry] = {}
        for resource in self.propfind(self.url(path) + "/", "1", path):
            if resource.status != 200:
                raise Unavailable(f"The listing of “{path}” is not complete. Try again later.")
            entry = self.entry(resource)
            if entry and entry.path == path:
                own = entry
            elif entry and parent_of(entry.path) == path:
                found[entry.path] = entry
        if own is None:
            raise Unavailable(f"The server answers about another folder than “{path}”.")
        if not own.is_folder:
            raise WrongKind(f"“{path}” is a file, not a folder.")
        return list(found.values())

    # Reading

    @contextmanager
    def stream(
        self, path: str, start: int = 0, length: int | None = None, *, etag: str | None = None
    ) -> Iterator[Iterator[bytes]]:
        path = normalise(path)
        if length == 0:
            self.stat(path)
            yield iter(())
            return
        # A range even for the whole, so that the answer says how long the file is. Nextcloud takes `0-0` for the whole.
        last = "" if length is None else max(start + length - 1, 1)
        headers = {"Accept-Encoding": "identity", "Range": f"bytes={start}-{last}"}
        if etag is not None:
            headers["If-Match"] = f'"{etag}"'
        try:
            with self.connection.stream(
                "GET", self.url(path), expect={200, 206, 416, *_REDIRECTS}, about=path, headers=headers
            ) as response:
                if response.status_code == 416:
                    yield iter(())
                    return
                self._check_file(path, response)
                yield _range(path, response, start, length)
        except Forbidden:  # what some servers answer for a folder
            if self.stat(path).is_folder:
                raise WrongKind(f"“{path}” is a folder.") from None
            raise

    def _check_file(self, path: str, response: httpx.Response) -> None:
        """A folder's page, or one of a portal on the way, is not the content of a file."""
        if "ETag" not in response.headers:
            if self.stat(path).is_folder:
                raise WrongKind(f"“{path}” is a folder.")
            page = response.headers.get("Content-Type", "").startswith("text/html")
            if page or response.status_code in _REDIRECTS:
                raise Unavailable(f"The server answered “{path}” with a web page. Try again later.")

    # Changing

    def settle(self, act: Callable[[], T], happened: Callable[[], bool]) -> T | None:
        """Do `act` and return its answer; where that is lost, ask `happened` before doing it again, and return None."""
        for attempt in count(1):
            try:
                return act()
            except InDoubt:
                if happened():
                    break
                if attempt == ATTEMPTS:
                    raise
        return None

    def make_folder(self, path: str) -> None:
        path = normalise(path)
        if path == "/":
            return
        self.server.rules.check(path)
        with self._making:
            try:
                self._mkcol(self.url(path), path)
            except AlreadyExists:
                if not self.stat(path).is_folder:
                    raise WrongKind(f"“{path}” is a file, not a folder.") from None
            except NotFound:
                if parent_of(path) == "/":
                    raise
                self.make_folder(parent_of(path))
                self._mkcol(self.url(path), path, missing_ok=True)

    def _make_root(self) -> None:
        base = self.server.files_url
        for name in self._root_url[len(base) :].split("/")[1:]:
            base = f"{base}/{name}"
            self._mkcol(base, "/", missing_ok=True)

    def _mkcol(self, url: str, about: str, *, missing_ok: bool = False) -> None:
        response = self.connection.send("MKCOL", url, expect={201, 405}, about=about)
        if response.status_code == 405 and not missing_ok:
            raise AlreadyExists(f"“{about}” exists already.")

    def move(self, source: str, target: str, guard: Guard) -> None:
        source, target = normalise(source), normalise(target)
        self._refuse_top(source, target)
        if source == target:
            return
        self._check_target(source, target, guard)
        url = self.url(source)
        self.settle(
            lambda: self.connection.send(
                "MOVE", url, expect={201, 204}, about=source, headers=self.onto(target, guard), wait=LONG_ANSWER
            ),
            lambda: not self.found(source) and self.stat(target) is not None,
        )

    def copy(self, source: str, target: str, guard: Guard) -> None:
        source, target = normalise(source), normalise(target)
        self._refuse_top(target)
        self._check_target(source, target, guard)
        before = None if guard.absent else self.found(target)

        def happened() -> bool:
            copied = self.found(target)
            same = copied is not None and (before is None or copied.etag != before.etag)
            return same and self.resource(source).size == self.resource(target).size

        headers = self.onto(target, guard) | {"Depth": "infinity"}
        url = self.url(source)
        self.settle(
            lambda: self.connection.send(
                "COPY", url, expect={201, 204}, about=source, headers=headers, wait=LONG_ANSWER
            ),
            happened,
        )

    def onto(self, target: str, guard: Guard) -> dict[str, str]:
        """The headers that name the target of a MOVE or COPY and guard it."""
        url = self.url(target)
        headers = {"Destination": url, "Overwrite": "F" if guard.absent else "T"}
        if guard.etag is not None:
            headers["If"] = f'<{url}> (["{guard.etag}"])'
        return headers

    def _check_target(self, source: str, target: str, guard: Guard) -> None:
        self.server.rules.check(target)
        if source == target or is_below(target, source) or is_below(source, target):
            raise Forbidden(f"“{source}” and “{target}” lie in each other. Choose another place.")
        if guard.etag is not None and not self.server.dav_url:
            self.check_guard(target, guard)

    def check_guard(self, path: str, guard: Guard) -> Entry | None:
        """What stands at `path`. Raises Conflict where that is not what `guard` allows."""
        found = self.found(path)
        if (guard.absent and found) or (guard.etag is not None and (not found or found.etag != guard.etag)):
            raise Conflict(f"“{path}” was changed elsewhere meanwhile; nothing was overwritten.")
        return found

    def delete(self, path: str, *, for_good: bool = False) -> None:
        path = normalise(path)
        self._refuse_top(path)
        url = self.url(path)
        headers = {"X-NC-Skip-Trashbin": "true"} if for_good else {}
        done = {204} if self.server.dav_url else {200, 204}
        self.settle(
            lambda: self.connection.send("DELETE", url, expect=done, about=path, headers=headers, wait=LONG_ANSWER),
            lambda: self.found(path) is None,
        )

    def set_modified(self, path: str, modified: float) -> None:
        """A server that does not let us leaves the time as it is."""
        path = normalise(path)
        body = multistatus.proppatch(f"{multistatus.DAV}lastmodified", str(int(modified)))
        done = {207} if self.server.dav_url else {207, 403, 405, 409, 501}
        self.connection.send("PROPPATCH", self.url(path), expect=done, about=path, content=body)

    def _refuse_top(self, *paths: str) -> None:
        for path in paths:
            if path == "/" or path in self._tops.paths:
                raise Forbidden(f"“{path}” is one of the library's own folders; it stays where it is.")


def _range(path: str, response: httpx.Response, start: int, length: int | None) -> Iterator[bytes]:
    """The bytes from `start` out of an answer that may hold more than was asked for; all of them, or Unavailable."""
    first, total = 0, int(response.headers.get("Content-Length", -1))
    if response.status_code == 206:
        found = _RANGE.fullmatch(response.headers.get("Content-Range", ""))
        if not found or int(found[1]) > start:
            raise Unavailable(f"The server sent another part of “{path}” than it was asked for. Try again.")
        first, total = int(found[1]), -1 if found[2] == "*" else int(found[2])
    skip = start - first
    rest = length if total < 0 else max(total - start, 0) if length is None else min(length, max(total - start, 0))
    for block in blocks(response, path):
        piece = block[skip:]
        skip -= len(block) - len(piece)
        if rest is not None:
            piece = piece[:rest]
            rest -= len(piece)
        if piece:
            yield piece
        if rest == 0:
            return
    if rest:
        raise Unavailable(f"The server ended “{path}” too early. Try again.")
