"""The one gate before WebDAV and the web pages: who, which host, which path, how much; and a line in the log."""

import time
from collections.abc import Callable, Iterable, Iterator
from http import HTTPStatus
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication

from loguru import logger

from davproxy import paths
from davproxy.access import Access, is_loopback
from davproxy.dav import multistatus, urls
from davproxy.dav.door import answer_listing, read_small
from davproxy.dav.provider import BROKEN
from davproxy.errors import DavproxyError, Forbidden, TooLarge
from davproxy.model import Entry
from davproxy.server import refusals
from davproxy.server.origin import Origin
from davproxy.server.response_cache import REPEAT, Again

Environ = dict[str, Any]


class Front:
    """A WSGI application that admits requests and passes them to the door or to the web pages.

    The tree hangs at /dav/. Windows asks the server's root about WebDAV first, so OPTIONS and PROPFIND of `/` are
    answered here: a folder that holds `dav`. The web pages sign people in by themselves, with the same Access.
    """

    def __init__(
        self, door: WSGIApplication, web: WSGIApplication, access: Access, origin: Origin, upload_limit: int
    ) -> None:
        self._door = door
        self._web = web
        self._access = access
        self._origin = origin
        self._upload_limit = upload_limit

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request, whatever happens."""
        log = AccessLog(environ, start_response)
        try:
            answer = self._admit(environ, log.start_response)
            if again := environ.pop(REPEAT, None):
                self._allow_again(environ, again, log.status)
            return log.watch(answer)
        except DavproxyError as error:
            return log.watch(_refuse(error, environ, log.start_response))
        except Exception:  # noqa: BLE001 - the client gets an answer and the log the reason
            logger.exception("A request failed")
            return log.watch(_refuse(DavproxyError(BROKEN), environ, log.start_response))

    def _admit(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        forwarded = self._origin.settle(environ)
        if not self._access.required and (forwarded or not is_loopback(environ["REMOTE_ADDR"])):
            raise Forbidden("Without a password only this machine may come in. Set APP_USERNAME and APP_PASSWORD.")
        path = "*" if environ["REQUEST_URI"] == "*" else urls.decoded(environ["REQUEST_URI"])
        at_root = path in ("/", "*") and environ["REQUEST_METHOD"] in ("OPTIONS", "PROPFIND")
        mounted = urls.is_mounted(path)
        if mounted or at_root:
            if not self._access.authenticate(environ):
                return self._challenge(environ, start_response)
            environ["wsgidav.auth.user_name"] = "player"  # there is one person, and locks want a name
        if int(environ.get("CONTENT_LENGTH") or 0) > self._upload_limit:
            limit = f"{self._upload_limit >> 20} MiB"
            raise TooLarge(f"The file is larger than the {limit} this server takes (UPLOAD_LIMIT).")
        if at_root:
            return self._root(environ, start_response)
        if mounted:
            environ["SCRIPT_NAME"] = urls.MOUNT
            tree_path = urls.tree_path(path)
            environ["PATH_INFO"] = tree_path + "/" if path.endswith("/") and tree_path != "/" else tree_path
            self._check_destination(environ)
            return self._door(environ, start_response)
        paths.normalise(path)
        return self._web(environ, start_response)

    def _allow_again(self, environ: Environ, again: Again, status: str) -> None:
        """Let the same request have its answer again, while nobody guesses passwords; a digest is for one time."""
        method, path, address = environ["REQUEST_METHOD"], environ["REQUEST_URI"], environ["REMOTE_ADDR"]

        def allowed() -> bytes | None:
            began = time.perf_counter()
            body = None if self._access.doubts(address) else again()
            if body is not None:
                write_line(method, path, status, began)
            return body

        if environ.get("HTTP_AUTHORIZATION", "")[:6].lower() != "digest":
            environ[REPEAT] = allowed

    def _challenge(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        body = b"Sign in with the user name and password of this server.\n"
        headers = [("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", str(len(body)))]
        start_response("401 Unauthorized", [*self._access.challenges(environ), *headers])
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]

    def _check_destination(self, environ: Environ) -> None:
        header = environ.get("HTTP_DESTINATION", "")
        host = urls.destination(header)[0] if header else ""
        if host and not self._origin.is_ours(host):
            raise _BadGateway("The destination lies on another server. Copy it there in two steps.")

    def _root(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] == "OPTIONS":
            headers = [("DAV", "1, 2"), ("MS-Author-Via", "DAV"), ("Allow", "OPTIONS, GET, HEAD, PROPFIND")]
            start_response("200 OK", [*headers, ("Content-Length", "0")])
            return []
        folders = [Entry("/", is_folder=True), Entry(urls.MOUNT, is_folder=True)]
        shown = folders[:1] if environ.get("HTTP_DEPTH") == "0" else folders
        listing = multistatus.render(shown, multistatus.parse(read_small(environ)), mount="")
        return answer_listing(listing, start_response)


class _BadGateway(DavproxyError):
    status = 502


def _refuse(error: DavproxyError, environ: Environ, start_response: StartResponse) -> list[bytes]:
    headers, body = refusals.worded(environ["PATH_INFO"], error.status, error.message)
    start_response(f"{error.status} {HTTPStatus(error.status).phrase}", headers)
    return [body]


class AccessLog:
    """One line a request once its answer has left: method, path, status, duration."""

    def __init__(self, environ: Environ, start_response: StartResponse) -> None:
        self._method = environ["REQUEST_METHOD"]
        self._uri = environ["REQUEST_URI"]
        self._began = time.perf_counter()
        self._begin = start_response
        self.status = "500"

    def start_response(self, status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
        """Note the status on its way."""
        self.status = status[:3]
        return self._begin(status, headers, exc_info)

    def watch(self, body: Iterable[bytes]) -> Iterable[bytes]:
        """`body`, with the line written when it ends."""
        if isinstance(body, list):
            self.write()
            return body
        return _Watched(body, self.write)

    def write(self) -> None:
        """Write the line."""
        write_line(self._method, self._uri, self.status, self._began)


def write_line(method: str, uri: str, status: str, began: float) -> None:
    """The line of one request; `began` is what `perf_counter` said. A query may hold secrets and is left out."""
    path = uri.partition("?")[0]
    level = "WARNING" if status[0] == "5" else "DEBUG" if path.startswith("/static/") else "INFO"
    logger.log(
        level,
        "{method} {path} {status} {milliseconds} ms",
        method=method,
        path=path if path.isprintable() else paths.printable(path),
        status=int(status),
        milliseconds=round((time.perf_counter() - began) * 1000, 1),
    )


class _Watched:
    """A body that says when it is over."""

    def __init__(self, body: Iterable[bytes], over: Callable[[], None]) -> None:
        self._body = body
        self._over = over

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._body)

    def close(self) -> None:
        try:
            if hasattr(self._body, "close"):
                self._body.close()
        finally:
            self._over()
