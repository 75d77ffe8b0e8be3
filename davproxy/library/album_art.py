"""Album art made from a picture of unknown origin: decoded in a child process with limits, never in the server."""

import threading
import uuid
from pathlib import Path

from davproxy import child, child_limits
from davproxy.errors import BadImage, BadInput
from davproxy.work_dir import work_dir

IN_CHILD = "davproxy.pictures:write_album_art"
"""What the child calls. It is not here, because this package loads the index."""
AT_ONCE = 2
"""Pictures decoded at the same time: each may take hundreds of megabytes."""


class AlbumArt:
    """Makes album art."""

    def __init__(self, temp_dir: Path) -> None:
        self._temp_dir = temp_dir
        self._turns = threading.BoundedSemaphore(AT_ONCE)

    def make(self, picture: bytes) -> tuple[str, bytes]:
        """File name and bytes of album art made from `picture`, as `pictures.album_art`. Raises BadImage."""
        with self._turns, work_dir(self._temp_dir, f"art-{uuid.uuid4().hex}") as folder:
            (folder / "picture").write_bytes(picture)
            try:
                name: str = child.run(IN_CHILD, {}, limits=child_limits.PICTURE, folder=folder)
            except BadImage:
                raise
            except BadInput as error:  # it took too much memory or time
                raise BadImage("This is not a picture that can be used. Take a PNG or JPEG.") from error
            return name, (folder / name).read_bytes()
