"""Every remote that the contract suite runs against."""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from functools import lru_cache
from pathlib import Path
from threading import Thread
from uuid import uuid4
from wsgiref.types import WSGIApplication

import pytest
from cheroot import wsgi
from wsgidav.wsgidav_app import WsgiDAVApp

from davproxy.remote.local.folder import Folder
from davproxy.remote.protocol import Remote
from davproxy.remote.webdav.nextcloud import Nextcloud
from tests.fakes.nextcloud import FakeNextcloud
from tests.remote.servers import PASSWORD, SERVERS, USER, missing, serving

OLD = b"old content " * 1000
"""The content of /Songs/Song/a.txt in the fixture `nextcloud`."""
FOLDERS = {
    "/Songs": "Songs",
    "/Drop": "Drop",
    "/Generate": "Generator",
    "/Backgrounds": "Backgrounds",
    "/Colors": "Colors",
    "/Highways": "Highways",
    "/Setlists": "Setlists",
    "/Scores": "Scores",
    "/Database": "Database",
    "/Temp": "Temp",
}


@pytest.fixture
def folder(tmp_path: Path) -> Remote:
    return Folder(tmp_path / "library", FOLDERS)


@pytest.fixture
def real_nextcloud() -> Iterator[Remote]:
    """A folder of its own on the Nextcloud that the environment names."""
    url = os.environ["NEXTCLOUD_TEST_URL"]
    account = os.environ["NEXTCLOUD_TEST_USERNAME"], os.environ["NEXTCLOUD_TEST_PASSWORD"]
    name = f"davproxy-test-{uuid4().hex}"
    yield Nextcloud(url, *account, f"{name}/Clone & Hero", FOLDERS)
    with closing(Nextcloud(url, *account, "", {})) as around:
        around.delete(f"/{name}")


@pytest.fixture
def fake() -> Iterator[FakeNextcloud]:
    with FakeNextcloud() as server:
        yield server


@pytest.fixture
def fake_nextcloud(fake: FakeNextcloud) -> Remote:
    return Nextcloud(fake.url, fake.user, fake.password, "Clone & Hero", FOLDERS, patience=1.0)


@contextmanager
def wsgidav(folder: Path, wrap: Callable[[WSGIApplication], WSGIApplication] = lambda app: app) -> Iterator[str]:
    """The address of WsgiDAV with its own file provider for `folder`; `wrap` returns what answers in its place."""
    folder.mkdir()
    accounts = {USER: {"password": PASSWORD}}
    application = WsgiDAVApp(
        {
            "provider_mapping": {"/": str(folder)},
            "simple_dc": {"user_mapping": {"*": accounts}},
            "http_authenticator": {"accept_digest": False, "default_to_digest": False},
            "verbose": 0,
            "logging": {"enable": False},
        }
    )
    server = wsgi.Server(("127.0.0.1", 0), wrap(application), numthreads=8)
    server.prepare()
    thread = Thread(target=server.serve)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.bind_addr[1]}"
    finally:
        server.stop()
        thread.join()


@pytest.fixture
def plain_webdav(tmp_path: Path) -> Iterator[Remote]:
    """A WebDAV server that is no Nextcloud."""
    with wsgidav(tmp_path / "served") as url:
        yield Nextcloud(url, USER, PASSWORD, "Clone & Hero", FOLDERS, spool=tmp_path)


@pytest.fixture
def patience() -> float:
    """Seconds for which `nextcloud` retries: enough for one retry."""
    return 0.35


@pytest.fixture
def nextcloud(fake: FakeNextcloud, patience: float) -> Iterator[Nextcloud]:
    """A connected Nextcloud with one song and little patience; the log of its requests is empty."""
    with closing(Nextcloud(fake.url, fake.user, fake.password, "CloneHero", FOLDERS, patience=patience)) as subject:
        subject.connect()
        subject.make_folder("/Songs/Song")
        subject.write("/Songs/Song/a.txt", OLD)
        fake.forget()
        yield subject


@pytest.fixture(scope="session")
def addresses() -> Iterator[Callable[[str], str]]:
    """A function that returns the address of a server by its name, and starts it the first time."""
    with ExitStack() as running:
        yield lru_cache(lambda name: running.enter_context(serving(name)))


def _other_server(name: str) -> Callable[..., Iterator[Remote]]:
    def fixture(addresses: Callable[[str], str], tmp_path: Path) -> Iterator[Remote]:
        if reason := missing(name):
            pytest.skip(reason)
        folder = f"{uuid4().hex[:8]}/Clone & Hero"
        yield Nextcloud(addresses(name), USER, PASSWORD, folder, FOLDERS, spool=tmp_path)

    return pytest.fixture(name=name)(fixture)


rclone, apache, nginx, copyparty = map(_other_server, SERVERS)

NAMED = ["real_nextcloud"] if "NEXTCLOUD_TEST_URL" in os.environ else []
OTHERS = [pytest.param(name, marks=pytest.mark.slow) for name in ("plain_webdav", *SERVERS)]
"""WebDAV servers that are no Nextcloud."""
REMOTES = ["folder", "fake_nextcloud", *OTHERS, *NAMED]
"""A real Nextcloud is one of them where the environment names it: `make test-nextcloud`."""


@pytest.fixture(params=REMOTES)
def remote(request: pytest.FixtureRequest) -> Iterator[Remote]:
    """A connected remote with nothing in it but the top folders."""
    subject: Remote = request.getfixturevalue(request.param)
    with closing(subject):
        subject.connect()
        yield subject


@pytest.fixture
def kind(request: pytest.FixtureRequest) -> str:
    """Which of REMOTES the test runs against."""
    name: str = request.node.callspec.params["remote"]
    return name
