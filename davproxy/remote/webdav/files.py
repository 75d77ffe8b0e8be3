"""The plain verbs of WebDAV on tree paths, as every server has them."""

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import count
from typing import TypeVar

import httpx

from davproxy.errors import AlreadyExists, Conflict, Forbidden, NotFound, RemoteRefused, Unavailable, WrongKind
from davproxy.model import ANYTHING, Entry, Guard
from davproxy.paths import normalise, parent_of
from davproxy.remote.checks import check_guard, refuse_top
from davproxy.remote.top_folders import TopFolders, making_top
from davproxy.remote.webdav import multistatus
from davproxy.remote.webdav.addresses import Addresses
from davproxy.remote.webdav.bodies import body_blocks
from davproxy.remote.webdav.connection import LONG_TIMEOUT, Connection
from davproxy.remote.webdav.discovery import Server, check_multistatus
from davproxy.remote.webdav.etags import has_etag
from davproxy.remote.webdav.failures import InDoubt, NotUnderstood
from davproxy.remote.webdav.multistatus import Resource
from davproxy.remote.webdav.ranges import range_blocks, range_header

MAX_REQUEST = 100_000_000
"""Bytes of the longest body that is sent in one request: what Cloudflare, the strictest common proxy, lets through."""
MAX_ATTEMPTS = 3
"""How often a change is sent whose response is lost each time."""
_REDIRECTS = {301, 302, 303, 307, 308}

T = TypeVar("T")


class Files:
    """The library's folder on the server."""

    def __init__(self, connection: Connection, server: Server, folder: str, tops: TopFolders) -> None:
        """`folder` is the library's path below the account's files."""
        self.connection = connection
        self.server = server
        self.addresses = Addresses(server, folder, tops)
        self.max_request = MAX_REQUEST
        """MAX_REQUEST for this server: smaller once it refused a body of that length."""
        self._making: set[str] = set()
        self._made = threading.Condition()
        self._properties = multistatus.NEXTCLOUD_LISTING if server.dav_url else multistatus.ENTRY

    def connect(self) -> None:
        """Make the library's folder and its top folders where they are missing, and find out what they are on.

        Raises Forbidden where they are end-to-end encrypted.
        """
        found: dict[str, Resource] = {}
        try:
            self.children("/", found)
        except NotFound:
            self.make_folder("/")
        for path in ("/", *self.addresses.tops.paths):
            if path in found and found[path].properties.get(multistatus.IS_ENCRYPTED) == "1":
                folder = self.addresses.account_path(path).strip("/")
                raise Forbidden(
                    f"The folder “{folder}” is end-to-end encrypted there: only apps of the Nextcloud can read it. "
                    "Set NEXTCLOUD_REMOTE_PATH to another folder."
                )
        for path in self.addresses.tops.paths:
            if path not in found or not found[path].is_folder:
                with making_top(path, level="WARNING"):
                    self.make_folder(path)
        external = [path for path, each in found.items() if each.properties.get(multistatus.MOUNT_TYPE) == "external"]
        if external:
            tops = self.addresses.tops.paths if "/" in external else external
            self.server = replace(self.server, features=replace(self.server.features, external=tuple(sorted(tops))))

    def url(self, path: str) -> str:
        """The URL of a tree path. Raises BadPath."""
        return self.addresses.url(path)

    # Listing

    def propfind(self, url: str, depth: str, about: str, names: Iterable[str] | None = None) -> Iterator[Resource]:
        """The resources of a listing, as they arrive. `names` are the properties; those of an entry by default."""
        with self.connection.stream(
            "PROPFIND",
            url,
            expect={207},
            about=about,
            headers={"Depth": depth, "Content-Type": "application/xml; charset=utf-8"},
            content=multistatus.propfind(names or self._properties),
        ) as response:
            check_multistatus(response)
            yield from multistatus.resources(body_blocks(response, about))

    def resource(self, path: str) -> Resource:
        """The resource at `path`. Raises NotFound."""
        try:
            for resource in self.propfind(self.url(path), "0", path):
                if resource.status == 200:
                    return resource
        except NotUnderstood:
            above = self.lookup(parent_of(path))
            if above is not None and above.is_folder:
                raise
        raise NotFound(f"There is no “{path}”.")

    def stat(self, path: str) -> Entry:
        path = normalise(path)
        entry = self.addresses.entry(self.resource(path))
        if entry is None:
            raise Unavailable(f"The server answers about another file than “{path}”.")
        return entry

    def lookup(self, path: str) -> Entry | None:
        """The entry at `path`, or None."""
        try:
            return self.stat(path)
        except NotFound:
            return None

    def children(self, path: str, found: dict[str, Resource] | None = None) -> list[Entry]:
        """What `Remote.children` promises. Into `found` go the resources by path, with the properties for `connect`."""
        path = normalise(path)
        own: Entry | None = None
        children: dict[str, Entry] = {}
        names = self._properties
        if found is not None and self.server.dav_url:
            names = (*names, multistatus.IS_ENCRYPTED)
        try:
            for resource in self.propfind(self.url(path) + "/", "1", path, names):
                if resource.status != 200:
                    raise Unavailable(f"The listing of “{path}” is not complete. Try again later.")
                entry = self.addresses.entry(resource)
                if entry and found is not None:
                    found[entry.path] = resource
                if entry and entry.path == path:
                    own = entry
                elif entry and parent_of(entry.path) == path:
                    children[entry.path] = entry
        except NotUnderstood:
            own = self.stat(path)
            if own.is_folder:
                raise
        if own is None:
            raise Unavailable(f"The server answers about another folder than “{path}”.")
        if not own.is_folder:
            raise WrongKind(f"“{path}” is a file, not a folder.")
        return list(children.values())

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
        headers = {"Accept-Encoding": "identity", "Range": range_header(start, length)}
        if etag is not None and self.server.dav_url:
            headers["If-Match"] = f'"{etag}"'
        try:
            with self.connection.stream(
                "GET", self.url(path), expect={200, 206, 416, *_REDIRECTS}, about=path, headers=headers
            ) as response:
                if response.status_code == 416:
                    yield iter(())
                    return
                self._check_file(path, response)
                if etag is not None and not self.server.dav_url:
                    self._check_etag(path, response, etag)
                yield range_blocks(path, response, start, length)
        except (Forbidden, NotFound):  # some servers answer so for a folder
            if self.stat(path).is_folder:
                raise WrongKind(f"“{path}” is a folder.") from None
            raise

    def _check_etag(self, path: str, response: httpx.Response, etag: str) -> None:
        """Raises Conflict where the response is of a file with another etag.

        It takes the place of If-Match, which fails with a weak etag, and which some servers do not know.
        """
        same = has_etag(response, etag)
        if not (self.stat(path).etag == etag if same is None else same):
            raise Conflict(f"“{path}” was changed meanwhile. Read it again.")

    def _check_file(self, path: str, response: httpx.Response) -> None:
        """Raises WrongKind for the page of a folder, Unavailable for that of a portal between us and the server."""
        if "ETag" not in response.headers:
            if self.stat(path).is_folder:
                raise WrongKind(f"“{path}” is a folder.")
            page = response.headers.get("Content-Type", "").startswith("text/html")
            if page or response.status_code in _REDIRECTS:
                raise Unavailable(f"The server answered “{path}” with a web page. Try again later.")

    # Changing

    def settle(self, act: Callable[[], T], happened: Callable[[], bool]) -> T | None:
        """The result of `act`. Where it is open whether it was done, `happened` decides: None if it was, else again.

        What an earlier attempt did can make a later one fail, so after a doubt `happened` decides about that too.
        """
        in_doubt = False
        for attempt in count(1):
            try:
                return act()
            except InDoubt:
                in_doubt = True
                if happened():
                    break
                if attempt == MAX_ATTEMPTS:
                    raise
            except (NotFound, AlreadyExists, Conflict):
                if in_doubt and happened():
                    break
                raise
        return None

    def make_folder(self, path: str, *, in_turn: bool = False) -> Entry | None:
        """What `Remote.make_folder` promises. `in_turn` is that of `connection.Options`."""
        path = normalise(path)
        if path == "/":
            for url in self.addresses.root_urls:
                self._mkcol(url, "/", missing_ok=True)
            return None
        self.server.rules.check(path)
        if not self.server.dav_url:
            self._make_where_missing(path)
            return None
        with self._nobody_else_making(path):
            try:
                return self._mkcol(self.url(path), path, in_turn=in_turn)
            except AlreadyExists:
                if not self.stat(path).is_folder:
                    raise WrongKind(f"“{path}” is a file, not a folder.") from None
                return None
            except NotFound:
                if parent_of(path) == "/":
                    raise
                self.make_folder(parent_of(path), in_turn=in_turn)
                return self._mkcol(self.url(path), path, missing_ok=True, in_turn=in_turn)

    @contextmanager
    def _nobody_else_making(self, path: str) -> Iterator[None]:
        """Wait for others: a Nextcloud that gets two requests at once for the same new folder can refuse both."""
        with self._made:
            self._made.wait_for(lambda: path not in self._making)
            self._making.add(path)
        try:
            yield
        finally:
            with self._made:
                self._making.remove(path)
                self._made.notify_all()

    def _make_where_missing(self, path: str) -> None:
        """Make the folder on a server of any kind, whose answers to MKCOL need not say what is wrong."""
        entry = self.lookup(path)
        if entry is None:
            if parent_of(path) != "/":
                self._make_where_missing(parent_of(path))
            try:
                self._mkcol(self.url(path), path, missing_ok=True)
            except RemoteRefused:
                # So Apache answers where somebody else makes the same folder at the same moment.
                if not ((entry := self.lookup(path)) and entry.is_folder):
                    raise
        elif not entry.is_folder:
            raise WrongKind(f"“{path}” is a file, not a folder.")

    def need_folder(self, path: str) -> None:
        """Raises NotFound where there is no folder at `path`, WrongKind for a file."""
        if path != "/" and not self.stat(path).is_folder:
            raise WrongKind(f"“{path}” is a file, not a folder.")

    def _mkcol(self, url: str, about: str, *, missing_ok: bool = False, in_turn: bool = False) -> Entry | None:
        """Make one folder. Returns its entry where the response has its id."""
        # nginx makes a folder only at a URL that ends with a slash.
        response = self.connection.send("MKCOL", f"{url}/", expect={201, 405}, about=about, in_turn=in_turn)
        if response.status_code == 405 and not missing_ok:
            raise AlreadyExists(f"“{about}” exists already.")
        file_id = multistatus.file_id_in(response.headers.get("OC-FileId", ""))
        if response.status_code == 405 or file_id is None:
            return None
        return Entry(about, True, modified=float(int(time.time())), file_id=file_id)

    def check_guard(self, path: str, guard: Guard) -> Entry | None:
        """The entry at `path`, or None. Raises Conflict where `guard` does not allow it."""
        entry = self.lookup(path)
        check_guard(path, entry, guard)
        return entry

    def delete(self, path: str, guard: Guard = ANYTHING, *, for_good: bool = False) -> None:
        """Delete a file or folder; `for_good` passes over the trash bin."""
        path = normalise(path)
        refuse_top(self.addresses.tops, path)
        url = self.url(path)
        headers = {"X-NC-Skip-Trashbin": "true"} if for_good else {}
        if guard.etag is not None and self.server.dav_url:
            headers["If-Match"] = f'"{guard.etag}"'
        elif not self.server.dav_url:
            entry = self.stat(path)
            check_guard(path, entry, guard)
            url += "/" if entry.is_folder else ""
        expect = {204} if self.server.dav_url else {200, 204}
        self.settle(
            lambda: self.connection.send("DELETE", url, expect=expect, about=path, headers=headers, wait=LONG_TIMEOUT),
            lambda: self.lookup(path) is None,
        )

    def compute_checksum(self, path: str) -> str:
        """Let a Nextcloud compute the SHA-1 of a file, and store it with it. Returns `SHA1:…`."""
        response = self.connection.send(
            "PATCH",
            self.url(path),
            expect={204},
            about=path,
            headers={"X-Recalculate-Hash": "sha1"},
            repeatable=True,
            wait=LONG_TIMEOUT,
        )
        checksum: str = response.headers.get("OC-Checksum", "")
        return checksum

    def set_modified(self, path: str, modified: float) -> None:
        """Set the modification time, in Unix seconds. A plain WebDAV server that refuses keeps its own."""
        path = normalise(path)
        body = multistatus.proppatch(f"{multistatus.DAV}lastmodified", str(int(modified)))
        expect = {207} if self.server.dav_url else {207, 403, 405, 409, 501}
        self.connection.send("PROPPATCH", self.url(path), expect=expect, about=path, content=body)
