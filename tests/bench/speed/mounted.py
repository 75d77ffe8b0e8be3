"""Scans of a mounted library: walk, stat and read as a game does, over this program and straight to the Nextcloud."""

import os
import shutil
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from davproxy.commands.mount import davfs2_start, rclone_start
from davproxy.errors import DavproxyError
from davproxy.mounting import rclone
from davproxy.mounting.mount import Mount
from davproxy.mounting.running import mount_folder
from tests.bench.speed import measures, songs
from tests.bench.speed.backing import Backing, files_url, remote_of
from tests.bench.speed.served import davproxy

WANTED = ("song.ini", "notes.chart")
DIRECT_SHARE = 10
"""Straight to the Nextcloud only one song of so many is scanned, and the time multiplied."""


def table(cloud: Backing, count: int) -> str:
    """The seconds of a first scan and of the next, as Markdown; what cannot be mounted here is left out."""
    remote_of(cloud).close()
    cloud.fill(count)
    lines = [f"| mounted, {count:,} songs ({cloud.label}) | first scan | again |", "|---|---|---|"]
    with TemporaryDirectory() as folder, davproxy(cloud, Path(folder) / "temp") as served:
        measures.await_index(served)
        program = ".".join(map(str, rclone.version(rclone.find())))
        ours = Mount(f"{served.root}/", Path(folder) / "ours")
        straight = Mount(f"{files_url(cloud)}/{cloud.folder}/", Path(folder) / "direct", cloud.user, cloud.password)
        share = count // DIRECT_SHARE
        for name, mount, with_davfs2, songs_there in (
            (f"rclone {program}, davproxy with an empty cache", ours, False, count),
            (f"rclone {program}, davproxy", ours, False, count),
            ("davfs2, davproxy", ours, True, count),
            (f"rclone {program}, straight to the Nextcloud, {share:,} songs x{DIRECT_SHARE}", straight, False, share),
        ):
            measures.say(f"mounted: {name} …")
            try:
                with _mounted(mount, with_davfs2=with_davfs2):
                    first, again = (_scan(mount, songs_there) * count / songs_there for _ in range(2))
            except DavproxyError as error:
                measures.say(f"{name}: {error.message}")
                continue
            lines.append(f"| {name} | {first:.1f} s | {again:.1f} s |")
    return "\n".join(lines)


@contextmanager
def _mounted(mount: Mount, *, with_davfs2: bool) -> Iterator[None]:
    shutil.rmtree(mount.folder, ignore_errors=True)
    mount.folder.mkdir()
    with ExitStack() as stack:
        start, unmount = davfs2_start(mount) if with_davfs2 else (rclone_start(mount), [])
        stack.enter_context(mount_folder(start, mount, unmount))
        yield


def _scan(mount: Mount, count: int) -> float:
    """Seconds to walk the folders of the first `count` songs, stat every file, and read song.ini and notes."""
    began, read = time.perf_counter(), 0
    artists = sorted({path.partition("/")[0] for path in songs.paths(count)})
    for artist in artists:
        for folder, _, names in os.walk(Path(mount.songs) / artist):
            for name in names:
                file = Path(folder) / name
                file.stat()
                if name in WANTED:
                    read += len(file.read_bytes())
    seconds = time.perf_counter() - began
    expected = sum(len(content) for path, content in songs.files(count) if path.endswith(WANTED))
    if read != expected:
        raise RuntimeError(f"{read} bytes were read instead of {expected}")
    return seconds
