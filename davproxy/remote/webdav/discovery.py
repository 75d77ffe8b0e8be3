"""What the server is and what it can do: determined once, at connect, from its status and capabilities."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, unquote, urlsplit

import httpx

from davproxy.errors import BadPath, DavproxyError, SignInRefused, Unavailable
from davproxy.paths import name_of, printable
from davproxy.remote.protocol import Features
from davproxy.remote.webdav.connection import Connection
from davproxy.remote.webdav.multistatus import DAV, propfind, resources

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
    rules: NameRules = NameRules()

    @property
    def files_path(self) -> str:
        """The decoded path of `files_url`."""
        return unquote(urlsplit(self.files_url).path).rstrip("/")


def discover(connection: Connection, url: str) -> Server:
    """Sign in to the server at `url` and return what it is and can do.

    `url` is the address of a Nextcloud, or of a folder on any WebDAV server. Raises Unavailable, SignInRefused.
    """
    base = url.partition("/remote.php")[0].rstrip("/")
    status = _json(connection, f"{base}/status.php")
    if "versionstring" not in status:
        return Server(features=Features(label="WebDAV server"), files_url=url.rstrip("/"))
    connection.keep_sessions()
    if status.get("maintenance"):
        raise Unavailable("The Nextcloud is in maintenance mode. Try again later.")
    capabilities = _json(connection, f"{base}/ocs/v2.php/cloud/capabilities?format=json", {"OCS-APIRequest": "true"})
    return nextcloud(base, _user(connection, f"{base}/remote.php/dav"), status, capabilities)


def nextcloud(base: str, user: str, status: Mapping[str, Any], answer: Mapping[str, Any]) -> Server:
    """The Nextcloud at the address `base` by its status and the answer about its capabilities, whatever they lack."""
    name, version = status.get("productname") or "Nextcloud", str(status.get("versionstring", ""))
    major = int(version.partition(".")[0]) if version.partition(".")[0].isdecimal() else 0
    capabilities = _object(answer, "ocs", "data", "capabilities")
    files, dav = _object(capabilities, "files"), _object(capabilities, "dav")
    dav_url = f"{base}/remote.php/dav"
    return Server(
        features=Features(
            label=f"{name} {version}",
            file_ids=True,
            recursive_etags=True,
            trash=bool(files.get("undelete")),
            search=True,
            bulk_read=major >= ZIP_SINCE,
        ),
        files_url=f"{dav_url}/files/{quote(user, safe='')}",
        dav_url=dav_url,
        user=user,
        chunks=bool(dav.get("chunking")),
        bulk_write=bool(dav.get("bulkupload")),
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
        response = connection.send("GET", url, expect={200}, about="/", headers=headers)
        value = response.json()
    except (SignInRefused, Unavailable):
        raise
    except (DavproxyError, ValueError):
        return {}
    return value if isinstance(value, dict) else {}


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
