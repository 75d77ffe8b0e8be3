"""/Temp on the remote: where jobs stage songs. Clients never see it and the index does not hold it."""

from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from uuid import uuid4

from davproxy import paths
from davproxy.model import ABSENT, Entry
from davproxy.remote import checksums
from davproxy.remote.protocol import Remote, Upload


class Temp:
    """Files and folders below /Temp, each call as `Remote` promises."""

    def __init__(self, remote: Remote) -> None:
        self._remote = remote

    def children(self) -> list[Entry]:
        """What lies directly in /Temp."""
        return self._remote.children(paths.TEMP)

    def now(self) -> float:
        """The remote's own time in Unix seconds, by a folder that is made for it; 0 where it tells no times."""
        marker = paths.join(paths.TEMP, f"time {uuid4().hex}")
        self._remote.make_folder(marker)
        try:
            return self._remote.stat(marker).modified
        finally:
            self._remote.delete(marker)

    def walk(self, folder: str) -> Iterator[Entry]:
        """Every entry below `folder`, parents before children."""
        return self._remote.walk(_inside(folder))

    def make_folder(self, path: str) -> None:
        """Make the folder and every missing parent."""
        self._remote.make_folder(_inside(path))

    def make_folders(self, folders: Iterable[str]) -> None:
        """Make many folders and their missing parents."""
        self._remote.make_folders(map(_inside, folders))

    def copy(self, source: str, target: str) -> None:
        """Copy a file or a whole folder to a path that is free."""
        self._remote.copy(_inside(source), _inside(target), guard=ABSENT)

    def upload(self, path: str) -> Upload:
        """Begin a new file, in a folder that exists."""
        return self._remote.upload(_inside(path), guard=ABSENT)

    def write_many(self, files: Collection[tuple[str, Path]]) -> dict[str, str]:
        """Store many new files, each a path and the local file with its content, in few requests.

        Returns their checksums by path: a Nextcloud stores none of files that share a request.
        """
        self._remote.write_many((_inside(path), file) for path, file in files)
        return {path: checksums.of_file(file) for path, file in files}

    def delete(self, path: str) -> None:
        """Remove a file or a whole folder for good. Raises NotFound."""
        self._remote.delete(_inside(path))


def _inside(path: str) -> str:
    assert paths.is_below(path, paths.TEMP), f"{path} is not below {paths.TEMP}"
    return path
