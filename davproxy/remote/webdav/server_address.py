"""The address of a Nextcloud, found from any address that a person copies: of a page, a share, or a DAV folder."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin, urlsplit

import httpx

from davproxy.errors import DavproxyError, SignInRefused, Unavailable
from davproxy.remote.webdav.connection import Connection
from davproxy.remote.webdav.failures import error_for

STATUS = "/status.php"
"""What every Nextcloud answers to anybody, below its address."""
_ROUTES = {
    "apps", "avatar", "call", "core", "f", "index.php", "login", "logout", "lostpassword", "ocs", "public.php",
    "remote.php", "s", "settings", "status.php", "u",
}  # fmt: skip
"""How the paths of a Nextcloud's own pages and services begin below its address."""
_REDIRECTS = {301, 302, 303, 307, 308}
_MOST_REDIRECTS = 3


@dataclass(frozen=True, slots=True)
class Found:
    """A Nextcloud: its `address` without a slash at its end, and its `status`, a JSON object.

    `certain` is False where what follows the address in the given one is no page of a Nextcloud, so that another server
    may be there.
    """

    address: str
    status: dict[str, Any]
    certain: bool


def find_nextcloud(connection: Connection, url: str) -> Found | None:
    """The Nextcloud that the address `url` belongs to; None where there is none. Nobody signs in for that.

    Afterwards `connection` is to its host. Raises Unavailable where that cannot be reached or sends us to another one.
    """
    unclear: Unavailable | None = None
    for candidate in candidates(url):
        try:
            found = _ask(connection, candidate)
        except SignInRefused:
            continue
        except Unavailable as error:
            if error.__cause__ is not None:
                raise  # no server answered, so none will at another path
            unclear = unclear or error
            continue
        except DavproxyError:
            continue
        if found is not None:
            rest = urlsplit(url).path.rstrip("/").removeprefix(urlsplit(candidate).path).split("/")
            return Found(*found, certain=len(rest) == 1 or rest[1] in _ROUTES)
    if unclear is not None:
        raise unclear
    return None


def candidates(url: str) -> Iterator[str]:
    """The addresses at which the server may be, the longest first: `url` cut at each slash, or before a `*.php`."""
    parts = urlsplit(url)
    names = [name for name in parts.path.split("/") if name]
    php = next((at for at, name in enumerate(names) if name.endswith(".php")), len(names))
    for end in range(php, -1, -1):
        yield "/".join([f"{parts.scheme}://{parts.netloc}", *names[:end]])


def _ask(connection: Connection, base: str) -> tuple[str, dict[str, Any]] | None:
    """The address and status of the Nextcloud at `base`; it may send us to https, or to another path."""
    for _ in range(_MOST_REDIRECTS):
        response = connection.send("GET", base + STATUS, expect={200, *_REDIRECTS}, about="/", signed_in=False)
        if response.status_code == 200:
            status = json_object(response)
            return (base, status) if "versionstring" in status else None
        target = urljoin(base + STATUS, response.headers.get("Location", ""))
        if not target.endswith(STATUS):
            return None  # to a sign-in page, such as from a page of an app
        if urlsplit(target).hostname != urlsplit(base).hostname:
            raise error_for("GET", response, "/")
        base = target.removesuffix(STATUS)
        connection.move_to(base)
    return None


def json_object(response: httpx.Response) -> dict[str, Any]:
    """The JSON object in a response; empty where there is none."""
    try:
        value = response.json()
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}
