"""The local folder's trash bin: what was deleted, each in a folder of its own beside the path it had."""

import re
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

from davproxy.errors import NotFound
from davproxy.model import Trashed
from davproxy.remote.local.disk import drop_older, remove, rename

TRASH_DAYS = 30
"""What was deleted is kept this long, as on a Nextcloud."""


class LocalTrash:
    """`<key>/content` is the thing and `<key>/path` says where it was; the key begins with the time in nanoseconds."""

    def __init__(self, place: Path, clock: Callable[[], float]) -> None:
        self._place = place
        self._clock = clock

    def open(self) -> None:
        """Make the bin and drop what is too old."""
        self._place.mkdir(parents=True, exist_ok=True)
        drop_older(self._place, self._clock() - TRASH_DAYS * 86400)

    def put_in(self, path: str, place: Path) -> str:
        """Move `place`, which was `path` in the tree, into the bin. Returns its key."""
        key = f"{int(self._clock() * 1e9):016x}-{uuid4().hex[:8]}"
        own = self._place / key
        own.mkdir()
        try:
            (own / "path").write_text(path, "utf-8")
            rename(place, own / "content")
        except OSError:
            remove(own)
            raise
        return key

    def path(self, key: str) -> str:
        """The tree path that the thing had. Raises NotFound."""
        own = self._place / key
        if not re.fullmatch(r"[0-9a-f]{16}-[0-9a-f]{8}", key) or not (own / "content").exists():
            raise NotFound("That is not in the trash bin any more.")
        return (own / "path").read_text("utf-8")

    def take_out(self, key: str, place: Path) -> None:
        """Move the thing to `place`."""
        own = self._place / key
        rename(own / "content", place)
        remove(own)

    def contents(self) -> list[Trashed]:
        """What is in the bin, newest first."""
        found = []
        for own in sorted(self._place.iterdir(), reverse=True):
            with suppress(FileNotFoundError):  # being put there, or taken out, this moment
                content = own / "content"
                is_folder = content.is_dir()
                files = content.rglob("*") if is_folder else [content]
                found.append(
                    Trashed(
                        key=own.name,
                        path=(own / "path").read_text("utf-8"),
                        is_folder=is_folder,
                        size=sum(file.lstat().st_size for file in files if file.is_file()),
                        deleted=int(own.name[:16], 16) / 1e9,
                    )
                )
        return found
