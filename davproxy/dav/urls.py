"""Between URLs and tree paths: what a request asks for, where a Destination points, and the href of an entry."""

from functools import lru_cache
from urllib.parse import quote

from davproxy import paths
from davproxy.errors import BadPath
from davproxy.server.targets import decoded

MOUNT = "/dav"
"""Where the tree hangs."""


@lru_cache(maxsize=2048)
def tree_path(path: str) -> str:
    """The tree path of a decoded URL path below MOUNT. Raises BadPath."""
    return paths.normalise(path.removeprefix(MOUNT))


def is_mounted(path: str) -> bool:
    """Whether a decoded URL path lies in the tree."""
    return path == MOUNT or path.startswith(MOUNT + "/")


def destination(header: str) -> tuple[str, str]:
    """(host, tree path) of a Destination header; the host is empty when it names only a path.

    Raises BadPath when it does not point into the tree.
    """
    if header.startswith("/"):
        host, raw = "", header
    else:
        host, _, below = header.partition("//")[2].partition("/")
        host, raw = host.rpartition("@")[2], "/" + below
    path = decoded(raw)
    if not is_mounted(path):
        raise BadPath(f"The destination must lie below {MOUNT}/ of this server.")
    return host.lower(), tree_path(path)


@lru_cache(maxsize=65536)
def _quoted(name: str) -> str:
    return quote(name, safe="!*(),$-_.~")


def href(path: str, *, is_folder: bool, mount: str = MOUNT) -> str:
    """The URL path of an entry, quoted; a folder's ends with a slash."""
    quoted = mount + "/".join(map(_quoted, path.split("/")))
    return quoted + "/" if is_folder and not quoted.endswith("/") else quoted


def reference(path: str) -> str:
    """The name under which locks and dead properties of `path` are kept."""
    return quote(path)
