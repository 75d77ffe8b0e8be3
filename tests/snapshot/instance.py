"""One run of the program, as far as its index goes, and what it left on the remote."""

from pathlib import Path

from davproxy.index import Index
from davproxy.model import Song
from davproxy.paths import DATABASE, name_of
from davproxy.remote.local.folder import Folder
from davproxy.snapshot.lease import Lease
from davproxy.snapshot.snapshot import Snapshot

INTERVAL = 3600.0


class Instance:
    """One run of the program, as far as its index goes."""

    def __init__(self, remote: Folder, path: Path, library: str = "here", *, answers: bool = True) -> None:
        self.lease = Lease(remote)
        self.snapshot = Snapshot(remote, path, library, INTERVAL, lease=self.lease)
        self.index = self.snapshot.restore(answers=answers)

    def add(self, *titles: str) -> None:
        self.index.songs.put([Song(hash(title) % 10**6, f"/Songs/{title}", title, "A", "") for title in titles])

    @property
    def titles(self) -> set[str]:
        return {name_of(path) for path in self.index.songs.paths()}

    def save(self) -> bool:
        self.lease.check()
        return self.snapshot.save()

    def stop(self) -> None:
        self.snapshot.stop()
        self.index.close()

    def kill(self) -> None:
        """End at once: nothing is saved, the lease stays."""
        self.snapshot._file.unlock()
        self.index.close()


def saved_files(remote: Folder) -> list[str]:
    return sorted(name_of(entry.path) for entry in remote.children(DATABASE) if "clonehero" in entry.path)


def good_snapshot(tmp_path: Path) -> bytes:
    path = tmp_path / "good.db"
    index = Index(path)
    index.songs.put([Song(1, "/Songs/Old", "Old", "A", "")])
    copy = tmp_path / "copy.db"
    index.backup(copy)
    index.close()
    return copy.read_bytes()
