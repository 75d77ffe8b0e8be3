"""`make soak`: mixed clients on one server for some minutes; memory, threads and descriptors must stay flat.

The library is on a Nextcloud: a real one where the environment names it, else the fake one. Linux only.
"""

import argparse
import io
import random
import sys
import threading
import time
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx

from tests.bench.speed import songs
from tests.bench.speed.backing import Backing, backing
from tests.bench.speed.served import Served, davproxy
from tests.serving import LOCK

SONGS = 100
LARGE = 8 << 20
ROWS = 12
"""Samples that are printed, beside the first."""
COLUMNS = "minute  memory MB  threads  descriptors  children  requests  5xx"


@dataclass
class Client:
    """One client: what it does again and again, and how many answers of each status it got."""

    served: Served
    http: httpx.Client
    dice: random.Random
    statuses: Counter[int] = field(default_factory=Counter)

    @property
    def api(self) -> str:
        return self.served.root.removesuffix("/dav")

    def ask(self, method: str, url: str, content: bytes | None = None, **headers: str) -> httpx.Response:
        """One request. Headers are given with `_` for `-`."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        answer = self.http.request(method, url, content=content, headers=named)
        self.statuses[answer.status_code] += 1
        return answer

    def scan(self) -> None:
        """As a game: lists, and reads every song's small files."""
        folder = self.dice.choice(songs.paths(SONGS))
        self.ask("PROPFIND", f"{self.served.songs}/", Depth="1")
        self.ask("PROPFIND", f"{self.served.songs}/{folder}/", Depth="1")
        for name in ("song.ini", "notes.chart", "album.jpg"):
            self.ask("GET", f"{self.served.songs}/{folder}/{name}")

    def play(self) -> None:
        """Reads parts of a large file, and hangs up in the middle of it."""
        large = f"{self.served.root}/Backgrounds/large.mp4"
        start = self.dice.randrange(LARGE - 100_000)
        self.ask("GET", large, Range=f"bytes={start}-{start + 99_999}")
        with self.http.stream("GET", large) as answer:
            self.statuses[answer.status_code] += 1
            next(answer.iter_bytes(65536))

    def write(self) -> None:
        """Makes, locks, overwrites, copies, renames and deletes."""
        folder = f"{self.served.root}/Backgrounds/soak-{self.dice.randrange(10**9)}"
        body = self.dice.randbytes(self.dice.choice((100, 30_000, 2_000_000)))
        self.ask("MKCOL", folder)
        self.ask("PUT", f"{folder}/a.bin", body)
        token = self.ask("LOCK", f"{folder}/a.bin", LOCK, Timeout="Second-60").headers.get("Lock-Token", "")
        self.ask("PUT", f"{folder}/a.bin", body[::-1], If=f"({token})")
        self.ask("UNLOCK", f"{folder}/a.bin", Lock_Token=token)
        self.ask("COPY", f"{folder}/a.bin", Destination=f"{folder}/b.bin")
        self.ask("MOVE", f"{folder}/b.bin", Destination=f"{folder}/c.bin")
        self.ask("DELETE", folder)

    def import_songs(self) -> None:
        """Puts an archive into /Drop, waits for its songs, and deletes them."""
        number = self.dice.randrange(10**9)
        self.ask("PUT", f"{self.served.root}/Drop/{number}.zip", _archive(number))
        until = time.monotonic() + 120
        while time.monotonic() < until and self.ask("HEAD", f"{self.served.root}/Drop/{number}.zip").is_success:
            time.sleep(1)
        self.ask("DELETE", f"{self.served.songs}/Soak {number}")

    def look(self) -> None:
        """As a page: searches, looks at a song and edits it, and follows the events for a moment."""
        found = self.ask("GET", f"{self.api}/api/songs?limit=20&search=Title+{self.dice.randrange(SONGS)}").json()[
            "songs"
        ]
        self.ask("GET", f"{self.api}/api/jobs")
        self.ask("GET", f"{self.api}/songs")
        if found:
            address = f"{self.api}/api/songs/{found[0]['id']}"
            etag = self.ask("GET", address).headers.get("ETag", "")
            body = b'{"metadata": {"genre": "Rock %d"}}' % self.dice.randrange(9)
            self.ask("PUT", address, body, If_Match=etag, Content_Type="application/json")
        with self.http.stream("GET", f"{self.api}/api/events") as answer:
            self.statuses[answer.status_code] += 1
            next(answer.iter_bytes())


def _archive(number: int) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for part in ("One", "Two"):
            archive.writestr(f"{part}/song.ini", f"[song]\nname = {part} {number}\nartist = Soak {number}\n")
            archive.writestr(f"{part}/notes.chart", songs.notes(number) + part.encode())
            archive.writestr(f"{part}/song.ogg", b"OggS" + random.Random(number).randbytes(300_000))
    return out.getvalue()


CLIENTS: tuple[Callable[[Client], None], ...] = (
    Client.scan,
    Client.scan,
    Client.play,
    Client.write,
    Client.import_songs,
    Client.look,
)


@dataclass(frozen=True)
class Sample:
    """What the server's process uses at one time."""

    memory: int
    threads: int
    descriptors: int
    children: int


def sample(pid: int) -> Sample:
    process = Path(f"/proc/{pid}")
    status = dict(line.split(":", 1) for line in (process / "status").read_text().splitlines())
    children = (process / f"task/{pid}/children").read_text().split()
    memory = int(status["VmRSS"].split()[0]) * 1024
    return Sample(memory, int(status["Threads"]), len(list((process / "fd").iterdir())), len(children))


@contextmanager
def driven(served: Served, pause: float) -> Iterator[list[Client]]:
    """Clients that go on, each in a thread with `pause` seconds on average between its turns, until the block ends."""
    stop = threading.Event()
    clients: list[Client] = []

    def drive(client: Client, turn: Callable[[Client], None]) -> None:
        while not stop.wait(client.dice.random() * 2 * pause):
            try:
                turn(client)
            except httpx.HTTPError as error:
                client.statuses[599] += 1
                print(f"{turn.__name__}: {error!r}", flush=True)

    with ExitStack() as stack:
        threads = []
        for number, turn in enumerate(CLIENTS):
            http = stack.enter_context(httpx.Client(trust_env=False, timeout=120))
            clients.append(Client(served, http, random.Random(number)))
            threads.append(threading.Thread(target=drive, args=(clients[-1], turn)))
            threads[-1].start()
        try:
            yield clients
        finally:
            stop.set()
            for thread in threads:
                thread.join()


def soak(cloud: Backing, temp: Path, minutes: float, pause: float) -> tuple[list[Sample], Counter[int]]:
    """Drive a server, and print what it uses. Returns the samples, and how many answers had which status."""
    cloud.fill(SONGS)
    with davproxy(cloud, temp, POLL_INTERVAL="10", LOG_LEVEL="ERROR") as served:
        with httpx.Client(trust_env=False, timeout=120) as http:
            http.put(f"{served.root}/Backgrounds/large.mp4", content=random.Random(0).randbytes(LARGE))
        samples: list[Sample] = []
        statuses: Counter[int] = Counter()
        print(COLUMNS, flush=True)
        with driven(served, pause) as clients:
            for row in range(ROWS + 1):
                samples.append(sample(served.pid))
                statuses = sum((client.statuses for client in clients), Counter())
                _print(row * minutes / ROWS, samples[-1], statuses)
                if row < ROWS:
                    time.sleep(minutes * 60 / ROWS)
    return samples, statuses


def _print(minute: float, now: Sample, statuses: Counter[int]) -> None:
    failed = sum(count for status, count in statuses.items() if status >= 500)
    print(
        f"{minute:6.1f}  {now.memory / 1e6:9.1f}  {now.threads:7}  {now.descriptors:11}  {now.children:8}  "
        f"{statuses.total():8}  {failed:3}",
        flush=True,
    )


def main() -> int:
    parser = argparse.ArgumentParser(prog="make soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--pause", type=float, default=2.0, help="seconds between the turns of a client, on average")
    options = parser.parse_args()
    with backing(0.0) as cloud, TemporaryDirectory() as temp:
        samples, statuses = soak(cloud, Path(temp), options.minutes, options.pause)
    for name, row in (("start", 0), ("middle", ROWS // 2), ("end", ROWS)):
        print(f"{name}: {samples[row]}")
    print(f"statuses: {dict(sorted(statuses.items()))}")
    return int(any(status >= 500 for status in statuses))


if __name__ == "__main__":
    sys.exit(main())
