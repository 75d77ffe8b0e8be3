"""One measurement a function: what is done to a server, and what it took."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path
from statistics import median
from typing import Any
from urllib.parse import urlsplit

import httpx

from tests.bench.speed.backing import Backing
from tests.bench.speed.scan import signature
from tests.bench.speed.served import Served

LARGE = 60 * 1024 * 1024
SCAN_SECONDS = 1200.0
"""After which a scan counts as failed."""
RANGE = 1024 * 1024
RANGES = tuple(place * 10 * RANGE for place in (1, 3, 2, 5, 4))
"""Where parts are read; never two in a row."""
ROW, STEP = 16 * 1024 * 1024, 256 * 1024


@dataclass(slots=True)
class Figure:
    """Values of one measurement in several runs, and the requests that the Nextcloud got in each."""

    values: list[float] = field(default_factory=list)
    requests: list[int] = field(default_factory=list)
    failures: int = 0

    @property
    def median(self) -> float:
        return median(self.values)

    def add(self, value: float, requests: int | None) -> None:
        self.values.append(value)
        if requests is not None:
            self.requests.append(requests)


def say(line: str) -> None:
    """Print progress to standard error, beside the table on standard output."""
    print(line, file=sys.stderr, flush=True)


class Figures:
    """All figures, by what was measured and on which server. A failure is printed and counted, and the others go on."""

    def __init__(self, backing: Backing) -> None:
        self.backing = backing
        self.by_name: dict[tuple[str, str], Figure] = {}

    def figure(self, what: str, who: str) -> Figure:
        return self.by_name.setdefault((what, who), Figure())

    @contextmanager
    def attempt(self, what: str, who: str) -> Iterator[Figure]:
        """The figure that the block adds to. An exception of the block counts as a failure and goes no further."""
        figure = self.figure(what, who)
        try:
            yield figure
        except Exception as error:  # noqa: BLE001 - a run of an hour is not lost to one refused request
            figure.failures += 1
            say(f"{what}, {who}: {error!r}")

    @contextmanager
    def timed(self, what: str, who: str) -> Iterator[None]:
        """Time the block in seconds, and count the requests that the Nextcloud got."""
        with self.attempt(what, who) as figure:
            before, started = self.backing.requests(), time.perf_counter()
            yield
            seconds, after = time.perf_counter() - started, self.backing.requests()
            figure.add(seconds, None if before is None or after is None else after - before)


def client(backing: Backing | None = None) -> httpx.Client:
    """One kept-alive connection, sessions kept; with a `backing`, signed in there."""
    return httpx.Client(trust_env=False, timeout=600, auth=(backing.user, backing.password) if backing else None)


def scan(url: str, backing: Backing | None = None, wanted: str = "all", client: int = 0) -> dict[str, Any]:
    """A game's scan of `url` in a process of its own; with a `backing`, signed in there. Each `client` has a name of
    its own."""
    command = [sys.executable, "-m", "tests.bench.speed.scan", url, "--wanted", wanted, "--agent", f"Game/{client}"]
    if backing:
        command += ["--user", backing.user, "--password", backing.password]
    found: dict[str, Any] = json.loads(
        subprocess.run(command, capture_output=True, check=True, timeout=SCAN_SECONDS).stdout
    )
    if found["failed"]:
        raise RuntimeError(f"{found['failed']} requests failed: {found['failures']}")
    return found


def list_one(url: str) -> dict[str, float]:
    """Seconds (p50, p99) of listings of the folder `url`, requested over eight connections at once."""
    command = [sys.executable, "-m", "tests.bench.speed.listings", url]
    found: dict[str, float] = json.loads(subprocess.run(command, capture_output=True, check=True, timeout=600).stdout)
    return found


def await_index(served: Served) -> None:
    """Wait until the whole library is in our index."""
    address = served.root.removesuffix("/dav")
    with client() as asking:
        while asking.get(f"{address}/api/library/status").json()["state"] != "current":
            time.sleep(0.02)


def sync(served: Served) -> dict[str, Any]:
    """One sync on demand, to its end."""
    address = served.root.removesuffix("/dav")
    with client() as asking:
        answer = asking.post(f"{address}/api/library/sync?wait=true", json={})
    answer.raise_for_status()
    found: dict[str, Any] = answer.json()
    return found


def get(url: str, backing: Backing | None = None) -> float:
    """Seconds to read a file whole, in blocks as players do, into memory that is there already.

    With httpx every block is new memory, and page faults in this process would decide the time, not the server.
    """
    address, block = urlsplit(url), memoryview(bytearray(RANGE))
    headers = signature(backing.user, backing.password) if backing else {}
    with closing(HTTPConnection(address.netloc, timeout=600)) as asking:
        started = time.perf_counter()
        asking.request("GET", address.path, headers=headers)
        answer, found = asking.getresponse(), 0
        while count := answer.readinto(block):
            found += count
        seconds = time.perf_counter() - started
    if answer.status != 200 or found != int(answer.headers["Content-Length"]):
        raise RuntimeError(f"{url}: {answer.status}, {found} bytes")
    return seconds


def get_ranges(url: str, backing: Backing | None = None) -> list[float]:
    """Seconds for each of RANGES, 1 MiB out of a file, on a connection that was used before."""
    with client(backing) as asking:
        asking.request("PROPFIND", url, headers={"Depth": "0"})
        return [_part(asking, url, start, RANGE) for start in RANGES]


def get_in_a_row(url: str, backing: Backing | None = None) -> float:
    """Seconds to read the first ROW bytes of a file in parts of STEP, as a mounted drive does."""
    with client(backing) as asking:
        return sum(_part(asking, url, start, STEP) for start in range(0, ROW, STEP))


def _part(asking: httpx.Client, url: str, start: int, length: int) -> float:
    started = time.perf_counter()
    answer = asking.get(url, headers={"Range": f"bytes={start}-{start + length - 1}"})
    if answer.status_code != 206 or len(answer.content) != length:
        raise RuntimeError(f"{url}: {answer.status_code}, {len(answer.content)} bytes")
    return time.perf_counter() - started


def await_content(url: str, content: bytes) -> float:
    """Seconds until a file reads as `content`."""
    started = time.perf_counter()
    with client() as asking:
        while asking.get(url).content != content:
            if time.perf_counter() - started > 60:
                raise RuntimeError(f"{url} has not changed for a minute")
            time.sleep(0.05)
    return time.perf_counter() - started


def put(url: str, content: bytes, backing: Backing | None = None) -> float:
    """Seconds until a file is stored."""
    with client(backing) as asking:
        started = time.perf_counter()
        asking.put(url, content=content).raise_for_status()
        return time.perf_counter() - started


def put_song(folder: str, files: dict[str, bytes], backing: Backing | None = None) -> float:
    """Seconds to make a song folder and put its files."""
    with client(backing) as asking:
        started = time.perf_counter()
        asking.request("MKCOL", folder).raise_for_status()
        for name, content in files.items():
            asking.put(f"{folder}/{name}", content=content).raise_for_status()
        return time.perf_counter() - started


def drop_archive(served: Served, archive: Path) -> float:
    """Seconds from the drop of an archive to its last song in the library."""
    address = served.root.removesuffix("/dav")
    with client() as asking:
        started = time.perf_counter()
        with archive.open("rb") as file:
            files = {"files": (archive.name, file, "application/zip")}
            answer = asking.post(f"{address}/api/upload?wait=true", data={"type": "songs"}, files=files)
        answer.raise_for_status()
        return time.perf_counter() - started
