"""Whatever keeps the library from being read is said in STATUS.txt, in /api/health and on the pages, and passes."""

import json
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from davproxy.app import serving
from davproxy.settings import Settings
from tests.fakes.nextcloud import FakeNextcloud
from tests.waiting import wait_until

pytestmark = pytest.mark.slow

INI = b"[song]\nname = One\nartist = Ann\n"
Break = Callable[[FakeNextcloud], None]


def ask(address: str) -> bytes:
    with urllib.request.urlopen(address, timeout=60) as answer:
        content: bytes = answer.read()
        return content


class Pages:
    """What a person can see of a running server."""

    def __init__(self, address: str) -> None:
        self.address = address

    def json(self, path: str) -> Any:
        return json.loads(ask(self.address + path))

    def are_well(self) -> bool:
        health, status = self.json("/api/health"), self.json("/api/library/status")
        return bool(
            health["status"] == "ok" and status["state"] == "current" and not status["message"] and status["songs"] == 1
        )

    def say(self, words: str) -> bool:
        """Whether they all say so."""
        health = self.json("/api/health")
        texts = [
            health["remote"]["message"],
            self.json("/api/library/status")["message"],
            self.json("/api/webdav/status")["message"],
            ask(f"{self.address}/dav/Status/STATUS.txt").decode(),
        ]
        return all(words in text for text in texts)


@contextmanager
def running(fake: FakeNextcloud, folder: Path) -> Iterator[Pages]:
    settings = Settings.read(
        {**fake.account, "TEMP_DIR": str(folder / "temp"), "APP_PORT": "0", "POLL_INTERVAL": "0.2"}, folder / "no.env"
    )
    with serving(settings) as server:
        yield Pages(server.address)


def lose_songs(fake: FakeNextcloud) -> None:
    with fake.lock:
        fake.tree.root.children["CloneHero"].children["Away"] = fake.tree.take(["CloneHero", "Songs"])


def lose_the_library(fake: FakeNextcloud) -> None:
    with fake.lock:
        fake.tree.root.children["Away"] = fake.tree.take(["CloneHero"])


def find_songs_again(fake: FakeNextcloud) -> None:
    with fake.lock:
        library = fake.tree.root.children.get("Away") or fake.tree.root.children["CloneHero"]
        if "Away" in library.children:
            library.children["Songs"] = library.children.pop("Away")
            fake.tree.changed(["CloneHero", "Songs"])
        else:
            fake.tree.root.children["CloneHero"] = fake.tree.root.children.pop("Away")


def refuse_a_folder(fake: FakeNextcloud) -> None:
    fake.put("CloneHero/Songs/Ann/One/song.ini", INI + b"album = Two\n")
    fake.fail("PROPFIND", "CloneHero/Songs/Ann/?$", status=403, times=10_000)


@pytest.mark.parametrize(
    ("breaks", "words", "status"),
    [
        (lose_songs, "The folder behind /Songs is gone from the remote. Nothing was removed here", "degraded"),
        (lose_the_library, "The library's folder is gone from the remote. Nothing was removed here", "degraded"),
        (refuse_a_folder, "The server does not allow that for “/Songs/Ann”", "degraded"),
        (lambda fake: fake.fail(status=500, times=10_000), "status 500", "degraded"),
        (lambda fake: fake.fail(page=True, times=10_000), "with status 200, which was not expected", "degraded"),
        (lambda fake: setattr(fake, "maintenance", True), "maintenance", "degraded"),
    ],
)
def test_an_error_is_said_everywhere_and_passes(
    breaks: Break, words: str, status: str, fake: FakeNextcloud, tmp_path: Path
) -> None:
    with running(fake, tmp_path) as pages:
        wait_until(pages.are_well, lambda: ask(f"{pages.address}/api/library/status"))
        breaks(fake)
        wait_until(lambda: pages.say(words), lambda: ask(f"{pages.address}/dav/Status/STATUS.txt"))
        assert pages.json("/api/health")["status"] == status
        assert pages.json("/api/songs")["total"] == 1, "what was known is still served"
        fake.faults.clear()
        fake.maintenance = False
        if breaks in (lose_songs, lose_the_library):
            find_songs_again(fake)
        wait_until(pages.are_well, lambda: ask(f"{pages.address}/api/library/status"))
        assert not pages.say(words)


def test_a_top_folder_that_is_deleted_is_made_again_and_said(fake: FakeNextcloud, tmp_path: Path) -> None:
    with running(fake, tmp_path) as pages:
        wait_until(pages.are_well)
        with fake.lock:
            fake.tree.delete(["CloneHero", "Highways"])
        wait_until(lambda: pages.say("The folder behind /Highways was gone from the remote. It is there again, empty."))
        health = pages.json("/api/health")
        assert (health["status"], health["remote"]["state"]) == ("ok", "current")
        request = urllib.request.Request(f"{pages.address}/dav/Highways/a.png", b"1", method="PUT")
        with urllib.request.urlopen(request, timeout=60) as answer:
            assert answer.status == 201
        assert fake.content("CloneHero/Highways/a.png") == b"1"


def test_a_server_that_is_away_at_the_start_is_said(fake: FakeNextcloud, tmp_path: Path) -> None:
    fake.maintenance = True
    with running(fake, tmp_path) as pages:
        wait_until(lambda: pages.say("maintenance"))
        assert pages.json("/api/library/status")["server"].endswith("not connected yet")
        fake.maintenance = False
        wait_until(pages.are_well, lambda: ask(f"{pages.address}/api/library/status"))


@pytest.fixture
def fake() -> Iterator[FakeNextcloud]:
    with FakeNextcloud() as server:
        server.put("CloneHero/Songs/Ann/One/song.ini", INI)
        yield server
