"""The real server on a real library."""

import http.client
import shutil
from base64 import b64encode
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from davproxy.app import shared_access
from davproxy.connect import remote_of
from davproxy.coordination import Coordination, InProcess
from davproxy.dav.door import Door
from davproxy.index import Index
from davproxy.jobs import Jobs
from davproxy.library import Cache, Library
from davproxy.model import Change
from davproxy.remote.protocol import Remote
from davproxy.server.response_cache import ResponseCache
from davproxy.server.server import Server
from davproxy.settings import Settings

LOCK = b"""<lockinfo xmlns="DAV:"><lockscope><exclusive/></lockscope><locktype><write/></locktype>
<owner><href>me</href></owner></lockinfo>"""
"""The body of a LOCK."""
RIGHT = "Basic " + b64encode(b"jo:secret").decode()
WRONG = "Basic " + b64encode(b"jo:guess").decode()


def wrong_credentials(number: int) -> str:
    """One of many wrong credentials."""
    return "Basic " + b64encode(b"jo:guess%d" % number).decode()


def pages(environ: dict[str, Any], start_response: Any) -> list[bytes]:
    """A stand-in for the web pages."""
    body = f"page {environ['PATH_INFO']} for {environ['REMOTE_ADDR']} by {environ['wsgi.url_scheme']}".encode()
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(body)))])
    return [body]


def no_log(_method: str, _uri: str, _status: str, _began: float) -> None:
    """Writes no line about a request."""


def no_repeats() -> ResponseCache:
    """A response cache of an application that repeats nothing."""
    return ResponseCache(lambda _key: None, lambda _address: False, no_log)


def status_lines() -> list[str]:
    """A line about the library."""
    return ["Local folder, in order."]


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes


@dataclass
class Running:
    """A server under test, and its parts."""

    settings: Settings
    remote: Remote
    index: Index
    library: Library
    jobs: Jobs
    server: Server
    stored: Path
    changes: list[Change] = field(default_factory=list)

    @property
    def port(self) -> int:
        port = urlsplit(self.server.address).port
        assert port
        return port

    @property
    def url(self) -> str:
        return self.server.address

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        """One request on a connection of its own; `Content_Type` stands for `Content-Type`."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request(method, path, body, named)
            response = connection.getresponse()
            return Answer(response.status, {k.lower(): v for k, v in response.getheaders()}, response.read())
        finally:
            connection.close()


class Site:
    """Starts servers and stops them at the end of a test."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._open = ExitStack()

    def start(self, **environment: str) -> Running:
        """A server with these settings, on a local folder unless they name a Nextcloud."""
        return self.start_on(remote_of, status_lines, None, **environment)

    def start_on(
        self,
        make: Callable[[Settings], Remote],
        headlines: Callable[[], Sequence[str]] = status_lines,
        coordination: Coordination | None = None,
        **environment: str,
    ) -> Running:
        """The same on the remote that `make` makes, with these lines in STATUS.txt, as one of several instances."""
        coordination = coordination or InProcess()
        defaults = {
            "APP_PORT": "0",
            "TEMP_DIR": str(self._folder / "temp"),
            "LIBRARY_DIR": str(self._folder / "stored"),
        }
        settings = Settings.read(defaults | environment, dotenv=self._folder / "no.env")
        remote = make(settings)
        remote.connect()
        self._open.callback(remote.close)
        index = Index(settings.temp_dir / "index.db")
        self._open.callback(index.close)
        library = Library(remote, index, Cache(settings.temp_dir / "cache", settings.cache_size), settings.upload_limit)
        for top in settings.folders:
            library.tree.refresh(top)
        library.updates.mark_complete()
        jobs = Jobs(index, 1)
        access = shared_access(settings, coordination)
        server = Server(settings, access, Door(library, jobs, headlines, coordination), pages)
        coordination.start()
        self._open.callback(coordination.close)
        running = Running(settings, remote, index, library, jobs, server, settings.library_dir)
        library.subscribe(running.changes.append)
        server.start()
        self._open.callback(server.stop, 2)
        return running

    def close(self) -> None:
        self._open.close()


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    site = Site(tmp_path)
    yield site
    site.close()


@pytest.fixture
def running(site: Site) -> Running:
    """A server on loopback without credentials."""
    return site.start()


@pytest.fixture
def guarded(site: Site) -> Running:
    """A server that wants a name and a password: those of RIGHT."""
    return site.start(APP_USERNAME="jo", APP_PASSWORD="secret")


def tool(name: str, package: str) -> str:
    """The path of a program, or a skip that names its Debian package."""
    found = shutil.which(name)
    if not found:
        pytest.skip(f"{name} is missing: apt install {package}")
    return found
