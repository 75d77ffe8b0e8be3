"""What the server is and what it can do: determined once, at connect, from its status and capabilities."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, unquote, urlsplit

import httpx
from loguru import logger

from davproxy.errors import BadPath, DavproxyError, Unavailable
from davproxy.paths import name_of, printable
from davproxy.remote.protocol import Features
from davproxy.remote.webdav import notify_push
from davproxy.remote.webdav.connection import Connection
from davproxy.remote.webdav.multistatus import DAV, propfind, resources
from davproxy.remote.webdav.server_address import find_nextcloud, json_object

ZIP_SINCE = 31
"""The first major version of Nextcloud that sends chosen files of a folder as one zip."""


@dataclass(frozen=True, slots=True)
class NameRules:
    """Names that a Nextcloud refuses, in lower case, as its capabilities list them."""

    names: frozenset[str] = frozenset()
    basenames: frozenset[str] = frozenset()
    characters: frozenset[str] = frozenset()
    extensions: tuple[str, ...] = ()

    def check(self, path: str) -> None:
        """Raises BadPath where the server refuses the last name of `path`."""
        name = name_of(path)
        lower = name.lower()
        if (
            lower in self.names
            or lower.partition(".")[0] in self.basenames
            or lower.endswith(self.extensions or ("\0",))
            or not self.characters.isdisjoint(name)
        ):
            raise BadPath(f"Nextcloud does not take the name “{printable(name)}”. Choose another one.")


@dataclass(frozen=True, slots=True)
class Server:
    """A server and what it can do.

    `files_url` is the URL of the account's files. `dav_url` is Nextcloud's DAV endpoint and `user` the account's own
    name; both are empty on other servers. `chunks` and `bulk_write` say whether chunked and bulk uploads work.
    """

    features: Features
    files_url: str
    dav_url: str = ""
    user: str = ""
    chunks: bool = False
    bulk_write: bool = False
    push_url: str = ""
    """The websocket of notify_push; empty where it is not installed."""
    rules: NameRules = NameRules()

    @property
    def files_path(self) -> str:
        """The decoded path of `files_url`."""
        return unquote(urlsplit(self.files_url).path).rstrip("/")


def discover(connection: Connection, url: str) -> Server:
    """Sign in to the server at `url` and return what it is and can do.

    `url` is any address of a Nextcloud, or that of a folder on another WebDAV server.
    Raises Unavailable, SignInRefused.
    """
    url = url.rstrip("/")
    found = find_nextcloud(connection, url)
    if found is None or (not found.certain and _is_dav_folder(connection, url)):
        connection.move_to(url)
        return Server(features=Features(label="WebDAV server", address=url), files_url=url)
    if found.address != url:
        logger.info("{} is understood as the Nextcloud at {}", url, found.address)
    connection.keep_sessions()
    if found.status.get("maintenance"):
        raise Unavailable("The Nextcloud is in maintenance mode. Try again later.")
    capabilities = _json(
        connection, f"{found.address}/ocs/v2.php/cloud/capabilities?format=json", {"OCS-APIRequest": "true"}
    )
    user = _user(connection, f"{found.address}/remote.php/dav")
    return nextcloud(found.address, user, found.status, capabilities)


def _is_dav_folder(connection: Connection, url: str) -> bool:
    """Whether there is a WebDAV folder at `url` itself."""
    try:
        headers = {"Depth": "0"}
        connection.send("PROPFIND", url + "/", expect={207}, about="/", headers=headers)
    except DavproxyError:
        return False
    return True


def nextcloud(base: str, user: str, status: Mapping[str, Any], answer: Mapping[str, Any]) -> Server:
    """The Nextcloud at the address `base` by its status and its capabilities, which may be incomplete."""
    name, version = status.get("productname") or "Nextcloud", str(status.get("versionstring", ""))
    major = int(version.partition(".")[0]) if version.partition(".")[0].isdecimal() else 0
    capabilities = _object(answer, "ocs", "data", "capabilities")
    files, dav = _object(capabilities, "files"), _object(capabilities, "dav")
    dav_url = f"{base}/remote.php/dav"
    push_url = notify_push.endpoint(capabilities, base)
    return Server(
        features=Features(
            label=f"{name} {version}",
            address=base,
            file_ids=True,
            recursive_etags=True,
            trash=bool(files.get("undelete")),
            search=True,
            bulk_read=major >= ZIP_SINCE,
            checksums=True,
            favourites_of=user,
            push=bool(push_url),
        ),
        files_url=f"{dav_url}/files/{quote(user, safe='')}",
        dav_url=dav_url,
        user=user,
        chunks=bool(dav.get("chunking")),
        bulk_write=bool(dav.get("bulkupload")),
        push_url=push_url,
        rules=NameRules(
            names=_lower(files.get("forbidden_filenames", files.get("blacklisted_files")), ".htaccess"),
            basenames=_lower(files.get("forbidden_filename_basenames")),
            characters=_lower(files.get("forbidden_filename_characters"), "\\"),
            extensions=tuple(_lower(files.get("forbidden_filename_extensions"), ".part", ".filepart")),
        ),
    )


def _lower(names: Any, *default: str) -> frozenset[str]:
    """The texts in a list of the server in lower case; `default` where it sends no list."""
    return frozenset(name.lower() for name in (names if isinstance(names, list) else default) if isinstance(name, str))


def _object(value: Any, *keys: str) -> Mapping[str, Any]:
    """The object below `keys`; empty where there is none, for PHP sends an empty object as a list."""
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value if isinstance(value, dict) else {}


def _json(connection: Connection, url: str, headers: Mapping[str, str] | None = None) -> dict[str, Any]:
    """The JSON object at `url`; empty where there is no such object."""
    try:
        return json_object(connection.send("GET", url, expect={200}, about="/", headers=headers))
    except Unavailable:
        raise
    except DavproxyError:
        return {}


def _user(connection: Connection, dav_url: str) -> str:
    """The account's own name, which differs from the login where people sign in by e-mail address."""
    principal = f"{DAV}current-user-principal"
    response = connection.send(
        "PROPFIND", f"{dav_url}/", expect={207}, about="/", headers={"Depth": "0"}, content=propfind([principal])
    )
    check_multistatus(response)
    for resource in resources([response.content]):
        href = resource.properties.get(principal, "").rstrip("/")
        if href:
            return unquote(href.rpartition("/")[2])
    raise Unavailable("The Nextcloud does not say who we are. Check NEXTCLOUD_USERNAME and NEXTCLOUD_PASSWORD.")


def check_multistatus(response: httpx.Response) -> None:
    """Raises Unavailable for anything but XML, such as the web page of a portal or proxy between us and the server."""
    kind = response.headers.get("Content-Type", "")
    if not kind.startswith(("application/xml", "text/xml")):
        raise Unavailable("The server answered a listing with something else. Check NEXTCLOUD_URL.")
