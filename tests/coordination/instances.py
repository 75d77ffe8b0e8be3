"""Whole instances of the program on one Nextcloud and one Redis, each in this process."""

import http.client
import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from davproxy.app import serving
from davproxy.settings import Settings
from tests.fakes.nextcloud import FakeNextcloud
from tests.redis_server import RedisServer


@dataclass(frozen=True)
class Instance:
    """One of them, asked over HTTP."""

    port: int
    authorization: str = ""

    def ask(self, method: str, path: str, body: bytes | None = None, **headers: str) -> tuple[int, bytes]:
        """Status and body of the answer; `Content_Type` stands for `Content-Type`."""
        if self.authorization:
            headers["Authorization"] = self.authorization
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
            response = connection.getresponse()
            return response.status, response.read()
        finally:
            connection.close()

    def json(self, method: str, path: str, value: Any = None) -> Any:
        """The JSON of the answer."""
        body = None if value is None else json.dumps(value).encode()
        status, answer = self.ask(method, path, body, Content_Type="application/json")
        assert status < 300, (status, answer)
        return json.loads(answer)

    def titles(self) -> list[str]:
        """The titles of all songs."""
        return [song["title"] for song in self.json("GET", "/api/songs?limit=1000")["songs"]]


Start = Callable[[str], Instance]


@contextmanager
def instances(fake: FakeNextcloud, redis: RedisServer | None, folder: Path, **environment: str) -> Iterator[Start]:
    """Starts instances by name, and stops them at the end."""
    with ExitStack() as stack:

        def start(name: str) -> Instance:
            shared = {"REDIS_URL": redis.url, "SECRET_KEY": "shared"} if redis else {}
            values = {"APP_PORT": "0", "POLL_INTERVAL": "600", "TEMP_DIR": str(folder / name)} | shared | fake.account
            settings = Settings.read(values | environment, folder / "none")
            server = stack.enter_context(serving(settings))
            port = urlsplit(server.address).port
            assert port
            return Instance(port)

        yield start
