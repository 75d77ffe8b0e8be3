"""What 1, 2 and 3 instances of one library do together, and what one request costs: `make bench ARGS=--scale`.

The Nextcloud is the fake one with the costs measured on a real one, and runs on the same cores as everything else, so
requests a second say what one machine does; the processor time of a request holds for any number of machines.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from urllib.parse import quote, urlsplit

from tests.bench.speed.backing import Fake
from tests.bench.speed.served import Served, davproxy
from tests.bench.speed.songs import paths
from tests.coordination.instances import Instance
from tests.fakes.nextcloud import MEASURED, FakeNextcloud
from tests.imports.archives import zip_of
from tests.imports.conftest import pack, song
from tests.redis_server import RedisServer
from tests.waiting import wait_until

SONGS, ARCHIVES = 200, 4
WAIT_SECONDS = 300.0
TICKS = os.sysconf("SC_CLK_TCK")
SMALL_FILE = "small file (40 KB of notes), cached"
ROWS = {
    "listing, repeated": ("PROPFIND", "{folder}/", False),
    "listing, never the same": ("PROPFIND", "{folder}/", True),
    SMALL_FILE: ("GET", "{file}", False),
    "write of 2 KB": ("PUT", "/Backgrounds/put", True),
}
SCAN_FOLDERS, SCAN_FILES, PLAYERS = 2_201, 4_000, 1_000
"""Folders that a game lists, and files that it reads, of a library of 2,000 songs."""
ACCOUNTS, POLL_MS = 10_000, (15, 40)
"""Least and most processor time that a request costs a real Nextcloud: docs/speed.md."""


@dataclass(frozen=True)
class Figure:
    """`rate` is requests a second of all instances, `spent` the microseconds of processor time of one request, `asked`
    how many requests to the Nextcloud one takes."""

    rate: float
    spent: float
    asked: float

    def __str__(self) -> str:
        return f"{self.rate:,.0f}/s, {self.spent:,.0f} µs, {self.asked:.1f} requests"


def processor_seconds(pids: Sequence[int]) -> float:
    """What these processes and their children that ended have used so far (Linux)."""
    fields = [Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split() for pid in pids]
    return sum(sum(map(int, each[11:15])) for each in fields) / TICKS


def measured(fake: FakeNextcloud, served: Sequence[Served], work: Callable[[], int]) -> Figure:
    """The figure of `work`, which returns how many requests it made."""
    pids = [each.pid for each in served]
    before, asked, began = processor_seconds(pids), len(fake.requests), time.perf_counter()
    done = work()
    spent = processor_seconds(pids) - before
    return Figure(done / (time.perf_counter() - began), spent / done * 1e6, (len(fake.requests) - asked) / done)


def rates(served: Sequence[Served], method: str, path: str, *, differ: bool, seconds: float) -> int:
    """Send requests to all of them at once. Returns how many."""
    programs = []
    for number, each in enumerate(served):
        url = f"{each.root}{path}{f'-{number}' if method == 'PUT' else ''}"
        command = [sys.executable, "-m", "tests.bench.speed.rates", url, method, "--connections", "2"]
        command += ["--seconds", str(seconds), *(["--differ"] if differ else [])]
        programs.append(subprocess.Popen(command, stdout=subprocess.PIPE))
    answers = [json.loads(program.communicate()[0]) for program in programs]
    rate: float = sum(answer["rate"] for answer in answers)
    return round(rate * seconds)


def front_of(served: Served) -> Instance:
    """A way to ask it."""
    return Instance(urlsplit(served.root).port or 80)


def total(front: Instance) -> int:
    """How many songs it shows."""
    return int(front.json("GET", "/api/songs?limit=1")["total"])


def is_current(front: Instance) -> bool:
    """Whether it has read the whole library."""
    return bool(front.json("GET", "/api/health")["remote"]["state"] == "current")


def shows(front: Instance, songs: int) -> bool:
    """Whether it shows so many songs."""
    return total(front) == songs


def imports(served: Sequence[Served]) -> int:
    """Put archives, each at another instance, and wait until their songs are there. Returns how many."""
    fronts = [front_of(each) for each in served]
    before = total(fronts[0])
    for number in range(ARCHIVES):
        title = f"Dropped-{len(served)}-{number}"
        archive = zip_of(pack(("x", song(title))))
        status, _ = fronts[number % len(fronts)].ask("PUT", f"/dav/Drop/{title}.zip", archive)
        assert status == 201
    for front in fronts:
        wait_until(partial(shows, front, before + ARCHIVES), seconds=WAIT_SECONDS)
    return ARCHIVES


def measure(count: int, seconds: float) -> dict[str, Figure]:
    """The figures of so many instances."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        fake = stack.enter_context(FakeNextcloud(costs=MEASURED))
        backing = Fake(fake, "Scale")
        backing.fill(SONGS)
        redis = RedisServer(folder)
        stack.callback(redis.close)
        shared = {"REDIS_URL": redis.url, "SECRET_KEY": "scale", "POLL_INTERVAL": "600"}
        served = [stack.enter_context(davproxy(backing, folder / str(n), **shared)) for n in range(count)]
        file = quote(f"/Songs/{paths(SONGS)[0]}/notes.chart")
        for front in map(front_of, served):
            wait_until(partial(is_current, front), seconds=WAIT_SECONDS)
            assert front.ask("GET", f"/dav{file}")[0] == 200
        found: dict[str, Figure] = {}
        for name, (method, path, differ) in ROWS.items():
            place = path.format(folder=file.rpartition("/")[0], file=file)
            found[name] = measured(fake, served, partial(rates, served, method, place, differ=differ, seconds=seconds))
        found["import of a song"] = measured(fake, served, partial(imports, served))
        return found


def arithmetic(one: dict[str, Figure]) -> list[str]:
    """What many players need, by what one request costs one instance."""
    first = (SCAN_FOLDERS * one["listing, never the same"].spent + SCAN_FILES * one[SMALL_FILE].spent) / 1e6
    again = (SCAN_FOLDERS * one["listing, repeated"].spent + SCAN_FILES * one[SMALL_FILE].spent) / 1e6
    write = one["write of 2 KB"]
    polls = [ACCOUNTS * each / 60 for each in (6, 1)]
    cores = [" to ".join(f"{each * ms / 1000:.0f}" for ms in POLL_MS) for each in polls]
    return [
        f"A scan of 2,000 songs costs an instance {first:.2f} s of one core the first time, {again:.2f} s again.",
        f"{PLAYERS:,} players who scan within an hour: {PLAYERS * first / 3600:.2f} cores.",
        f"{PLAYERS:,} players who scan within a minute: {PLAYERS * again / 60:.1f} cores.",
        f"{PLAYERS:,} players who write a file a minute: {PLAYERS / 60 * write.spent / 1e6:.2f} cores here, "
        f"and {PLAYERS / 60 * write.asked:.0f} requests a second to the Nextcloud.",
        f"{ACCOUNTS:,} libraries of one account each: {polls[0]:,.0f} polls a second, {cores[0]} cores of the "
        f"Nextcloud; with notify_push {polls[1]:,.0f}, {cores[1]} cores.",
    ]


def report(seconds: float = 5.0, counts: Sequence[int] = (1, 2, 3)) -> str:
    """A Markdown table of what so many instances do, each request measured for so long, and what follows from it."""
    found = {count: measure(count, seconds) for count in counts}
    names = [f"{count} instance{'' if count == 1 else 's'}" for count in found]
    lines = [f"| | {' | '.join(names)} |", f"|{'---|' * (len(found) + 1)}"]
    for name in next(iter(found.values())):
        lines.append(f"| {name} | {' | '.join(str(figures[name]) for figures in found.values())} |")
    machine = f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} at the end"
    return "\n".join([*lines, "", *arithmetic(next(iter(found.values()))), machine])
