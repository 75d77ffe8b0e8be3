"""What the tests of the imports work with: a library on a remote, jobs and imports."""

import contextlib
import hashlib
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from davproxy.curation.curation import Curation
from davproxy.curation.song_jobs import SongJobs
from davproxy.imports.imports import Imports
from davproxy.index import Index
from davproxy.jobs import Jobs
from davproxy.library import Cache, Library
from davproxy.library.turn import Turn
from davproxy.model import Job
from davproxy.remote.local.folder import Folder
from davproxy.remote.protocol import Remote
from davproxy.settings import Settings
from tests.waiting import wait_until

CHART = b"[Song]\r\n{\r\n  Resolution = 192\r\n}\r\n[ExpertSingle]\r\n{\r\n  768 = N 0 0\r\n}\r\n"


@dataclass(frozen=True)
class House:
    """The imports and what they use."""

    settings: Settings
    remote: Remote
    index: Index
    library: Library
    jobs: Jobs
    imports: Imports
    curation: Curation
    song_jobs: SongJobs

    def put(self, path: str, content: bytes) -> None:
        """Store a file as a client does, folders included."""
        folder = path.rpartition("/")[0]
        if folder.count("/") > 1:
            self.library.tree.make_folder(folder)
        self.library.tree.write(path, content)

    def put_folder(self, folder: str, files: Mapping[str, bytes]) -> None:
        """Store files below `folder` as another program does; the library finds all of them at once."""
        for name, content in files.items():
            path = f"{folder}/{name}"
            self.remote.make_folder(path.rpartition("/")[0])
            self.remote.write(path, content)
        self.library.tree.refresh(folder)

    def run_import(self, path: str, content: bytes) -> Job:
        """Store a file, and wait for the job that it queues."""
        self.put(path, content)
        job = self.imports.job_for(path)
        assert job is not None
        return self.jobs.wait(job.id, 60)

    def tree(self, folder: str) -> dict[str, int]:
        """The sizes of all files below `folder` on the remote, by path below it."""
        return {entry.path[len(folder) + 1 :]: entry.size for entry in self.remote.walk(folder) if not entry.is_folder}

    def leftovers(self) -> list[str]:
        """What jobs left in the folder of work dirs and in /Temp."""
        folder = self.settings.temp_dir / "work"
        work_dirs = [path.name for path in folder.iterdir()] if folder.exists() else []
        return work_dirs + [entry.path for entry in self.remote.walk("/Temp")]


@contextlib.contextmanager
def house(
    folder: Path, remote: Remote, *, debounce_seconds: float = 0.05, stale_seconds: float = 0.3, **environment: str
) -> Iterator[House]:
    """A house over `remote`, with its index and temporary files in `folder`, and settings of the `environment`.

    An instance that does nothing for `stale_seconds` while it adds songs is taken for dead.
    """
    folder.mkdir(parents=True, exist_ok=True)
    settings = Settings.read({"TEMP_DIR": str(folder / "temp"), **environment}, folder / "none")
    index = Index(folder / "index.db")
    turn = Turn(remote, stale_seconds=stale_seconds, look_seconds=0.02)
    library = Library(remote, index, Cache(folder / "cache", 1 << 30), settings.upload_limit, turn=turn)
    library.updates.mark_complete()
    jobs = Jobs(index, workers=1)
    imports = Imports(settings, library, jobs, debounce_seconds=debounce_seconds)
    imports.attach()
    curation = Curation(settings, library, jobs)
    song_jobs = SongJobs(library, jobs)
    song_jobs.attach()
    jobs.start()
    try:
        yield House(settings, remote, index, library, jobs, imports, curation, song_jobs)
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
    """The files of a small song; titles have different notes, also a thousand of them."""
    length, tick = divmod(zlib.crc32(title.encode()), 1 << 16)
    return {
        "song.ini": f"[song]\r\nname = {title}\r\nartist = {artist}\r\n".encode(),
        "notes.chart": chart or CHART.replace(b"768 = N 0 0", b"%d = N 0 %d" % (768 + tick, length)),
        "song.ogg": b"OggS" + title.encode() * 2000,
        "album.png": b"\x89PNG\r\n\x1a\n" + title.encode(),
    }


def target(files: Mapping[str, bytes], title: str, artist: str = "The Testers") -> str:
    """The destination of the song with these files."""
    return f"/Songs/{artist}/{title}_{hashlib.md5(files['notes.chart']).hexdigest()[:8]}"


def pack(*songs: tuple[str, dict[str, bytes]]) -> dict[str, bytes]:
    """Songs in folders, as one dictionary of files."""
    return {f"{folder}/{name}": content for folder, files in songs for name, content in files.items()}


def wait_for(home: House, path: str) -> None:
    """Wait until the job about `path` has ended, and no other job waits or runs."""
    wait_until(lambda: (job := home.imports.job_for(path)) is not None and job.final)
    assert home.jobs.wait_until_idle(30)
