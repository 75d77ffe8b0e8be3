"""The WebDAV application: fast ways for what clients ask most, WsgiDAV for the rest."""

from collections.abc import Callable, Iterable, Sequence
from io import BytesIO
from typing import Any
from wsgiref.types import StartResponse

from davproxy.dav import contents, multistatus, propfind, urls
from davproxy.dav.junk import Junk
from davproxy.dav.locks import Locks, Properties
from davproxy.dav.propfind import Propfind
from davproxy.dav.provider import webdav
from davproxy.dav.status import Status
from davproxy.dav.verbs import DESTINATION
from davproxy.dav.view import View
from davproxy.errors import BadBody, TooLarge
from davproxy.jobs import Jobs
from davproxy.library import Library
from davproxy.model import Entry
from davproxy.server.response_cache import Key
from davproxy.server.targets import decoded

XML_LIMIT = 64 * 1024
"""Largest body of a request that is not an upload."""

Environ = dict[str, Any]


class Door:
    """The application behind `/dav/`, as `davproxy.server.front.Mount` describes it.

    Windows asks the server's root about WebDAV first, so OPTIONS and PROPFIND of `/` are answered here too: a folder
    that holds `dav`.
    """

    def __init__(self, library: Library, jobs: Jobs, headlines: Callable[[], Sequence[str]]) -> None:
        """`headlines` gives the lines about the library that head `/Status/STATUS.txt`."""
        self._library = library
        locks, properties = Locks(), Properties()
        view = View(library, Status(jobs, headlines), Junk(), locks)
        self._view = view
        self._webdav = webdav(view, locks, properties)
        self._propfind = Propfind(view, locks, properties)

    def takes(self, method: str, path: str) -> bool:
        """Whether the request is for the tree, or asks the root about WebDAV."""
        return urls.is_mounted(path) or (path in ("/", "*") and method in ("OPTIONS", "PROPFIND"))

    def repeat(self, key: Key) -> bytes | None:
        """The body of a response of `propfind` or `contents`, if it would be the same now."""
        self._library.activity.note()
        kind, *rest = key
        return self._propfind.repeat(*rest) if kind == propfind.KIND else contents.repeat(self._view, *rest)

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request. Raises DavproxyError where it fails before the response begins."""
        raw = environ["REQUEST_URI"]
        path = "*" if raw == "*" else decoded(raw)
        if not urls.is_mounted(path):
            return _root(environ, start_response)
        self._library.activity.note()
        tree_path = urls.tree_path(path)
        environ["SCRIPT_NAME"] = urls.MOUNT
        environ["PATH_INFO"] = tree_path + "/" if path.endswith("/") and tree_path != "/" else tree_path
        environ["wsgidav.auth.user_name"] = "player"  # there is one person, and locks want a name
        return self._answer(environ, start_response)

    def _answer(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        method, path = environ["REQUEST_METHOD"], environ["PATH_INFO"]
        if method in ("GET", "HEAD"):
            return contents.serve(self._view, path.rstrip("/") or "/", environ, start_response)
        if method != "PUT":
            body = _read_small(environ)
            if method == "PROPFIND":
                listing = self._propfind.answer(path.rstrip("/") or "/", environ, body)
                if listing is not None:
                    return _multi_status(listing, start_response)
        if header := environ.get("HTTP_DESTINATION"):
            environ[DESTINATION] = urls.destination(header)[1]
        environ["wsgidav.all_input_read"] = 1  # the connection looks after what is left of the body
        return self._webdav(environ, start_response)  # type: ignore[no-any-return]


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
    length = sum(map(len, listing))
    headers = [("Content-Type", "application/xml; charset=utf-8"), ("Content-Length", str(length))]
    start_response("207 Multi-Status", headers)
    return listing


def _read_small(environ: Environ) -> bytes:
    """The body of a request that carries XML at most, put back for whoever reads it next, chunked or not.

    Raises TooLarge, and BadBody for what could blow up in a parser.
    """
    length = environ.get("CONTENT_LENGTH") or "0"
    if length == "0" and not environ.get("wsgi.input_terminated"):
        return b""
    if int(length) > XML_LIMIT:
        raise TooLarge(f"The body of this request is larger than {XML_LIMIT // 1024} KiB.")
    body: bytes = environ["wsgi.input"].read(XML_LIMIT + 1)
    if len(body) > XML_LIMIT:
        raise TooLarge(f"The body of this request is larger than {XML_LIMIT // 1024} KiB.")
    if b"<!DOCTYPE" in body or b"<!ENTITY" in body:
        raise BadBody("A document type has no place in the body of this request.")
    environ["wsgi.input"], environ["CONTENT_LENGTH"] = BytesIO(body), str(len(body))
    environ.pop("HTTP_TRANSFER_ENCODING", None)
    return body
