"""The whole web door over a real library in a local folder; both doors on one address where a test asks for it."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from davproxy.access import Access
from davproxy.dav.server import Server
from davproxy.index import Index
from davproxy.jobs import Jobs
from davproxy.library import Cache, Library
from davproxy.model import Change, Job
from davproxy.remote.folder import Folder
from davproxy.settings import Settings
from davproxy.sync import Sync
from webui import create_app


@dataclass
class Site:
    """A running product: its parts, its application, and its address once it is served."""

    settings: Settings
    library: Library
    jobs: Jobs
    app: Flask
    stored: Path
    server: Server

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


class Intake:
    """An intake that takes nothing in: what is uploaded stays where it is put."""

    def __init__(self, library: Library, jobs: Jobs) -> None:
        jobs.register("import", lambda run: {"songs": [], "subject": run.job.subject})
        self._jobs = jobs
        library.subscribe(self._hear)

    def _hear(self, change: Change) -> None:
        if change.path.startswith("/Drop/"):
            self.import_archive(change.path)

    def job_for(self, path: str) -> Job | None:
        return self._jobs.latest("import", path)

    def import_archive(self, path: str) -> Job:
        return self._jobs.submit("import", f"Import {path}", subject=path)

    def prepare(self, path: str, options: Mapping[str, Any]) -> None: ...

    def read_tags(self, name: str, start: bytes) -> Mapping[str, str]:
        return {"title": name, "artist": str(len(start))}


Start = Callable[..., Site]


@pytest.fixture(scope="session")
def start_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Start]:
    """Starts sites that stop at the end of all tests; settings by environment name."""
    with ExitStack() as closing:

        def start(*, served: bool = False, **environment: str) -> Site:
            folder = tmp_path_factory.mktemp("site")
            given = {"APP_PORT": "0", "TEMP_DIR": str(folder / "temp"), "LIBRARY_DIR": str(folder / "stored")}
            settings = Settings.read(given | environment, Path("/nonexistent"))
            settings.temp_dir.mkdir()
            remote = Folder(settings.library_dir, settings.folders)
            remote.connect()
            closing.callback(remote.close)
            index = Index(settings.db_path)
            closing.callback(index.close)
            library = Library(remote, index, Cache(folder / "cache", 1 << 30), settings.upload_limit)
            jobs = Jobs(index, settings.job_workers)
            intake = Intake(library, jobs)
            sync = Sync(library, jobs, 3600)
            jobs.start()
            closing.callback(jobs.drain, 5.0)
            sync.run()
            access = Access(settings.username, settings.password)
            app = create_app(settings, access, library, jobs, intake, sync)
            server = Server(settings, library, jobs, access, app)
            if served:
                server.start()
                closing.callback(server.stop)
            return Site(settings, library, jobs, app, settings.library_dir, server)

        yield start


@pytest.fixture
def site(start_site: Start) -> Site:
    """A site of the test's own."""
    return start_site()


def settled(condition: Callable[[], Any], seconds: float = 10.0) -> Any:
    """What `condition` answers once it is true. Fails after `seconds`."""
    end = time.monotonic() + seconds
    while not (answer := condition()):
        assert time.monotonic() < end, "it did not come to be"
        time.sleep(0.02)
    return answer
