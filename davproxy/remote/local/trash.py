"""The local folder's trash bin: each deleted item in a folder of its own, with the path that it had."""

import re
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

from davproxy.errors import NotFound
from davproxy.model import Trashed
from davproxy.remote.local.disk import remove, remove_older, rename

TRASH_DAYS = 30
"""How long a deleted item is kept, as on a Nextcloud."""


class LocalTrash:
    """`<key>/content` is the deleted file or folder, `<key>/path` its tree path.

    A key begins with the time of the deletion in nanoseconds, so that keys sort by age.
    """

    def __init__(self, folder: Path, clock: Callable[[], float]) -> None:
        self._folder = folder
        self._clock = clock

    def open(self) -> None:
        """Make the bin and remove items older than TRASH_DAYS."""
        self._folder.mkdir(parents=True, exist_ok=True)
        remove_older(self._folder, self._clock() - TRASH_DAYS * 86400)

    def put_in(self, path: str, file: Path) -> str:
        """Move `file`, whose tree path is `path`, into the bin. Returns its key."""
        key = f"{int(self._clock() * 1e9):016x}-{uuid4().hex[:8]}"
        item = self._folder / key
        item.mkdir()
        try:
            (item / "path").write_text(path, "utf-8")
            rename(file, item / "content")
        except OSError:
            remove(item)
            raise
        return key

    def path(self, key: str) -> str:
        """The tree path that the item had. Raises NotFound."""
        item = self._folder / key
        if not re.fullmatch(r"[0-9a-f]{16}-[0-9a-f]{8}", key) or not (item / "content").exists():
            raise NotFound("That is not in the trash bin any more.")
        return (item / "path").read_text("utf-8")

    def take_out(self, key: str, target: Path) -> None:
        """Move the item to `target`."""
        item = self._folder / key
        rename(item / "content", target)
        remove(item)

    def contents(self) -> list[Trashed]:
        """What is in the bin, newest first."""
        trashed = []
        for item in sorted(self._folder.iterdir(), reverse=True):
            with suppress(FileNotFoundError):  # being put in or taken out at this moment
                content = item / "content"
                is_folder = content.is_dir()
                files = content.rglob("*") if is_folder else [content]
                trashed.append(
                    Trashed(
                        key=item.name,
                        path=(item / "path").read_text("utf-8"),
                        is_folder=is_folder,
                        size=sum(file.lstat().st_size for file in files if file.is_file()),
                        deleted=int(item.name[:16], 16) / 1e9,
                        file_id=content.stat().st_ino,
                    )
                )
        return trashed
