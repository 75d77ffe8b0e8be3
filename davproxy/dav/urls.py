"""Between URLs and tree paths: what a request or a header names, and the href of an entry."""

from functools import lru_cache
from urllib.parse import quote

from davproxy import paths
from davproxy.errors import BadPath
from davproxy.server.targets import decode_path

MOUNT = "/dav"
"""The URL path of the tree."""


@lru_cache(maxsize=2048)
def tree_path(path: str) -> str:
    """The tree path of a decoded URL path below MOUNT. Raises BadPath."""
    return paths.normalise(path.removeprefix(MOUNT))


def is_mounted(path: str) -> bool:
    """Whether a decoded URL path lies in the tree."""
    return path == MOUNT or path.startswith(MOUNT + "/")


def path_of_url(url: str) -> str:
    """The tree path of a URL with or without scheme and host, as the headers Destination and If name one.

    The host is not looked at: a proxy in front may have changed it. Raises BadPath when it does not lie in the tree.
    """
    raw = url if url.startswith("/") else "/" + url.partition("//")[2].partition("/")[2]
    path = decode_path(raw)
    if not is_mounted(path):
        raise BadPath(f"The destination must lie below {MOUNT}/ of this server.")
    return tree_path(path)


@lru_cache(maxsize=65536)
def _quote(name: str) -> str:
    return quote(name, safe="!*(),$-_.~")


def href(path: str, *, is_folder: bool, mount: str = MOUNT) -> str:
    """The URL path of an entry, quoted; a folder's ends with a slash."""
    quoted = mount + "/".join(map(_quote, path.split("/")))
    return quoted + "/" if is_folder and not quoted.endswith("/") else quoted
