"""What the clients of a storm do, and what of it they write into its history."""

import http.client
import json
import random
import re
import threading
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.coordination.instances import Instance
from tests.imports.archives import zip_of
from tests.imports.conftest import pack, song
from tests.serving import LOCK
from tests.storm.history import History, Operation

TREE = "/Songs/Storm"
FOLDERS, FILES = ("A", "B", "C"), ("song.ini", "notes.chart", "x.txt")
KINDS = {
    "put": 40, "delete": 10, "move": 10, "copy": 8, "lock": 8, "list": 20, "edit": 8, "make folder": 4,
    "move folder": 3, "copy folder": 2, "delete folder": 1, "drop": 1,
}  # fmt: skip
"""How often clients do what."""
INI = "[song]\r\nname = %s\r\n"
UNKNOWN = (404, 409)
"""Refusals of a MOVE or COPY whose first answer may have been lost: it was tried again."""


def now() -> float:
    """Seconds of the clock that the history goes by."""
    return time.monotonic()


def title_of(ini: bytes) -> str:
    """The title in a song.ini."""
    found = re.search(rb"name = (\d+)", ini)
    return found[1].decode() if found else ""


@dataclass
class Clients:
    """All clients of a storm; each sends each request to any of the instances."""

    ports: Sequence[int]
    seed: int
    history: History = field(default_factory=History)
    answers: Counter[tuple[str, int]] = field(default_factory=Counter)
    archives: list[str] = field(default_factory=list)
    """The titles of the songs in the archives that were acknowledged."""
    over: threading.Event = field(default_factory=threading.Event)

    def ask(self, method: str, path: str, body: bytes | None = None, *, port: int, **headers: str) -> tuple[int, bytes]:
        """Status and body of the answer; 0 where there is none."""
        try:
            status, answer = Instance(port).ask(method, path, body, **headers)
        except (OSError, http.client.HTTPException):
            status, answer = 0, b""
        self.answers[method, status] += 1
        return status, answer

    def lists(self, folder: str, port: int) -> bool:
        """Whether the instance knows the folder."""
        return self.ask("PROPFIND", f"/dav{folder}", port=port, Depth="0")[0] == 207

    def run(self, number: int) -> None:
        """Be one of them until the storm is over."""
        dice = random.Random(self.seed * 1000 + number)
        while not self.over.is_set():
            folder, into = (f"{TREE}/{name}" for name in dice.sample(FOLDERS, 2))
            path, other = (f"{TREE}/{dice.choice(FOLDERS)}/{dice.choice(FILES)}" for _ in range(2))
            port, kind = dice.choice(self.ports), dice.choices(list(KINDS), list(KINDS.values()))[0]
            if kind == "put":
                self._put(dice, path, port)
            elif kind == "delete":
                self._delete(path, [path], port)
            elif kind in ("move", "copy") and path != other:
                self._transfer(kind.upper(), path, other, [(path, other)], port)
            elif kind == "lock":
                self._locked_put(dice, path, port)
            elif kind == "list":
                self.ask("PROPFIND", f"/dav{folder}", port=port, Depth="1")
            elif kind == "edit":
                self._edit(dice, port)
            elif kind == "make folder":
                self.ask("MKCOL", f"/dav{folder}", port=port)
            elif kind in ("move folder", "copy folder"):
                pairs = [(f"{folder}/{name}", f"{into}/{name}") for name in FILES]
                self._transfer(kind.split()[0].upper(), folder, into, pairs, port)
            elif kind == "delete folder":
                self._delete(folder, [f"{folder}/{name}" for name in FILES], port)
            elif kind == "drop":
                self._drop(f"Dropped-{number}-{dice.getrandbits(40):x}", port)

    def _record(self, change: Operation, began: float, status: int) -> None:
        """A 207 lists what failed, so only a part of it may have happened."""
        happened = True if 200 <= status < 300 and status != 207 else False if 400 <= status < 500 else None
        self.history.add(Operation(change.path, began, now(), happened, change.value, change.source))

    def _put(self, dice: random.Random, path: str, port: int, **headers: str) -> None:
        value = (INI % dice.getrandbits(60)).encode()
        began = now()
        status, _ = self.ask("PUT", f"/dav{path}", value, port=port, **headers)
        self._record(Operation(path, 0, 0, None, value), began, status)

    def _delete(self, path: str, files: list[str], port: int) -> None:
        began = now()
        status, _ = self.ask("DELETE", f"/dav{path}", port=port)
        for file in files:
            self._record(Operation(file, 0, 0, None), began, status)

    def _transfer(self, method: str, source: str, target: str, files: list[tuple[str, str]], port: int) -> None:
        began = now()
        status, _ = self.ask(method, f"/dav{source}", port=port, Destination=f"/dav{target}")
        if status in UNKNOWN:
            status = 0
        for before, after in files:
            self._record(Operation(after, 0, 0, None, source=before), began, status)
            if method == "MOVE":
                self._record(Operation(before, 0, 0, None), began, status)

    def _edit(self, dice: random.Random, port: int) -> None:
        """Give a song another title by the API. It may lie elsewhere by the time that this happens."""
        status, answer = self.ask("GET", "/api/songs?limit=200", port=port)
        songs: list[dict[str, Any]] = json.loads(answer)["songs"] if status == 200 else []
        songs = [each for each in songs if each["path"].startswith(f"{TREE}/")]
        if not songs:
            return
        chosen, title = dice.choice(songs), str(dice.getrandbits(60))
        body = json.dumps({"title": title}).encode()
        began = now()
        status, answer = self.ask("PUT", f"/api/songs/{chosen['id']}", body, port=port, Content_Type="application/json")
        value = (INI % title).encode()
        paths = {f"{TREE}/{name}" for name in FOLDERS}
        if status == 200 and json.loads(answer)["path"] == chosen["path"]:
            paths = {chosen["path"]}
        elif status == 200:
            status = 0
        for path in paths:
            self._record(Operation(f"{path}/song.ini", 0, 0, None, value), began, status)

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
        self.answers["LOCK", response.status] += 1
        if response.status in (200, 201):
            self._put(dice, path, dice.choice(self.ports), If=f"({token})")
            self.ask("UNLOCK", f"/dav{path}", port=dice.choice(self.ports), Lock_Token=token)

    def _drop(self, title: str, port: int) -> None:
        if self.ask("PUT", f"/dav/Drop/{title}.zip", zip_of(pack(("x", song(title)))), port=port)[0] == 201:
            self.archives.append(title)
