"""Nextcloud's trash bin: what was deleted from the library, and its restoration.

https://docs.nextcloud.com/server/latest/developer_manual/client_apis/WebDAV/trashbin.html
"""

from collections.abc import Iterator
from urllib.parse import quote

from davproxy.errors import AlreadyExists, NotFound
from davproxy.model import Trashed
from davproxy.paths import name_of, parent_of
from davproxy.remote.webdav.files import Files
from davproxy.remote.webdav.multistatus import NEXTCLOUD, NEXTCLOUD_ENTRY

_LOCATION = f"{NEXTCLOUD}trashbin-original-location"
_DELETED = f"{NEXTCLOUD}trashbin-deletion-time"


class TrashBin:
    """An item's key is its file id, which it keeps in the bin and when it is restored."""

    def __init__(self, files: Files) -> None:
        self._files = files
        self._url = f"{files.server.dav_url}/trashbin/{quote(files.server.user, safe='')}"

    def contents(self) -> list[Trashed]:
        """What was deleted from the library, newest first."""
        return sorted((trashed for trashed, _ in self._listing()), key=lambda trashed: trashed.deleted, reverse=True)

    def restore(self, key: str) -> str:
        """Restore the item with this key and return its path. Raises NotFound, AlreadyExists."""
        items = {trashed.key: (trashed, name) for trashed, name in self._listing()}
        if key not in items:
            raise NotFound("That is not in the trash bin any more.")
        trashed, name = items[key]
        files = self._files
        if files.lookup(trashed.path):
            raise AlreadyExists(f"There is another “{trashed.path}” now. Rename that one, then restore.")
        files.make_folder(parent_of(trashed.path))  # otherwise it is restored to the top of the account
        files.settle(
            lambda: files.connection.send(
                "MOVE",
                f"{self._url}/trash/{name}",
                expect={201, 204},
                about=trashed.path,
                headers={"Destination": f"{self._url}/restore/{name}"},
            ),
            lambda: files.lookup(trashed.path) is not None,
        )
        return trashed.path

    def _listing(self) -> Iterator[tuple[Trashed, str]]:
        """Each item in the bin with its quoted name there."""
        base = self._files.server.files_path
        properties = (*NEXTCLOUD_ENTRY, _LOCATION, _DELETED)
        for resource in self._files.propfind(f"{self._url}/trash", "1", "the trash bin", properties):
            location = resource.properties.get(_LOCATION)
            path = self._files.addresses.tree_path(f"{base}/{location}") if location else None
            if path and resource.file_id is not None:
                trashed = Trashed(
                    key=str(resource.file_id),
                    path=path,
                    is_folder=resource.is_folder,
                    size=resource.size,
                    deleted=float(resource.number(_DELETED) or 0),
                    file_id=resource.file_id,
                )
                yield trashed, quote(name_of(resource.path), safe="")
