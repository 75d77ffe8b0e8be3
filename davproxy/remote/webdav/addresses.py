"""Tree paths, and what the server calls the same files: URLs, paths in the account, hrefs."""

import unicodedata
from urllib.parse import quote

from davproxy.errors import BadPath
from davproxy.model import Entry
from davproxy.paths import normalise
from davproxy.remote.top_folders import TopFolders
from davproxy.remote.webdav.discovery import Server
from davproxy.remote.webdav.etags import timed_etag
from davproxy.remote.webdav.multistatus import Resource


class Addresses:
    """Translates both ways between tree paths and the server's names for them."""

    def __init__(self, server: Server, folder: str, tops: TopFolders) -> None:
        """`folder` is the library's path below the account's files."""
        self.tops = tops
        self._files_url = server.files_url
        self._files_path = server.files_path
        self._names = [name for name in folder.split("/") if name]
        self._root_url = "/".join([server.files_url, *map(_quote, self._names)])
        self._root_path = "/".join([server.files_path, *self._names])

    @property
    def root_urls(self) -> list[str]:
        """The URLs of the library's folder and of the folders above it in the account, the outermost first."""
        return ["/".join([self._files_url, *map(_quote, self._names[:end])]) for end in range(1, len(self._names) + 1)]

    def url(self, path: str) -> str:
        """The URL of a tree path. Raises BadPath."""
        return "/".join([self._root_url, *map(_quote, self.tops.to_remote(path))])

    def account_path(self, path: str) -> str:
        """A tree path as seen from the account's files: `/CloneHero/Songs/…`. Raises BadPath."""
        return "/".join([self._root_path[len(self._files_path) :], *self.tops.to_remote(path)])

    def tree_path(self, href_path: str) -> str | None:
        """The tree path of a decoded href; None outside the library, and for names that no path can hold."""
        if href_path != self._root_path and not href_path.startswith(self._root_path + "/"):
            return None
        names = unicodedata.normalize("NFC", href_path[len(self._root_path) :]).split("/")[1:]
        try:
            path = self.tops.to_tree(names)
            return normalise(path) if path else None
        except BadPath:
            return None

    def entry(self, resource: Resource) -> Entry | None:
        """The entry of a resource; None where it has no tree path."""
        path = self.tree_path(resource.path)
        if path is None:
            return None
        etag = resource.etag
        if not etag and not resource.is_folder:
            etag = timed_etag(resource.modified, resource.size)
        return Entry(
            path=path,
            is_folder=resource.is_folder,
            size=0 if resource.is_folder else resource.size,
            modified=resource.modified,
            etag=etag,
            file_id=resource.file_id,
            checksums=resource.checksums,
            mounted=resource.mounted,
        )


def _quote(name: str) -> str:
    return quote(name, safe="")
