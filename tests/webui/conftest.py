"""The whole web door over a real library in a local folder; both doors on one address where a test asks for it."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from davproxy.access import Access
from davproxy.app import opened
from davproxy.connect import Setup
from davproxy.dav.door import Door
from davproxy.index import Index
from davproxy.jobs import Jobs
from davproxy.library import Library
from davproxy.server.server import Server
from davproxy.settings import Settings
from webui import Services, create_app


@dataclass
class Site:
    """A running product: its parts, its application, and its address once it is served."""

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
        """A Flask test client, which asks the application without a network. Untyped: its answers' JSON may be None."""
        return self.app.test_client()

    def get(self, path: str) -> Any:
        """The JSON at `path`, which must be there."""
        answer = self.client.get(path)
        assert answer.status_code == 200, answer.text
        return answer.json

    @property
    def url(self) -> str:
        return self.server.address


Start = Callable[..., Site]


@contextmanager
def starting(folders: pytest.TempPathFactory) -> Iterator[Start]:
    """Starts sites that stop at the end; settings by environment name."""
    with ExitStack() as closing:

        def start(*, served: bool = False, **environment: str) -> Site:
            folder = folders.mktemp("site")
            given = {"APP_PORT": "0", "TEMP_DIR": str(folder / "temp"), "LIBRARY_DIR": str(folder / "stored")}
            settings = Settings.read(given | environment, Path("/nonexistent"))
            core = closing.enter_context(opened(settings))
            core.jobs.start()
            core.sync.run()
            access = Access(settings.username, settings.password)
            setup = Setup(settings, folder / ".env")
            app = create_app(Services(settings, access, core.library, core.jobs, core.imports, core.sync, setup))
            server = Server(settings, access, Door(core.library, core.jobs, list), app)
            if served:
                server.start()
                closing.callback(server.stop)
            return Site(settings, core.index, core.library, core.jobs, app, settings.library_dir, server, setup.file)

        yield start


@pytest.fixture(scope="module")
def start_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Start]:
    """Starts sites that last as long as the module's tests."""
    with starting(tmp_path_factory) as start:
        yield start


@pytest.fixture
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site of the test's own."""
    with starting(tmp_path_factory) as start:
        yield start()


def settled(condition: Callable[[], Any], seconds: float = 10.0) -> Any:
    """What `condition` answers once it is true. Fails after `seconds`."""
    end = time.monotonic() + seconds
    while not (answer := condition()):
        assert time.monotonic() < end, "it did not come to be"
        time.sleep(0.02)
    return answer
