"""The WebDAV application: conditions, GET, PUT and PROPFIND are answered here, WsgiDAV takes the other verbs."""

from collections.abc import Callable, Iterable, Sequence
from io import BytesIO
from typing import Any
from wsgiref.types import StartResponse

from wsgidav.dav_error import DAVError

from davproxy import paths
from davproxy.coordination import Coordination, InProcess
from davproxy.dav import get, multistatus, propfind, put, urls
from davproxy.dav.conditions import Conditions, State
from davproxy.dav.dead_properties import DeadProperties
from davproxy.dav.junk import Junk
from davproxy.dav.lock_storage import PRINCIPAL
from davproxy.dav.locks import Locks
from davproxy.dav.propfind import FiniteDepth, Propfind
from davproxy.dav.resources import CONDITIONS
from davproxy.dav.verbs import DESTINATION
from davproxy.dav.view import View
from davproxy.dav.webdav import answer_error, webdav
from davproxy.errors import TooLarge
from davproxy.jobs import Jobs
from davproxy.library import Library
from davproxy.model import Entry
from davproxy.server.response_cache import Key
from davproxy.server.targets import decode_path
from davproxy.status_folder import Status

XML_LIMIT = 64 * 1024
"""Largest body of a request that is not an upload."""

_READS = ("GET", "HEAD", "PROPFIND", "OPTIONS")
"""Methods that locks do not affect."""

Environ = dict[str, Any]


class Door:
    """The application behind `/dav/`, as `davproxy.server.front.Mount` describes it.

    Windows asks the server's root about WebDAV first, so OPTIONS and PROPFIND of `/` are answered here too: a folder
    that holds `dav`.
    """

    def __init__(
        self,
        library: Library,
        jobs: Jobs,
        headlines: Callable[[], Sequence[str]],
        coordination: Coordination | None = None,
    ) -> None:
        """`headlines` gives the lines about the library that head `/Status/STATUS.txt`."""
        self._library = library
        coordination = coordination or InProcess()
        self._locks = Locks(library.writers.released, coordination)
        library.writers.ask(self._locks.any_at)
        properties = DeadProperties(coordination)
        view = View(library, Status(jobs, headlines), Junk(coordination), self._locks)
        view.subscribe(properties.follow)
        self._view = view
        self._webdav = webdav(view, self._locks, properties)
        self._lock_manager = self._webdav.lock_manager
        self._propfind = Propfind(view, self._locks, properties)

    def takes(self, method: str, path: str) -> bool:
        """Whether the request is for the tree, or asks the root about WebDAV."""
        return urls.is_mounted(path) or (path in ("/", "*") and method in ("OPTIONS", "PROPFIND"))

    def repeat(self, key: Key) -> bytes | None:
        """The body of a response of `propfind` or `get`, if it would be the same now."""
        self._library.activity.note()
        kind, *rest = key
        return self._propfind.repeat(*rest) if kind == propfind.KIND else get.repeat(self._view, *rest)

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request. Raises DavproxyError where it fails before the response begins."""
        raw = environ["REQUEST_URI"]
        path = "*" if raw == "*" else decode_path(raw)
        if not urls.is_mounted(path):
            return _root(environ, start_response)
        self._library.activity.note()
        tree_path = urls.tree_path(path)
        environ["SCRIPT_NAME"] = urls.MOUNT
        environ["PATH_INFO"] = tree_path + "/" if path.endswith("/") and tree_path != "/" else tree_path
        environ["wsgidav.auth.user_name"] = PRINCIPAL
        return self._answer(tree_path, environ, start_response)

    def _answer(self, path: str, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        method = environ["REQUEST_METHOD"]
        if method not in _READS:
            self._locks.refresh()
        conditions = Conditions(environ)
        if conditions.check(method, path, self._state):
            return get.not_modified(self._view, path, start_response)
        if method in ("GET", "HEAD"):
            return get.serve(self._view, path, environ, start_response)
        if method in ("PUT", "LOCK", "MKCOL"):
            self._view.reopen_folder(paths.parent_of(path))
        if method == "PUT":
            return self._put(path, environ, conditions, start_response)
        body = _read_small(environ)
        if method == "PROPFIND":
            return self._list(path, environ, body, start_response, repeatable=not conditions)
        if header := environ.get("HTTP_DESTINATION"):
            environ[DESTINATION] = urls.path_of_url(header)
        environ[CONDITIONS] = conditions
        environ["wsgidav.conditions.if"] = None  # evaluated; WsgiDAV looks at the tokens only
        environ["wsgidav.ifLockTokenList"] = conditions.tokens
        environ["wsgidav.all_input_read"] = 1  # the connection looks after what is left of the body
        return self._webdav(environ, start_response)  # type: ignore[no-any-return]

    def _put(
        self, path: str, environ: Environ, conditions: Conditions, start_response: StartResponse
    ) -> Iterable[bytes]:
        try:
            return put.serve(self._view, self._lock_manager, path, environ, conditions, start_response)
        except DAVError as error:
            return answer_error(error, environ, start_response)

    def _state(self, path: str) -> State:
        """What is at a tree path, for conditions."""
        tokens = frozenset(lock.token for lock in self._locks.protecting(path))
        entry = self._view.find(path)
        if entry is None or self._view.is_only_locked(path):
            return State(tokens=tokens)
        return State(exists=True, etag=entry.etag, modified=entry.modified, tokens=tokens)

    def _list(
        self, path: str, environ: Environ, body: bytes, start_response: StartResponse, *, repeatable: bool
    ) -> list[bytes]:
        try:
            return _multi_status(self._propfind.answer(path, environ, body, repeatable=repeatable), start_response)
        except FiniteDepth as error:
            content = multistatus.error("propfind-finite-depth", error.message)
            headers = [("Content-Type", multistatus.XML), ("Content-Length", str(len(content)))]
            start_response("403 Forbidden", headers)
            return [content]


def _root(environ: Environ, start_response: StartResponse) -> list[bytes]:
    """OPTIONS or PROPFIND of the server's root."""
    if environ["REQUEST_METHOD"] == "OPTIONS":
        headers = [("DAV", "1, 2"), ("MS-Author-Via", "DAV"), ("Allow", "OPTIONS, GET, HEAD, PROPFIND")]
        start_response("200 OK", [*headers, ("Content-Length", "0")])
        return []
    folders = [Entry("/", is_folder=True), Entry(urls.MOUNT, is_folder=True)]
    shown = folders[:1] if environ.get("HTTP_DEPTH") == "0" else folders
    listing = multistatus.render(shown, multistatus.parse(_read_small(environ)), mount="")
    return _multi_status([listing], start_response)


def _multi_status(listing: list[bytes], start_response: StartResponse) -> list[bytes]:
    """A 207 with its XML."""
    headers = [("Content-Type", multistatus.XML), ("Content-Length", str(sum(map(len, listing))))]
    start_response("207 Multi-Status", headers)
    return listing


def _read_small(environ: Environ) -> bytes:
    """The body of a request with XML at most, chunked or not. It is put back for the next reader.

    Raises TooLarge, and BadBody for XML that is not safe to parse.
    """
    length = environ.get("CONTENT_LENGTH") or "0"
    if length == "0" and not environ.get("wsgi.input_terminated"):
        return b""
    body = b""
    if int(length) <= XML_LIMIT:
        body = environ["wsgi.input"].read(XML_LIMIT + 1)
    if max(int(length), len(body)) > XML_LIMIT:
        raise TooLarge(f"The body of this request is larger than {XML_LIMIT // 1024} KiB.")
    if body and environ["REQUEST_METHOD"] in ("PROPPATCH", "LOCK"):
        multistatus.parse_xml(body)
    environ["wsgi.input"], environ["CONTENT_LENGTH"] = BytesIO(body), str(len(body))
    environ.pop("HTTP_TRANSFER_ENCODING", None)
    return body
