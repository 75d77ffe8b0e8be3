"""One storm: instances, clients, faults, and the judgement at the end."""

import http.client
import os
import random
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from tests.coordination.instances import Instance
from tests.fakes.nextcloud import FakeNextcloud
from tests.imports.archives import zipped
from tests.imports.conftest import pack, song
from tests.redis_server import RedisServer, free_port
from tests.serving import LOCK
from tests.storm.history import History, Operation
from tests.waiting import wait_until

CLIENTS = 8
FOLDERS, FILES = ("A", "B", "C"), ("song.ini", "notes.chart", "x.txt")
TREE = "/Songs/Storm"
KINDS = {"put": 40, "delete": 10, "move": 10, "copy": 8, "lock": 8, "list": 20, "drop": 1}
"""How often clients do what."""
SETTLED_SECONDS = 180.0
FAULTS: tuple[dict[str, Any], ...] = (
    {"drop_answer": True}, {"status": 423}, {"status": 429}, {"status": 503}, {"status": 504}, {"fail_after": 504},
    {"cut_request": 10}, {"cut_answer": 0}, {"latency": 0.3},
)  # fmt: skip


@dataclass
class Storm:
    """The state of one storm. `problems` are what went wrong, in sentences."""

    folder: Path
    seed: int
    count: int
    fake: FakeNextcloud
    redis: RedisServer
    history: History = field(default_factory=History)
    answers: Counter[tuple[str, int]] = field(default_factory=Counter)
    problems: list[str] = field(default_factory=list)
    ports: list[int] = field(default_factory=list)
    processes: dict[int, "subprocess.Popen[bytes]"] = field(default_factory=dict)
    archives: list[str] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)
    number: int = 0

    # Instances

    def start(self, number: int) -> None:
        """Start an instance on its port, on the disk that it had."""
        port = self.ports[number]
        environment = {
            "PATH": os.environ["PATH"], "HOME": str(self.folder), "APP_PORT": str(port), "POLL_INTERVAL": "1",
            "TEMP_DIR": str(self.folder / f"instance-{number}"), "REDIS_URL": self.redis.url, "SECRET_KEY": "storm",
            **self.fake.account,
        }  # fmt: skip
        log = (self.folder / f"instance-{number}.log").open("ab")
        command = [sys.executable, "-m", "davproxy", "serve"]
        self.processes[port] = subprocess.Popen(command, env=environment, cwd=self.folder, stdout=log, stderr=log)
        log.close()
        wait_until(lambda: self.status("GET", "/api/health", port=port) == 200, self._log(number))

    def _log(self, number: int) -> str:
        return (self.folder / f"instance-{number}.log").read_text(errors="replace")[-3000:]

    def kill(self, number: int) -> None:
        """kill -9."""
        process = self.processes.pop(self.ports[number])
        process.kill()
        process.wait()

    # Clients

    def status(self, method: str, path: str, body: bytes | None = None, *, port: int, **headers: str) -> int:
        """The status of the answer; 0 where there is none."""
        try:
            status, _ = Instance(port).ask(method, path, body, **headers)
        except (OSError, http.client.HTTPException):
            status = 0
        self.answers[method, status] += 1
        return status

    def client(self, number: int) -> None:
        """Change files at random until the storm is over, each request at any of the instances."""
        dice = random.Random(self.seed * 1000 + number)
        while not self.over.is_set():
            path, other = (f"{TREE}/{dice.choice(FOLDERS)}/{dice.choice(FILES)}" for _ in range(2))
            port, kind = dice.choice(self.ports), dice.choices(list(KINDS), list(KINDS.values()))[0]
            if kind == "put":
                self._put(dice, path, port)
            elif kind == "delete":
                self._changed("DELETE", path, port, Operation(path, 0, 0, None))
            elif kind in ("move", "copy") and path != other:
                self._transfer(kind.upper(), path, other, port)
            elif kind == "lock":
                self._locked_put(dice, path, port)
            elif kind == "drop":
                self._drop(number, port)
            else:
                self.status("PROPFIND", f"/dav{TREE}/{dice.choice(FOLDERS)}", port=port, Depth="1")

    def _changed(
        self, method: str, path: str, port: int, change: Operation, body: bytes | None = None, **headers: str
    ) -> None:
        began = time.monotonic()
        status = self.status(method, f"/dav{path}", body, port=port, **headers)
        self._record(change, began, status)

    def _record(self, change: Operation, began: float, status: int) -> None:
        happened = True if 200 <= status < 300 else False if 400 <= status < 500 else None
        self.history.add(Operation(change.path, began, time.monotonic(), happened, change.value, change.source))

    def _put(self, dice: random.Random, path: str, port: int, **headers: str) -> None:
        value = b"[song]\r\nname = %d\r\n" % dice.getrandbits(60)
        self._changed("PUT", path, port, Operation(path, 0, 0, None, value), value, **headers)

    def _transfer(self, method: str, source: str, target: str, port: int) -> None:
        began = time.monotonic()
        status = self.status(method, f"/dav{source}", port=port, Destination=f"/dav{target}")
        if status in (404, 409):  # an answer that was lost may have been a success, tried again
            status = 0
        self._record(Operation(target, 0, 0, None, source=source), began, status)
        if method == "MOVE":
            self._record(Operation(source, 0, 0, None), began, status)

    def _locked_put(self, dice: random.Random, path: str, port: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        try:
            connection.request("LOCK", f"/dav{path}", LOCK, {"Timeout": "Second-20"})
            response = connection.getresponse()
            response.read()
            token = response.getheader("Lock-Token", "")
        except (OSError, http.client.HTTPException):
            return
        finally:
            connection.close()
        if response.status in (200, 201):
            self._put(dice, path, dice.choice(self.ports), If=f"({token})")
            self.status("UNLOCK", f"/dav{path}", port=dice.choice(self.ports), Lock_Token=token)

    def _drop(self, client: int, port: int) -> None:
        self.number += 1
        title = f"Dropped-{client}-{self.number}"
        if self.status("PUT", f"/dav/Drop/{title}.zip", zipped(pack(("x", song(title)))), port=port) == 201:
            self.archives.append(title)

    # Faults

    def weather(self, *, kills: bool) -> None:
        """Break something at random, until the storm is over."""
        dice = random.Random(self.seed)
        while not self.over.wait(dice.random() * 0.3):
            method = dice.choice(("", "PUT", "MOVE", "DELETE", "PROPFIND", "GET", "COPY"))
            self.fake.fail(method, "Storm", times=dice.choice((1, 1, 2)), **dice.choice(FAULTS))
            if len(self.fake.faults) > 5:
                self.fake.faults.clear()
            if (roll := dice.random()) < 0.02:
                self.redis.stop()
                self.over.wait(dice.random() * 2)
                self.redis.start()
            elif roll < 0.03:
                self.redis.empty()
            elif kills and roll < 0.05:
                number = dice.randrange(self.count)
                self.kill(number)
                self.start(number)
        self.fake.faults.clear()

    # Judgement

    def judge(self) -> None:
        """Find out whether all instances agree with the remote, and the remote with the history."""
        fronts = [Instance(port) for port in self.ports]
        for title in self.archives:
            wait_until(partial(self._imported, title), f"{title} is not imported once", SETTLED_SECONDS)
        for front in fronts:
            wait_until(partial(self._is_synced, front), "no sync")
        for path in (f"{TREE}/{folder}/{name}" for folder in FOLDERS for name in FILES):
            there = self.fake.content(f"CloneHero{path}")
            if not self.history.explains(path, there):
                self.problems += [
                    f"{path} is {there!r}, which no order of the changes explains:",
                    *self.history.shrunk(path),
                ]
            for front in fronts:
                status, content = front.ask("GET", f"/dav{path}")
                if (content if status == 200 else None) != there:
                    self.problems.append(f"{path} is {there!r}, but {front.port} says {status} {content!r}")
        wait_until(lambda: not any(map(self._is_locked, fronts)), "locks are left")

    def is_listed(self, port: int) -> bool:
        """Whether the instance knows the last folder of the tree."""
        return self.status("PROPFIND", f"/dav{TREE}/C", port=port, Depth="0") == 207

    def _is_synced(self, front: Instance) -> bool:
        return front.ask("POST", "/api/library/sync?wait=true")[0] == 200

    def _imported(self, title: str) -> bool:
        with self.fake.lock:
            songs = self.fake.tree.find(["CloneHero", "Songs", "The Testers"])
            found = [name for name in (songs.children if songs else ()) if name.startswith(f"{title}_")]
        return len(found) == 1 and self.fake.content(f"CloneHero/Drop/{title}.zip") is None

    def _is_locked(self, front: Instance) -> bool:
        asked = b'<propfind xmlns="DAV:"><prop><lockdiscovery/></prop></propfind>'
        return any(b"locktoken" in front.ask("PROPFIND", f"/dav{TREE}/{name}", asked, Depth="1")[1] for name in FOLDERS)


@contextmanager
def storm(folder: Path, *, seed: int, count: int, seconds: float, kills: bool) -> Iterator[Storm]:
    """Run one storm, and yield it after the judgement."""
    with FakeNextcloud() as fake:
        redis = RedisServer(folder)
        here = Storm(folder, seed, count, fake, redis, ports=[free_port() for _ in range(count)])
        try:
            for number in range(count):
                here.start(number)
            for made in (TREE, *(f"{TREE}/{name}" for name in FOLDERS)):
                here.status("MKCOL", f"/dav{made}", port=here.ports[0])
            for port in here.ports:
                wait_until(partial(here.is_listed, port))
            threads = [threading.Thread(target=here.client, args=(number,)) for number in range(CLIENTS)]
            threads.append(threading.Thread(target=here.weather, kwargs={"kills": kills}))
            for thread in threads:
                thread.start()
            here.over.wait(seconds)
            here.over.set()
            for thread in threads:
                thread.join()
            here.judge()
            yield here
        finally:
            for process in here.processes.values():
                process.kill()
                process.wait()
            redis.close()
