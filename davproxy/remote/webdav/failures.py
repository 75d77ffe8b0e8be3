"""Failures of an HTTP server, translated once: into an error of ours, and whether a retry may help."""

import html
import re
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import httpx

from davproxy.errors import (
    BadPath,
    Conflict,
    DavproxyError,
    Locked,
    NoSpace,
    NotFound,
    RemoteRefused,
    TooLarge,
    Unavailable,
)

_READING = ("GET", "HEAD", "OPTIONS", "PROPFIND", "REPORT", "SEARCH")


class InDoubt(Unavailable):
    """The response was lost: the server may have carried out the request. Check before sending it again."""


class NotUnderstood(Unavailable):
    """The server calls a request malformed. Apache says so of a path below a file."""


class Transient(Exception):
    """An error that a retry may get past, and the seconds that the server asks us to wait before it."""

    def __init__(self, error: DavproxyError, after: float = 0.0) -> None:
        super().__init__(error)
        self.error = error
        self.after = after


@contextmanager
def translate_errors(about: str, may_repeat: bool, *, final: bool = False) -> Iterator[None]:
    """Raise an error of httpx as one of ours about the tree path `about`.

    Unavailable where the server cannot be reached; for a lost response Transient if the request may be repeated, else
    InDoubt. With `final` there is no retry, so a lost response is Unavailable.
    """
    try:
        yield
    except (httpx.ConnectError, httpx.ConnectTimeout, httpx.UnsupportedProtocol, httpx.InvalidURL) as error:
        raise Unavailable(
            f"The server cannot be reached: {_reason(error)}. Check NEXTCLOUD_URL and the network."
        ) from error
    except httpx.PoolTimeout as error:
        raise Unavailable("All connections to the server are busy. Try again in a moment.") from error
    except (httpx.HTTPError, httpx.StreamError) as error:
        message = f"The server's answer about “{about}” did not arrive: {_reason(error)}."
        # After a whole read timeout another attempt would double the wait.
        if final or (may_repeat and isinstance(error, httpx.ReadTimeout)):
            raise Unavailable(message) from error
        if may_repeat:
            raise Transient(Unavailable(message)) from error
        raise InDoubt(message) from error


def _reason(error: Exception) -> str:
    return str(error).rstrip(".") or type(error).__name__


def _server_words(response: httpx.Response) -> str:
    """What the server says in the error document of a Nextcloud (sabre/dav), after a colon; else nothing."""
    match = re.search(rb"<s:message>([^<]{1,500})</s:message>", response.content)
    return f": {html.unescape(match[1].decode('utf-8', 'replace')).strip().rstrip('.')}" if match else ""


def retry_after(response: httpx.Response) -> float:
    """Seconds of the Retry-After header; 0 without one, or where it is a date."""
    raw = response.headers.get("Retry-After", "")
    return float(raw) if raw.isdecimal() else 0.0


def error_for(method: str, response: httpx.Response, about: str) -> DavproxyError:
    """The error of ours that an unexpected status means."""
    status = response.status_code
    if 300 <= status < 400:
        host = urlsplit(response.headers.get("Location", "")).netloc
        return Unavailable(
            f"The server sends us elsewhere{f' ({host})' if host else ''}. Set NEXTCLOUD_URL to its final address."
        )
    match status:
        case 400 if method in ("PUT", "MKCOL", "MOVE", "COPY"):
            return BadPath(f"The server refuses the name of “{about}”. Choose another one.")
        case 400:
            return NotUnderstood(f"The server does not understand what it was asked about “{about}”.")
        case 403 if method in _READING:
            return RemoteRefused(
                f"The server does not allow that for “{about}”{_server_words(response)}. Give the account of "
                "NEXTCLOUD_USERNAME the right to read it, or see which rule on the server denies it."
            )
        case 403:
            return RemoteRefused(
                f"The server does not allow that for “{about}”{_server_words(response)}. Give the account of "
                "NEXTCLOUD_USERNAME the right to change it: what is shared, a group folder or external storage can be "
                "read-only."
            )
        case 405 | 501:
            return RemoteRefused(f"The server does not allow that for “{about}”{_server_words(response)}.")
        case 404:
            return NotFound(f"There is no “{about}”.")
        case 409:
            return NotFound(f"The folder that should hold “{about}” is not there.")
        case 412:
            return Conflict(f"“{about}” was changed elsewhere meanwhile; nothing was overwritten.")
        case 413:
            return TooLarge(f"“{about}” is larger than the server takes.")
        case 423:
            return Locked(f"“{about}” is being used on the server. Try again in a moment.")
        case 429:
            return Unavailable(
                "The server has had too many requests from us, or too many wrong passwords. Wait a little."
            )
        case 503:
            return Unavailable("The server is not available: it may be in maintenance. Try again later.")
        case 402 | 406 | 415 | 422 | 451:  # such as a virus scanner's: another attempt would be refused as well
            return RemoteRefused(f"The server refuses “{about}”{_server_words(response)}.")
        case 507:
            return NoSpace(f"There is no room on the server for “{about}”. Free some space there and try again.")
    return Unavailable(f"The server answered {method} of “{about}” with status {status}, which was not expected.")
