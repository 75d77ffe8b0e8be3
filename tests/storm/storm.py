"""One storm: instances, what breaks, and who plays which part."""

import os
import random
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from tests.redis_server import RedisServer, free_port
from tests.storm.clients import FOLDERS, TREE, Clients, now
from tests.storm.judgement import judge
from tests.storm.nextclouds import Truth
from tests.waiting import wait_until

ROOT = Path(__file__).parents[2]
CLIENTS = 8
START_SECONDS = 120.0
JUMPS = ("+0", "+3600", "-3600", "+90000", "-90000")
"""Seconds by which the clock of an instance is wrong at a time."""


@dataclass
class Storm:
    """The state of one storm. `problems` are what went wrong, in sentences."""

    folder: Path
    seed: int
    count: int
    truth: Truth
    redis: RedisServer
    clients: Clients
    problems: list[str] = field(default_factory=list)
    processes: dict[int, "subprocess.Popen[bytes]"] = field(default_factory=dict)
    happened: list[str] = field(default_factory=list)
    """What was broken, and when, by the clock of the history."""

    # Instances

    def start(self, number: int) -> None:
        """Start an instance on its port, on the disk that it had."""
        port = self.clients.ports[number]
        environment = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(ROOT),
            "HOME": str(self.folder),
            "APP_PORT": str(port),
            "POLL_INTERVAL": "1",
            "TEMP_DIR": str(self.folder / f"instance-{number}"),
            "REDIS_URL": self.redis.url,
            "SECRET_KEY": "storm",
            **self.truth.account,
        }
        clock = self._clock(number)
        clock.touch()
        log = (self.folder / f"instance-{number}.log").open("ab")
        command = [sys.executable, "-m", "tests.storm.instance", str(clock), "serve"]
        self.processes[port] = subprocess.Popen(command, env=environment, cwd=self.folder, stdout=log, stderr=log)
        log.close()
        answers = partial(self.clients.ask, "GET", "/api/health", port=port)
        wait_until(lambda: answers()[0] == 200, lambda: self._log(number), START_SECONDS)

    def _clock(self, number: int) -> Path:
        return self.folder / f"clock-{number}"

    def _log(self, number: int) -> str:
        return (self.folder / f"instance-{number}.log").read_text(errors="replace")[-3000:]

    def kill(self, number: int) -> None:
        """kill -9."""
        process = self.processes.pop(self.clients.ports[number])
        process.kill()
        process.wait()

    # What breaks

    def weather(self, *, kills: bool) -> None:
        """Break something at random, until the storm is over."""
        dice, over = random.Random(self.seed), self.clients.over
        while not over.wait(dice.random() * 0.3):
            self.truth.fail(dice)
            roll, number, pause = dice.random(), dice.randrange(self.count), dice.random() * 4
            what = ""
            if roll < 0.02:
                what = f"the Redis is away for {pause:.1f} s"
                self.redis.stop()
                over.wait(pause)
                self.redis.start()
            elif roll < 0.03:
                what = "the Redis is emptied"
                self.redis.empty()
            elif roll < 0.04:
                what = f"the Redis stands still for {pause:.1f} s"
                self.redis.freeze()
                over.wait(pause)
                self.redis.thaw()
            elif roll < 0.06:
                jump = dice.choice(JUMPS)
                what = f"the clock of instance {number} is {jump} s"
                self._clock(number).write_text(jump)
            elif kills and roll < 0.08:
                what = f"instance {number} is killed"
                self.kill(number)
                self.start(number)
            if what:
                self.happened.append(f"{now():8.3f} {what}")
        self.truth.calm()


@contextmanager
def storm(folder: Path, truth: Truth, *, seed: int, count: int, seconds: float, kills: bool) -> Iterator[Storm]:
    """Run one storm, and yield it after the judgement."""
    redis = RedisServer(folder)
    clients = Clients([free_port() for _ in range(count)], seed)
    here = Storm(folder, seed, count, truth, redis, clients)
    try:
        for number in range(count):
            here.start(number)
        for made in (TREE, *(f"{TREE}/{name}" for name in FOLDERS)):
            clients.ask("MKCOL", f"/dav{made}", port=clients.ports[0])
        for port in clients.ports:
            wait_until(partial(clients.lists, f"{TREE}/{FOLDERS[-1]}", port))
        threads = [threading.Thread(target=clients.run, args=(number,)) for number in range(CLIENTS)]
        threads.append(threading.Thread(target=here.weather, kwargs={"kills": kills}))
        for thread in threads:
            thread.start()
        clients.over.wait(seconds)
        clients.over.set()
        for thread in threads:
            thread.join()
        here.problems = judge(clients, truth)
        yield here
    finally:
        for process in here.processes.values():
            process.kill()
            process.wait()
        redis.close()
