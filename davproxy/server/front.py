"""The front of both doors: checks host name, credentials and size of each request, and answers errors."""

from collections.abc import Iterable
from http import HTTPStatus
from typing import Any, Protocol
from urllib.parse import urlsplit
from wsgiref.types import StartResponse, WSGIApplication

from loguru import logger

from davproxy import paths
from davproxy.access import Access, is_loopback
from davproxy.errors import DavproxyError, Forbidden
from davproxy.server import refusals
from davproxy.server.origin import Origin
from davproxy.server.refusals import BROKEN
from davproxy.server.response_cache import Key
from davproxy.server.targets import decode_path
from davproxy.settings import over_upload_limit

Environ = dict[str, Any]


class Mount(Protocol):
    """An application that takes some of the requests; its clients sign in with HTTP authentication."""

    def takes(self, method: str, path: str) -> bool:
        """Whether a request for the decoded URL path `path` (or `*`) is for this application."""

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request. Raises DavproxyError where it fails before the response begins."""

    def repeat(self, key: Key) -> bytes | None:
        """The body of an earlier response, by its key; None once the body would differ."""


class Front:
    """A WSGI application that checks requests and passes them to the mount, or else to the web pages.

    The web pages have a sign-in of their own, with the same Access.
    """

    def __init__(self, mount: Mount, pages: WSGIApplication, access: Access, origin: Origin, upload_limit: int) -> None:
        self._mount = mount
        self._pages = pages
        self._access = access
        self._origin = origin
        self._upload_limit = upload_limit

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request; any exception becomes an error response."""
        try:
            return self._admit(environ, start_response)
        except DavproxyError as error:
            return _refuse(error, environ, start_response)
        except Exception:  # noqa: BLE001 - the client gets a response and the log the reason
            logger.exception("A request failed")
            return _refuse(DavproxyError(BROKEN), environ, start_response)

    def _admit(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        forwarded = self._origin.resolve(environ)
        if not self._access.required and (forwarded or not is_loopback(environ["REMOTE_ADDR"])):
            raise Forbidden("Without a password only this machine may come in. Set APP_USERNAME and APP_PASSWORD.")
        path = "*" if environ["REQUEST_URI"] == "*" else decode_path(environ["REQUEST_URI"])
        mounted = self._mount.takes(environ["REQUEST_METHOD"], path)
        if mounted and not self._access.authenticate(environ):
            return self._challenge(environ, start_response)
        if int(environ.get("CONTENT_LENGTH") or 0) > self._upload_limit:
            raise over_upload_limit(self._upload_limit)
        if not mounted:
            paths.normalise(path)
            return self._pages(environ, start_response)
        self._check_destination(environ)
        return self._mount(environ, start_response)

    def _challenge(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        body = b"Sign in with the user name and password of this server.\n"
        headers = [("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", str(len(body)))]
        start_response("401 Unauthorized", [*self._access.challenges(environ), *headers])
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]

    def _check_destination(self, environ: Environ) -> None:
        """Raise _BadGateway where a COPY or MOVE goes to a server that is not this one (RFC 4918, 9.8.5)."""
        host = urlsplit(environ.get("HTTP_DESTINATION", "")).netloc.rpartition("@")[2]
        if host and not self._origin.is_ours(host):
            raise _BadGateway("The destination lies on another server. Copy it there in two steps.")


class _BadGateway(DavproxyError):
    status = 502


def _refuse(error: DavproxyError, environ: Environ, start_response: StartResponse) -> list[bytes]:
    headers, body = refusals.render(environ["PATH_INFO"], error.status, error.message)
    start_response(f"{error.status} {HTTPStatus(error.status).phrase}", headers)
    return [body]
