"""The WebDAV application: fast ways for what clients ask most, WsgiDAV for the rest."""

import time
from collections.abc import Callable, Iterable, Sequence
from io import BytesIO
from typing import Any
from wsgiref.types import StartResponse

from davproxy.dav import contents, urls
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
from davproxy.server.response_cache import REPEAT, Again

XML_LIMIT = 64 * 1024
"""Largest body of a request that is not an upload."""

Environ = dict[str, Any]


class Door:
    """Answers requests whose `PATH_INFO` is a tree path already checked by the front."""

    def __init__(self, library: Library, jobs: Jobs, headlines: Callable[[], Sequence[str]]) -> None:
        self._library = library
        locks, properties = Locks(), Properties()
        view = View(library, Status(jobs, headlines), Junk(), locks)
        self._view = view
        self._webdav = webdav(view, locks, properties)
        self._propfind = Propfind(view, locks, properties)

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request. Raises DavproxyError where it fails before it begins to answer."""
        self._library.asked = time.monotonic()
        answer = self._answer(environ, start_response)
        if again := environ.get(REPEAT):
            environ[REPEAT] = lambda: self._noting(again)
        return answer

    def _noting(self, again: Again) -> bytes | None:
        self._library.asked = time.monotonic()
        return again()

    def _answer(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        method, path = environ["REQUEST_METHOD"], environ["PATH_INFO"]
        if method in ("GET", "HEAD"):
            return contents.serve(self._view, path.rstrip("/") or "/", environ, start_response)
        if method != "PUT":
            body = read_small(environ)
            if method == "PROPFIND":
                listing = self._propfind.answer(path.rstrip("/") or "/", environ, body)
                if listing is not None:
                    return answer_listing(listing, start_response)
        if header := environ.get("HTTP_DESTINATION"):
            environ[DESTINATION] = urls.destination(header)[1]
        environ["wsgidav.all_input_read"] = 1  # the connection looks after what is left of the body
        return self._webdav(environ, start_response)  # type: ignore[no-any-return]


def answer_listing(listing: bytes, start_response: StartResponse) -> list[bytes]:
    """A 207 with its XML."""
    headers = [("Content-Type", "application/xml; charset=utf-8"), ("Content-Length", str(len(listing)))]
    start_response("207 Multi-Status", headers)
    return [listing]


def read_small(environ: Environ) -> bytes:
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
