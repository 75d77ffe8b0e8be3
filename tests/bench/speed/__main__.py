"""`make bench`: a generated library behind a Nextcloud, reached by us, by rclone, and directly, side by side."""

import argparse
import os
import platform
import shutil
import time
import zipfile
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from urllib.parse import quote

from tests.bench.speed import measures, mounted, peers, scale, songs
from tests.bench.speed.backing import Backing, backing, files_url, remote_of
from tests.bench.speed.curve import curve
from tests.bench.speed.measures import LARGE, Figures, say
from tests.bench.speed.served import Served, davproxy, has_rclone, rclone
from tests.bench.speed.table import table

US = "davproxy"
IDLE_SECONDS, SETTLED = 60.0, 30.0
CHANGES = 3
WARM_READS = 15
"""One takes a few hundredths of a second, and a single disturbance would double that."""
PART = "1 MiB out of a cold 60 MB file, ms"


def main() -> None:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--songs", type=int, default=300, help="songs in the library (10 an artist)")
    parser.add_argument("--runs", type=int, default=5, help="runs of each measurement; the table shows medians")
    parser.add_argument(
        "--slow-runs",
        type=int,
        help="runs whose cold game scans go directly and through rclone without a cache too (default: all)",
    )
    parser.add_argument("--minutes", type=float, default=24 * 60, help="start no further run after this many minutes")
    parser.add_argument("--latency", type=float, default=0.0, help="seconds added to each request of the fake")
    parser.add_argument("--idle", type=float, default=IDLE_SECONDS, help="seconds of doing nothing that are watched")
    parser.add_argument("--no-rclone", action="store_true", help="leave rclone out")
    parser.add_argument("--curve", action="store_true", help="only how times and memory grow with the library")
    parser.add_argument("--rates", action="store_true", help="only requests a second, beside other WebDAV servers")
    parser.add_argument(
        "--mounted", action="store_true", help="only scans of a mounted library, with rclone and davfs2"
    )
    parser.add_argument("--scale", action="store_true", help="only what 1, 2 and 3 instances do on one Redis")
    options = parser.parse_args()
    if options.curve:
        print(curve())
        return
    if options.mounted:
        with backing(options.latency) as cloud:
            print(mounted.table(cloud, options.songs))
        return
    if options.scale:
        print(scale.report())
        return
    if options.rates:
        print(peers.table(options.runs))
        return
    slow_runs = options.runs if options.slow_runs is None else options.slow_runs
    until = time.monotonic() + options.minutes * 60
    with backing(options.latency) as cloud, TemporaryDirectory() as folder:
        figures = Figures(cloud)
        bench = Bench(cloud, figures, Path(folder), options.songs)
        bench.prepare()
        for run in range(1, options.runs + 1):
            if time.monotonic() > until:
                break
            say(f"{time.strftime('%H:%M:%S')} run {run} of {options.runs} …")
            with figures.attempt("all in one", "direct"):
                bench.direct(scans=run <= slow_runs)
            with figures.attempt("all in one", US):
                bench.ours()
            if run == 1:
                with figures.attempt("all while idle", US):
                    bench.idle(options.idle)
            for cache in ("off", "full") if has_rclone() and not options.no_rclone else ():
                with figures.attempt("all in one", f"rclone, cache {cache}"):
                    bench.theirs(cache, scan=cache == "full" or run <= slow_runs)
            report = (
                f"{cloud.label}; {options.songs} songs, {run} run{'s' if run > 1 else ''}, medians;"
                f" {os.cpu_count()} cores, Python {platform.python_version()}, {platform.system()}\n\n"
                + table(figures, run)
            )
            say(report)
        print(report)


class Bench:
    """One library, and what each run does with it."""

    def __init__(self, cloud: Backing, figures: Figures, folder: Path, count: int) -> None:
        self._cloud, self._figures, self._folder, self._count = cloud, figures, folder, count
        self._changes = 0
        self._url = f"{files_url(cloud)}/{cloud.folder}"

    def prepare(self) -> None:
        """Fill the library, with two large files beside the songs."""
        remote_of(self._cloud).close()
        say(f"{time.strftime('%H:%M:%S')} {self._cloud.label}: filling in {self._count} songs …")
        self._cloud.fill(self._count)
        for name in ("large", "row"):
            measures.put(f"{self._url}/Songs/{name}.ogg", bytes(range(256)) * (LARGE // 256), self._cloud)
        self._archive = self._folder / "pack.zip"
        with zipfile.ZipFile(self._archive, "w") as packing:
            for number in range(100):
                packing.writestr(f"Pack/{number}/song.ini", f"[song]\nname = Packed {number}\nartist = Pack\n")
                packing.writestr(f"Pack/{number}/notes.chart", songs.notes(1_000_000 + number))
                packing.writestr(f"Pack/{number}/song.ogg", b"OggS" + bytes(20000))
                packing.writestr(f"Pack/{number}/album.jpg", b"\xff\xd8\xff\xe0" + bytes(5000))

    def direct(self, *, scans: bool) -> None:
        """The Nextcloud itself, as a game or a plain script would use it."""
        with self._figures.timed("index the library, empty disk", "direct"):
            measures.scan(f"{self._url}/Songs", self._cloud, "ini")
        if scans:
            with self._figures.timed("game scan, cold", "direct"):
                measures.scan(f"{self._url}/Songs", self._cloud)
        self._transfers("direct", self._url, self._cloud)

    def ours(self) -> None:
        """This program: an empty disk, then warm, then a new container on an empty disk, and an archive."""
        with self._cold() as served, self._figures.timed("index the library, empty disk", US):
            measures.await_index(served)
        with davproxy(self._cloud, self._fresh("ours"), POLL_INTERVAL="3600") as served:
            measures.await_index(served)
            measures.sync(served)  # the first after a start also looks at the lease that was just taken
            with self._figures.timed("sync, nothing changed", US):
                measures.sync(served)
            self._change_one_song()
            with self._figures.timed("sync, one song changed", US):
                measures.sync(served)
            self._scans(served)
            self._transfers(US, served.root, None)
            with self._figures.timed("archive of 100 songs, until all are in the library", US):
                measures.drop_archive(served, self._archive)
            measures.client().delete(f"{served.songs}/Pack").raise_for_status()
        restarted = davproxy(self._cloud, self._fresh("restarted"), POLL_INTERVAL="3600")
        with ExitStack() as running:
            served = running.enter_context(restarted)
            with self._figures.timed("game scan after a restart on an empty disk", US):
                measures.scan(served.songs)
            with self._figures.timed("stop", US):
                running.close()
        with self._cold() as served, self._figures.timed("game scan, cold", US):
            measures.scan(served.songs)

    def _cold(self) -> AbstractContextManager[Served]:
        """This program on an empty disk, with no index saved on the Nextcloud either."""
        nowhere = {"NEXTCLOUD_DATABASE_FOLDER": f"No index {time.monotonic_ns()}", "POLL_INTERVAL": "3600"}
        return davproxy(self._cloud, self._fresh("cold"), **nowhere)

    def idle(self, seconds: float) -> None:
        """This program at rest for a while, with default settings; then changes made on the Nextcloud."""
        with davproxy(self._cloud, self._folder / "ours") as served:
            measures.await_index(served)
            time.sleep(SETTLED)
            before = self._cloud.requests()
            time.sleep(seconds)
            after = self._cloud.requests()
            if before is not None and after is not None and seconds:
                self._figures.figure("idle: requests a minute", US).add((after - before) * 60 / seconds, None)
            self._figures.figure("idle: memory, MB", US).add(served.memory() / 1e6, None)
            for _ in range(CHANGES):
                with self._figures.attempt("a change made on the Nextcloud is seen after", US) as figure:
                    path, content = self._change_one_song()
                    figure.add(measures.await_content(f"{served.songs}/{path}", content), None)

    def theirs(self, cache: str, *, scan: bool) -> None:
        """rclone in front of the same Nextcloud."""
        with rclone(self._cloud, self._fresh("rclone"), cache) as served:
            if scan:
                with self._figures.timed("game scan, cold", served.name):
                    measures.scan(served.songs)
            if cache == "full":
                self._scans(served)
            self._transfers(served.name, served.root, None)

    def _scans(self, served: Served) -> None:
        measures.scan(served.songs)
        found: dict[str, float] = {}
        with self._figures.timed("game scan, warm", served.name):
            found = measures.scan(served.songs)
        one: dict[str, float] = {}
        with self._figures.attempt("listing of one folder, 8 connections", served.name):
            one = measures.list_one(f"{served.songs}/{quote(songs.paths(self._count)[0])}/")
        for what, times in (("of one folder", one), ("while a game scans", found)):
            for name in ("p50", "p99"):
                with self._figures.attempt(f"listing {what}, 8 connections: {name}, ms", served.name) as figure:
                    figure.add(times[name] * 1000, None)

    def _transfers(self, who: str, root: str, signed_in: Backing | None) -> None:
        """Large and small files, read and written."""
        figures = self._figures

        def speed(what: str, size: int, seconds: Callable[[], float]) -> None:
            with figures.attempt(what, who) as figure:
                figure.add(size / 1e6 / seconds(), None)

        large = f"{root}/Songs/large.ogg"
        with figures.attempt(PART, who) as figure:
            before = self._cloud.sent()
            figure.add(median(measures.get_ranges(large, signed_in)) * 1000, None)
            after = self._cloud.sent()
            if before is not None and after is not None:
                beyond = after - before - len(measures.RANGES) * measures.RANGE
                figures.figure("the same, five times: read beyond them, KB", who).add(beyond / 1e3, None)
            added = figures.figure("the same: added to the direct way, ms", who)
            if who != "direct":
                added.add(figure.values[-1] - figures.figure(PART, "direct").values[-1], None)
        speed("read 60 MB, cold, MB/s", LARGE, lambda: measures.get(large, signed_in))
        reads = range(WARM_READS)
        speed("read 60 MB, warm, MB/s", LARGE, lambda: median(measures.get(large, signed_in) for _ in reads))
        row = f"{root}/Songs/row.ogg"
        speed("read 16 MB in a row of 256 KiB, MB/s", measures.ROW, lambda: measures.get_in_a_row(row, signed_in))
        name = f"Songs/put-{who.replace(' ', '-').replace(',', '')}-{time.monotonic_ns()}"
        speed("write 60 MB, MB/s", LARGE, lambda: measures.put(f"{root}/{name}.ogg", bytes(LARGE), signed_in))
        files = {
            "song.ini": b"[song]\nname = Put\n",
            "notes.chart": songs.notes(7),
            "album.jpg": bytes(5000),
            "song.ogg": bytes(5_000_000),
        }
        with figures.attempt("write a song of 4 files, 5 MB, ms", who) as figure:
            requests = self._cloud.requests()
            seconds = measures.put_song(f"{root}/{name}", files, signed_in)
            now = self._cloud.requests()
            figure.add(seconds * 1000, None if requests is None or now is None else now - requests)
        with measures.client(signed_in) as removing:
            for path in (f"{root}/{name}.ogg", f"{root}/{name}"):
                removing.delete(path)

    def _change_one_song(self) -> tuple[str, bytes]:
        """Write a song.ini on the Nextcloud; return its address below Songs and its content."""
        path = quote(f"{songs.paths(self._count)[self._count // 2]}/song.ini")
        self._changes += 1
        content = f"[song]\nname = Changed {self._changes}\nartist = Artist\n".encode()
        measures.put(f"{self._url}/Songs/{path}", content, self._cloud)
        return path, content

    def _fresh(self, name: str) -> Path:
        folder = self._folder / name
        shutil.rmtree(folder, ignore_errors=True)
        return folder


if __name__ == "__main__":
    main()
