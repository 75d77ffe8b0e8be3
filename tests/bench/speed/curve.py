"""How memory and times grow with the library: an index of 2,000 to 50,000 songs, without their files.

The index is saved on a fake Nextcloud that holds nothing else. Each start is that of a new container on an empty disk;
that it fetches the saved index is the only thing here that depends on the Nextcloud.
"""

import hashlib
import http.client
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from urllib.parse import quote, urlsplit

from davproxy.index import Index
from davproxy.library import Cache, Library
from davproxy.model import Entry, Song
from davproxy.paths import SONGS, join, parent_of
from tests.bench.speed import measures, songs
from tests.bench.speed.backing import Fake, remote_of
from tests.bench.speed.scan import BODY
from tests.bench.speed.served import Served, davproxy
from tests.fakes.nextcloud import MEASURED, FakeNextcloud

COUNTS = (2_000, 10_000, 50_000)
STARTS = 5
LOOKS = 200
WIDE = 5_000
"""Entries of one folder beside the songs."""
CLIENTS = 8
"""Clients that scan at the same time, each of another name."""
SEARCHES = (
    "title", "title 1", "artist 12", "album 7", "tit alb", "rock", "bench", "31", "a", "no such song", "titel rock",
    "year:1990-1999 length:>3m", "diff:guitar>=3 -keys title", "has:art added:<30d", "artist:artist nps:<9 rock",
)  # fmt: skip
FILES = {"song.ini": 180, "notes.chart": 40_000, "song.ogg": 4_000_000, "album.jpg": 60_000}


@dataclass(frozen=True, slots=True)
class Point:
    """What a library of `count` songs takes: medians and 95th percentiles in seconds, memory in bytes."""

    count: int
    start: float
    memory: int
    listing: float
    wide_listing: float
    page: float
    search: float
    facets: float
    scan: float
    """Processor seconds of this program for one client's scan of all folders, when CLIENTS scan at once."""
    scanned: int
    """Memory after those scans."""


def curve() -> str:
    """The points as two Markdown tables: times and memory at rest, then what scans cost."""
    lines = [
        f"| songs | start to first page | memory | listing of a folder, p50 | of {WIDE:,} entries, p50"
        " | /songs, p95 | search, p95 | facets, p95 |",
        "|---" * 8 + "|",
    ]
    scans = [f"| songs | processor time of a scan, {CLIENTS} at once | memory after them |", "|---" * 3 + "|"]
    for count in COUNTS:
        measures.say(f"curve: {count:,} songs …")
        at = measure(count)
        lines.append(
            f"| {at.count:,} | {at.start:.2f} s | {at.memory / 1e6:.0f} MB | {at.listing * 1000:.2f} ms"
            f" | {at.wide_listing * 1000:.1f} ms | {at.page * 1000:.1f} ms | {at.search * 1000:.1f} ms"
            f" | {at.facets * 1000:.1f} ms |"
        )
        scans.append(f"| {at.count:,} | {at.scan:.1f} s | {at.scanned / 1e6:.0f} MB |")
    return "\n".join([*lines, "", *scans])


def measure(count: int, starts: int = STARTS, clients: int = CLIENTS) -> Point:
    """Serve a library of `count` songs and look at it; the server starts `starts` times."""
    with TemporaryDirectory() as folder, FakeNextcloud(costs=MEASURED, bodies=Path(folder)) as server:
        cloud = Fake(server, "Curve")
        fill(cloud, Path(folder) / "filled" / "clonehero.db", count)
        with davproxy(cloud, Path(folder) / "filled", POLL_INTERVAL="3600") as served:
            measures.await_index(served)  # when it stops, it saves the index
        seconds = []
        for number in range(starts):
            began = time.perf_counter()
            with davproxy(cloud, Path(folder) / str(number), "/songs", POLL_INTERVAL="3600") as served:
                seconds.append(time.perf_counter() - began)
                if number == starts - 1:
                    found = _looks(served, count, clients)
        return Point(count, median(seconds), *found)


def _looks(served: Served, count: int, clients: int) -> tuple[int, float, float, float, float, float, float, int]:
    """Memory at rest, then the times of listings, pages and searches, then what scans cost."""
    measures.await_index(served)
    with measures.client() as asking:
        assert asking.get(f"{served.root.removesuffix('/dav')}/api/songs").json()["total"] == count
    memory = served.memory()
    folders = [join(SONGS, name) for name in songs.paths(count)[:: max(1, count // LOOKS)]]
    searches = [f"search={quote(search)}" for search in SEARCHES] * (LOOKS // len(SEARCHES))  # more than are kept
    return (
        memory,
        median(_times(served, "PROPFIND", [f"/dav{quote(path)}" for path in folders] * 2)),
        median(_times(served, "PROPFIND", ["/dav/Backgrounds"] * 20)),
        _p95(_times(served, "GET", ["/songs"] * LOOKS)),
        _p95(_times(served, "GET", [f"/api/songs?sort=relevance&{search}" for search in searches])),
        _p95(_times(served, "GET", [f"/api/songs/facets?{search}" for search in searches])),
        *_scans(served, clients),
    )


def _scans(served: Served, clients: int) -> tuple[float, int]:
    """Processor seconds of each of `clients` scans that list every folder at the same time, and the memory after
    them."""
    before = served.processor_seconds()
    with ThreadPoolExecutor(clients) as scanning:
        list(scanning.map(lambda name: measures.scan(served.songs, wanted="listings", client=name), range(clients)))
    return (served.processor_seconds() - before) / clients, served.memory()


def _times(served: Served, method: str, addresses: Iterable[str]) -> list[float]:
    """Seconds of each request, one after the other on one connection."""
    url = urlsplit(served.root)
    times = []
    with closing(http.client.HTTPConnection(url.hostname or "", url.port, timeout=60)) as connection:
        for address in addresses:
            began = time.perf_counter()
            connection.request(method, address, BODY if method == "PROPFIND" else None, {"Depth": "1"})
            answer = connection.getresponse()
            answer.read()
            times.append(time.perf_counter() - began)
            if answer.status not in (200, 207):
                raise RuntimeError(f"{method} {address}: {answer.status}")
    return times


def _p95(times: list[float]) -> float:
    return sorted(times)[int(len(times) * 0.95)]


def fill(cloud: Fake, path: Path, count: int) -> None:
    """Make an index at `path` that knows `count` songs and one wide folder, and agrees with `cloud` on the top."""
    path.parent.mkdir(parents=True)
    with closing(remote_of(cloud)) as remote, closing(Index(path)) as index:
        wide = (_entry(f"/Backgrounds/{number:05}.png", number, 1000) for number in range(1, WIDE + 1))
        with index.transaction():
            index.entries.put([*remote.children("/"), *wide, *_entries(count)])
            index.songs.put(_songs(count))
        Library(remote, index, Cache(path.parent / "cache", 1 << 20), upload_limit=1 << 20).updates.mark_complete()


def _entries(count: int) -> Iterator[Entry]:
    folders = [join(SONGS, name) for name in songs.paths(count)]
    artists = dict.fromkeys(map(parent_of, folders))
    yield from (_entry(folder, number) for number, folder in enumerate(artists, WIDE + 1))
    for number, folder in enumerate(folders):
        yield _song_folder(number, folder)
        yield from (_entry(join(folder, name), _song_id(number) + at, FILES[name]) for at, name in enumerate(FILES, 1))


def _entry(path: str, number: int, size: int | None = None) -> Entry:
    """A file, or a folder if it has no size. A Nextcloud numbers what it stores in the order in which it comes."""
    return Entry(path, size is None, size or 0, 1.7e9, _etag(path), number)


def _etag(path: str) -> str:
    return hashlib.md5(path.encode(), usedforsecurity=False).hexdigest()[:16]


def _song_id(number: int) -> int:
    return 100_000 + number * (1 + len(FILES))


def _song_folder(number: int, path: str) -> Entry:
    return _entry(path, _song_id(number))


def _songs(count: int) -> Iterator[Song]:
    for number, name in enumerate(songs.paths(count)):
        folder = _song_folder(number, join(SONGS, name))
        yield Song(
            id=_song_id(number),
            path=folder.path,
            title=f"Title {number}",
            artist=f"Artist {number // songs.ARTIST_SONGS}",
            album=f"Album {number // 3}",
            genre="Rock",
            year=str(1970 + number % 55),
            charter="Bench",
            length=200_000,
            identity=f"{number:032x}",
            etag=_etag(join(folder.path, "song.ini")),
            metadata={"name": f"Title {number}", "charter": "Bench"},
            files=FILES,
            instruments={"guitar": 3},
            difficulties=("guitar expert",),
            has_art=True,
            modified=folder.modified,
            notes_etag=_etag(join(folder.path, "notes.chart")),
        )
