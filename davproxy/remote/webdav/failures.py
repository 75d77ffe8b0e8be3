"""What goes wrong between us and an HTTP server, in our words, and whether asking again may help."""

from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import httpx

from davproxy.errors import (
    BadPath,
    Conflict,
    DavproxyError,
    Forbidden,
    Locked,
    NoSpace,
    NotFound,
    TooLarge,
    Unavailable,
)


class InDoubt(Unavailable):
    """The answer was lost: the request may have been carried out. Look before sending it again."""


class Transient(Exception):
    """Carries an error that may pass, and the seconds the server asks us to wait."""

    def __init__(self, error: DavproxyError, after: float = 0.0) -> None:
        super().__init__(error)
        self.error = error
        self.after = after


@contextmanager
def translated(about: str, may_repeat: bool, *, final: bool = False) -> Iterator[None]:
    """Turns what httpx raises into an error of ours: one to retry, one in doubt, or (`final`) a plain one."""
    try:
        yield
    except (httpx.ConnectError, httpx.ConnectTimeout, httpx.UnsupportedProtocol) as error:
        raise Unavailable(
            f"The server cannot be reached: {_reason(error)}. Check NEXTCLOUD_URL and the network."
        ) from error
    except httpx.PoolTimeout as error:
        raise Unavailable("All connections to the server are busy. Try again in a moment.") from error
    except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError) as error:
        message = f"The server's answer about “{about}” did not arrive: {_reason(error)}."
        # A server that is silent for so long is not asked again.
        if final or (may_repeat and isinstance(error, httpx.ReadTimeout)):
            raise Unavailable(message) from error
        if may_repeat:
            raise Transient(Unavailable(message)) from error
        raise InDoubt(message) from error


def _reason(error: Exception) -> str:
    return str(error).rstrip(".") or type(error).__name__


def retry_after(response: httpx.Response) -> float:
    raw = response.headers.get("Retry-After", "")
    return float(raw) if raw.isdecimal() else 0.0


def error_for(method: str, response: httpx.Response, about: str) -> DavproxyError:
    status = response.status_code
    if 300 <= status < 400:
        host = urlsplit(response.headers.get("Location", "")).netloc
        return Unavailable(
            f"The server sends us elsewhere{f' ({host})' if host else ''}. Set NEXTCLOUD_URL to its final address."
        )
    match status:
        case 400 if method in ("PUT", "MKCOL", "MOVE", "COPY"):
            return BadPath(f"The server refuses the name of “{about}”. Choose another one.")
        case 403 | 405 | 501:
            return Forbidden(f"The server does not allow that for “{about}”.")
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
        case 507:
            return NoSpace(f"There is no room on the server for “{about}”. Free some space there and try again.")
    return Unavailable(f"The server answered {method} of “{about}” with status {status}, which was not expected.")
