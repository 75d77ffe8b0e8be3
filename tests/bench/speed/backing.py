"""The Nextcloud behind every measurement: a real one where the environment names it, else the fake one."""

import os
import re
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Protocol
from urllib.parse import quote

import httpx

from davproxy.remote.webdav.nextcloud import Nextcloud
from davproxy.settings import Settings
from tests.bench.speed import songs
from tests.fakes.nextcloud import MEASURED, FakeNextcloud

LOGGED = 0.1
"""Seconds after an answer in which a web server writes the line about it."""


class Backing(Protocol):
    """A Nextcloud account with a folder for the benchmark, and a count of the requests it got."""

    label: str
    fake: bool
    url: str
    user: str
    password: str
    folder: str

    def requests(self) -> int | None:
        """Requests answered so far; None where they are not counted."""

    def sent(self) -> int | None:
        """Bytes of files sent so far; None where they are not counted."""

    def fill(self, count: int) -> None:
        """Write a library of `count` songs into the folder."""


class Fake:
    """The fake one, with the costs measured on a real one: its figures are marked as such."""

    fake = True

    def __init__(self, server: FakeNextcloud, folder: str) -> None:
        self._server = server
        self.url, self.user, self.password, self.folder = server.url, server.user, server.password, folder
        self.label = f"fake Nextcloud ({server.latency * 1000:.0f} ms latency, measured costs)"

    def requests(self) -> int:
        return len(self._server.requests)

    def sent(self) -> int:
        return sum(seen.sent for seen in list(self._server.requests) if seen.method == "GET")

    def fill(self, count: int) -> None:
        for path, content in songs.files(count):
            self._server.put(f"/{self.folder}/Songs/{path}", content)


class Real:
    """A real one. Its web server's access log (in the form `combined`), where it can be read, gives the counts."""

    fake = False

    def __init__(self, url: str, user: str, password: str, folder: str, log: Path | None) -> None:
        self.url, self.user, self.password, self.folder = url, user, password, folder
        self._log = log
        self.label = "real Nextcloud"

    def requests(self) -> int | None:
        time.sleep(LOGGED)
        return self._log.read_bytes().count(b"\n") if self._log else None

    def sent(self) -> int | None:
        if not self._log:
            return None
        got = re.compile(rb'"GET [^" ]*/%s/[^"]*" \d+ (\d+)' % self.folder.encode())
        return sum(map(int, got.findall(self._log.read_bytes())))

    def fill(self, count: int) -> None:
        remote = remote_of(self)
        with TemporaryDirectory() as folder:
            found = []
            for number, (path, content) in enumerate(songs.files(count)):
                file = Path(folder) / str(number)
                file.write_bytes(content)
                found.append((f"/Songs/{path}", file))
            remote.write_many(found)
        remote.close()


def remote_of(backing: Backing) -> Nextcloud:
    """Our client of `backing`, connected."""
    folders = Settings.read({}, Path(os.devnull)).folders
    remote = Nextcloud(backing.url, backing.user, backing.password, backing.folder, folders)
    remote.connect()
    return remote


def files_url(backing: Backing) -> str:
    """The address of the account's files, where other WebDAV clients begin."""
    return f"{backing.url}/remote.php/dav/files/{quote(backing.user)}"


@contextmanager
def backing(latency: float) -> Iterator[Backing]:
    """The Nextcloud to measure with; what was written there is removed at the end."""
    folder = f"bench-{uuid.uuid4().hex[:8]}"
    url = os.environ.get("NEXTCLOUD_TEST_URL")
    if url:
        log = os.environ.get("NEXTCLOUD_TEST_ACCESS_LOG")
        user, password = os.environ["NEXTCLOUD_TEST_USERNAME"], os.environ["NEXTCLOUD_TEST_PASSWORD"]
        real = Real(url, user, password, folder, Path(log) if log else None)
        try:
            yield real
        finally:
            _remove(real)
    else:
        with (
            TemporaryDirectory() as bodies,
            FakeNextcloud(latency=latency, costs=MEASURED, bodies=Path(bodies)) as server,
        ):
            yield Fake(server, folder)


def _remove(real: Real) -> None:
    """Delete the folder, and then what is in the trash bin of it."""
    with httpx.Client(auth=(real.user, real.password), trust_env=False, timeout=600) as client:
        client.delete(f"{files_url(real)}/{real.folder}")
        listed = client.request(
            "PROPFIND", f"{real.url}/remote.php/dav/trashbin/{real.user}/trash", headers={"Depth": "1"}
        )
        for href in re.findall(r"<d:href>([^<]*bench-[^<]*)</d:href>", listed.text):
            client.delete(real.url + href)
