"""A whole house for the imports: local folder, index, library, jobs."""

import contextlib
import threading
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from davproxy.imports import Imports
from davproxy.index import Index
from davproxy.jobs import Jobs
from davproxy.library import Cache, Library
from davproxy.model import Job
from davproxy.remote.local.folder import Folder
from davproxy.remote.protocol import Remote
from davproxy.settings import Settings

CHART = b"[Song]\r\n{\r\n  Resolution = 192\r\n}\r\n[ExpertSingle]\r\n{\r\n  768 = N 0 0\r\n}\r\n"


@dataclass(frozen=True)
class House:
    """Everything the imports works with."""

    settings: Settings
    remote: Remote
    index: Index
    library: Library
    jobs: Jobs
    imports: Imports

    def put(self, path: str, content: bytes) -> None:
        """Store a file as a client would, folders included."""
        folder = path.rpartition("/")[0]
        if folder.count("/") > 1:
            self.library.tree.make_folder(folder)
        self.library.tree.write(path, content)

    def put_folder(self, folder: str, files: Mapping[str, bytes]) -> None:
        """Store files below `folder` as somebody else would; the library finds them all at once."""
        for name, content in files.items():
            path = f"{folder}/{name}"
            self.remote.make_folder(path.rpartition("/")[0])
            self.remote.write(path, content)
        self.library.tree.refresh(folder)

    def take_in(self, path: str, content: bytes) -> Job:
        """Put a file there, and wait for the job that it starts."""
        self.put(path, content)
        job = self.imports.job_for(path)
        assert job is not None
        return self.jobs.wait(job.id, 60)

    def tree(self, folder: str) -> dict[str, int]:
        """The sizes of all files below `folder` on the remote, by path below it."""
        return {entry.path[len(folder) + 1 :]: entry.size for entry in self.remote.walk(folder) if not entry.is_folder}

    def leftovers(self) -> list[str]:
        """What jobs left in /Temp and on the transient disk: nothing, one hopes."""
        room = self.settings.temp_dir / "imports"
        here = [path.name for path in room.iterdir()] if room.exists() else []
        return here + [entry.path for entry in self.remote.walk("/Temp")]


@contextlib.contextmanager
def house(place: Path, remote: Remote, *, patience: float = 0.05) -> Iterator[House]:
    """A house over `remote`, its index and transient files in `place`."""
    settings = Settings.read({"TEMP_DIR": str(place / "temp")}, place / "none")
    index = Index(place / "index.db")
    library = Library(remote, index, Cache(place / "cache", 1 << 30), settings.upload_limit)
    library.updates.mark_complete()
    jobs = Jobs(index, workers=1)
    imports = Imports(settings, library, jobs, patience=patience)
    imports.attach()
    jobs.start()
    try:
        yield House(settings, remote, index, library, jobs, imports)
    finally:
        imports.close()
        jobs.drain(5)
        index.close()


@pytest.fixture
def home(tmp_path: Path) -> Iterator[House]:
    remote = Folder(tmp_path / "remote", Settings.read({}, tmp_path / "none").folders)
    remote.connect()
    with house(tmp_path, remote) as built:
        yield built
    remote.close()


def song(title: str, artist: str = "The Testers", *, chart: bytes | None = None) -> dict[str, bytes]:
    """The files of a small song; its notes differ by title."""
    return {
        "song.ini": f"[song]\r\nname = {title}\r\nartist = {artist}\r\n".encode(),
        "notes.chart": chart or CHART.replace(b"768", str(768 + zlib.crc32(title.encode()) % 100_000).encode()),
        "song.ogg": b"OggS" + title.encode() * 2000,
        "album.png": b"\x89PNG\r\n\x1a\n" + title.encode(),
    }


def pack(*songs: tuple[str, dict[str, bytes]]) -> dict[str, bytes]:
    """Songs in folders, as one dictionary of files."""
    return {f"{folder}/{name}": content for folder, files in songs for name, content in files.items()}


def wait_for(home: House, path: str) -> None:
    """Until the job about `path` has come and gone, and all is quiet."""
    seen = threading.Event()
    while (job := home.imports.job_for(path)) is None or not home.jobs.wait(job.id, 30).final:
        seen.wait(0.01)
    assert home.jobs.idle(30)
