"""`make bench`: a generated library behind a Nextcloud, reached by us, by rclone, and directly, side by side."""

import argparse
import os
import platform
import shutil
import sys
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.bench.speed import measures, songs
from tests.bench.speed.backing import Backing, backing, files_url, remote_of
from tests.bench.speed.measures import LARGE, Figures
from tests.bench.speed.served import Served, davproxy, has_rclone, rclone
from tests.bench.speed.table import table

US = "davproxy"
IDLE_SECONDS = 60.0


def main() -> None:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--songs", type=int, default=300, help="songs in the library (10 an artist)")
    parser.add_argument("--runs", type=int, default=5, help="runs of each measurement; the table shows medians")
    parser.add_argument("--latency", type=float, default=0.0, help="seconds added to each request of the fake")
    parser.add_argument("--idle", type=float, default=IDLE_SECONDS, help="seconds of doing nothing that are watched")
    parser.add_argument("--no-rclone", action="store_true", help="leave rclone out")
    options = parser.parse_args()
    with backing(options.latency) as cloud, TemporaryDirectory() as folder:
        figures = Figures(cloud)
        bench = Bench(cloud, figures, Path(folder), options.songs)
        bench.prepare()
        for number in range(options.runs):
            print(f"run {number + 1} of {options.runs} …", file=sys.stderr, flush=True)
            bench.direct()
            bench.ours(idle=options.idle if number == 0 else 0.0)
            if has_rclone() and not options.no_rclone:
                bench.theirs("off")
                bench.theirs("full")
        print(f"{cloud.label}; {options.songs} songs, {options.runs} runs, medians; {os.cpu_count()} cores, ", end="")
        print(f"Python {platform.python_version()}, {platform.system()}\n")
        print(table(figures))


class Bench:
    """One library, and what is done to it in each run."""

    def __init__(self, cloud: Backing, figures: Figures, folder: Path, count: int) -> None:
        self._cloud, self._figures, self._folder, self._count = cloud, figures, folder, count
        self._run = 0
        self._url = f"{files_url(cloud)}/{cloud.folder}"

    def prepare(self) -> None:
        """Fill the library, with one large file and one folder of 5,000 names' size beside it."""
        remote_of(self._cloud).close()
        print(f"{self._cloud.label}: filling in {self._count} songs …", file=sys.stderr, flush=True)
        self._cloud.fill(self._count)
        measures.put(f"{self._url}/Songs/large.ogg", bytes(range(256)) * (LARGE // 256), self._cloud)
        self._archive = self._folder / "pack.zip"
        with zipfile.ZipFile(self._archive, "w") as packing:
            for number in range(100):
                packing.writestr(f"Pack/{number}/song.ini", f"[song]\nname = Packed {number}\nartist = Pack\n")
                packing.writestr(f"Pack/{number}/notes.chart", songs.notes(1_000_000 + number))
                packing.writestr(f"Pack/{number}/song.ogg", b"OggS" + bytes(20000))
                packing.writestr(f"Pack/{number}/album.jpg", b"\xff\xd8\xff\xe0" + bytes(5000))

    def direct(self) -> None:
        """The Nextcloud itself, as a game or a plain script would use it."""
        with self._figures.timed("index the library, empty disk", "direct"):
            measures.scan(f"{self._url}/Songs", self._cloud, "ini")
        with self._figures.timed("game scan, cold", "direct"):
            measures.scan(f"{self._url}/Songs", self._cloud)
        self._transfers("direct", self._url, self._cloud)

    def ours(self, idle: float) -> None:
        """This program: an empty disk, then warm, then a new container on an empty disk, and an archive."""
        temp = self._fresh("ours")
        with davproxy(self._cloud, temp, POLL_INTERVAL="3600") as served:
            with self._figures.timed("index the library, empty disk", US):
                measures.await_index(served)
            with self._figures.timed("sync, nothing changed", US):
                measures.sync(served)
            self._change_one_song()
            with self._figures.timed("sync, one song changed", US):
                measures.sync(served)
            self._scans(served)
            self._transfers(US, served.root, None)
            with self._figures.timed("archive of 100 songs, dropped to published", US):
                measures.drop_archive(served, self._archive)
            measures.client().delete(f"{served.songs}/Pack").raise_for_status()
        restarted = davproxy(self._cloud, self._fresh("restarted"), POLL_INTERVAL="3600")
        with restarted as served, self._figures.timed("game scan after a restart on an empty disk", US):
            measures.scan(served.songs)
        elsewhere = {"NEXTCLOUD_DATABASE_FOLDER": "No snapshot", "POLL_INTERVAL": "3600"}
        cold = davproxy(self._cloud, self._fresh("cold"), **elsewhere)
        with cold as served, self._figures.timed("game scan, cold", US):
            measures.scan(served.songs)
        if idle:
            with davproxy(self._cloud, temp) as served:
                measures.await_index(served)
                time.sleep(5.0)
                before = self._cloud.requests()
                time.sleep(idle)
                after = self._cloud.requests()
                if before is not None and after is not None:
                    self._figures.figure("idle: requests a minute", US).add((after - before) * 60 / idle, None)
                self._figures.figure("idle: memory, MB", US).add(served.memory() / 1e6, None)

    def theirs(self, cache: str) -> None:
        """rclone in front of the same Nextcloud."""
        with rclone(self._cloud, self._fresh("rclone"), cache) as served:
            with self._figures.timed("game scan, cold", served.name):
                measures.scan(served.songs)
            if cache == "full":
                self._scans(served)
            self._transfers(served.name, served.root, None)

    def _scans(self, served: Served) -> None:
        measures.scan(served.songs)
        with self._figures.timed("game scan, warm", served.name):
            found = measures.scan(served.songs)
        self._figures.figure("listing of a folder, 8 connections: p50, ms", served.name).add(found["p50"] * 1000, None)
        self._figures.figure("listing of a folder, 8 connections: p99, ms", served.name).add(found["p99"] * 1000, None)

    def _transfers(self, who: str, root: str, signed_in: Backing | None) -> None:
        """Large and small files, read and written."""
        figures = self._figures

        def speed(what: str, seconds: Callable[[], float]) -> None:
            figures.figure(what, who).add(LARGE / 1e6 / seconds(), None)

        large = f"{root}/Songs/large.ogg"
        seconds = measures.get_range(large, LARGE // 2, signed_in)
        figures.figure("1 MiB out of a cold 60 MB file, ms", who).add(seconds * 1000, None)
        speed("read 60 MB, cold, MB/s", lambda: measures.get(large, signed_in))
        speed("read 60 MB, warm, MB/s", lambda: measures.get(large, signed_in))
        name = f"Songs/put-{who.replace(' ', '-').replace(',', '')}-{time.monotonic_ns()}"
        speed("write 60 MB, MB/s", lambda: measures.put(f"{root}/{name}.ogg", bytes(LARGE), signed_in))
        files = {
            "song.ini": b"[song]\nname = Put\n",
            "notes.chart": songs.notes(7),
            "album.jpg": bytes(5000),
            "song.ogg": bytes(5_000_000),
        }
        before = self._cloud.requests()
        seconds = measures.put_song(f"{root}/{name}", files, signed_in)
        after = self._cloud.requests()
        figures.figure("write a song of 4 files, 5 MB, ms", who).add(
            seconds * 1000, None if before is None or after is None else after - before
        )
        with measures.client(signed_in) as removing:
            for path in (f"{root}/{name}.ogg", f"{root}/{name}"):
                removing.delete(path).raise_for_status()

    def _change_one_song(self) -> None:
        folder = songs.paths(self._count)[self._count // 2]
        self._run += 1
        content = f"[song]\nname = Changed {self._run}\nartist = Artist\n".encode()
        measures.put(f"{self._url}/Songs/{folder}/song.ini".replace(" ", "%20"), content, self._cloud)

    def _fresh(self, name: str) -> Path:
        folder = self._folder / name
        shutil.rmtree(folder, ignore_errors=True)
        return folder


if __name__ == "__main__":
    main()
