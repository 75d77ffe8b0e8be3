"""The web door over a real library in a local folder; served together with the WebDAV door where a test needs it."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from davproxy.access import Access
from davproxy.app import open_core
from davproxy.connect import Setup
from davproxy.coordination import Coordination, InProcess
from davproxy.dav.door import Door
from davproxy.index import Index
from davproxy.jobs import Jobs
from davproxy.library import Library
from davproxy.server.server import Server
from davproxy.settings import Settings
from webui import Services, create_app
from webui.events import Events


@dataclass
class Site:
    """A running core, the web application, and the server."""

    settings: Settings
    index: Index
    library: Library
    jobs: Jobs
    app: Flask
    stored: Path
    server: Server
    dotenv: Path

    @property
    def client(self) -> Any:
        """A Flask test client, which needs no network. Untyped, because the JSON of its responses may be None."""
        return self.app.test_client()

    def get(self, path: str) -> Any:
        """The JSON at `path`, which must exist."""
        answer = self.client.get(path)
        assert answer.status_code == 200, answer.text
        return answer.json

    @property
    def url(self) -> str:
        return self.server.address


Start = Callable[..., Site]


@contextmanager
def starting(folders: pytest.TempPathFactory) -> Iterator[Start]:
    """A function that starts sites, which stop at the end. It takes settings by the names of the environment."""
    with ExitStack() as closing:

        def start(*, served: bool = False, shared: Coordination | None = None, **environment: str) -> Site:
            folder = folders.mktemp("site")
            given = {"APP_PORT": "0", "TEMP_DIR": str(folder / "temp"), "LIBRARY_DIR": str(folder / "stored")}
            settings = Settings.read(given | environment, Path("/nonexistent"))
            core = closing.enter_context(open_core(settings))
            core.jobs.start()
            core.sync.run()
            access = Access(settings.username, settings.password)
            setup = Setup(settings, folder / ".env")
            events = Events(core.library, core.jobs, core.sync)
            events.start()
            closing.callback(events.stop)
            parts = core.library, core.jobs, core.imports, core.sync, core.snapshot, core.song_jobs, core.curation
            app = create_app(Services(settings, access, *parts, setup, events.stream, shared or InProcess()))
            server = Server(settings, access, Door(core.library, core.jobs, list), app)
            if served:
                server.start()
                closing.callback(server.stop)
            return Site(settings, core.index, core.library, core.jobs, app, settings.library_dir, server, setup.file)

        yield start


@pytest.fixture(scope="module")
def start_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Start]:
    """A function that starts sites for all tests of the module."""
    with starting(tmp_path_factory) as start:
        yield start


@pytest.fixture(scope="module")
def shared_site(start_site: Start) -> Site:
    """A served site for those tests of the module that change nothing which another of them reads."""
    return start_site(served=True)


@pytest.fixture
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site of the test's own."""
    with starting(tmp_path_factory) as start:
        yield start()
