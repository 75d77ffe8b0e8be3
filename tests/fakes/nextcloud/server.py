"""The fake: its state, what tests change and ask, and where each request goes."""

import re
import secrets
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from tests.fakes.nextcloud import xml
from tests.fakes.nextcloud.dav import Dav
from tests.fakes.nextcloud.faults import Fault, Request
from tests.fakes.nextcloud.http import Server
from tests.fakes.nextcloud.messages import Answer, Call
from tests.fakes.nextcloud.pages import capabilities, status_page, web_page
from tests.fakes.nextcloud.push import Push
from tests.fakes.nextcloud.sign_in import SignIn
from tests.fakes.nextcloud.tree import Body, Refused, Tree


@dataclass(frozen=True, slots=True)
class Costs:
    """Seconds that work takes, and how many requests are worked on at once."""

    request: float = 0.0
    bulk_file: float = 0.0
    sign_in: float = 0.0
    at_once: int = 64


MEASURED = Costs(request=0.015, bulk_file=0.003, sign_in=0.035, at_once=2)
"""The costs of a real Nextcloud on two cores."""


class FakeNextcloud:
    """Serves on loopback inside a `with`. Attributes may be changed while it serves."""

    def __init__(
        self,
        *,
        port: int = 0,
        user: str = "player",
        password: str = "app-password",
        version: int = 32,
        latency: float = 0.0,
        costs: Costs | None = None,
        bodies: Path | None = None,
    ) -> None:
        """With `bodies`, contents are kept in files of that folder instead of memory."""
        self.user = user
        self.password = password
        self.version = version
        self.latency = latency
        self.costs = costs or Costs()
        self.quota: int | None = None
        self.locked_parts = 0
        self.maintenance = False
        self.deep_listings = True
        self.unsearched = ""
        """The name that searches count but leave out."""
        """Whether Depth infinity works; if not, it is silently answered as 1."""
        self.overwrites_in_place = True
        """Whether a PUT over an existing file that is cut off leaves the bytes that arrived."""
        self.push: Push | None = None
        """notify_push, where it is installed."""
        self.tree = Tree()
        self.lock = threading.RLock()
        self.requests: list[Request] = []
        self.faults: list[Fault] = []
        self._bodies = bodies
        self._closed = threading.Event()
        self._workers = threading.Semaphore(self.costs.at_once)
        self._sign_in = SignIn(lambda: self.user, lambda: self.password)
        self._server = Server(("127.0.0.1", port), self)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self.dav = Dav(self)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._closed.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    # For tests

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    @property
    def account(self) -> dict[str, str]:
        """The settings that connect to this fake."""
        return {"NEXTCLOUD_URL": self.url, "NEXTCLOUD_USERNAME": self.user, "NEXTCLOUD_PASSWORD": self.password}

    @property
    def sessions(self) -> set[str]:
        """The open sessions."""
        return self._sign_in.sessions

    @property
    def wrong_passwords(self) -> int:
        """How many wrong passwords were sent."""
        return self._sign_in.wrong_passwords

    def grant(self) -> None:
        """Grant every open Login Flow, as a person who clicks does."""
        self._sign_in.grant()

    def fail(self, method: str = "", path: str = "", **how: Any) -> Fault:
        """Add a fault; `how` are the fields of `Fault`."""
        fault = Fault(method, path, **how)
        self.faults.append(fault)
        return fault

    def count(self, method: str = "", path: str = "") -> int:
        """Requests of `method` (any if empty) whose path matches `path`, since the start or `forget`."""
        return sum(
            (not method or seen.method == method) and bool(re.search(path, seen.path)) for seen in list(self.requests)
        )

    def forget(self) -> None:
        """Empty the log."""
        self.requests.clear()

    def content(self, path: str) -> bytes | None:
        """The bytes of a file of the account, None where there is none."""
        with self.lock:
            node = self.tree.find([name for name in path.split("/") if name])
            return node.body.read() if node and not node.is_folder else None

    def put(self, path: str, content: bytes) -> None:
        """Store a file as another client does; its folders are made."""
        names = [name for name in path.split("/") if name]
        with self.lock:
            self.tree.make_folders(names[:-1])
            self.tree.put(names, self.keep([content]), None)

    # For the server

    def keep(self, blocks: Iterable[bytes]) -> Body:
        """A body of these blocks, in memory or on the disk."""
        if self._bodies is None:
            return Body(b"".join(blocks))
        file = self._bodies / secrets.token_hex(12)
        with file.open("wb") as opened:
            for block in blocks:
                opened.write(block)
        return Body(file=file)

    def spend(self, seconds: float) -> None:
        """Wait this long, but not after the end of serving."""
        if seconds:
            self._closed.wait(seconds)

    def answer(self, call: Call) -> Answer:
        """The response to a request, after the time that it costs."""
        try:
            with self._worker():
                return self._route(call)
        except Refused as refused:
            return Answer(
                refused.status, xml.error(refused.exception, refused.message), {"Content-Type": "application/xml"}
            )

    @contextmanager
    def _worker(self) -> Iterator[None]:
        """One of the workers, for the time that a request takes."""
        self.spend(self.latency)
        with self._workers:
            self.spend(self.costs.request)
            yield

    def _route(self, call: Call) -> Answer:
        if call.path == "/status.php":
            return status_page(self.version, maintenance=self.maintenance)
        if self.maintenance:
            raise Refused(503, "Sabre\\DAV\\Exception\\ServiceUnavailable", "System is in maintenance mode.")
        if "/login/v2" in call.path:
            return self._sign_in.login_flow(call, self.url)
        cookies = self._sign_in.check(call, lambda: self.spend(self.costs.sign_in))
        if call.path == "/ocs/v2.php/cloud/capabilities":
            answer = capabilities(self.push.url if self.push else "")
        elif call.path.startswith("/remote.php/dav"):
            with self.lock:
                answer = self.dav.answer(call)
            self.spend(answer.bulk_files * self.costs.bulk_file)
        else:
            answer = web_page("Not found", status=404)
        answer.headers |= cookies
        return answer
