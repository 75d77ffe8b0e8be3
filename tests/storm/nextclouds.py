"""The Nextcloud that a storm is about: the fake one, which fails at random, or a real one."""

import os
import random
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol
from uuid import uuid4

from davproxy.errors import NotFound
from davproxy.model import Entry
from davproxy.paths import parent_of
from davproxy.remote.webdav.nextcloud import Nextcloud
from davproxy.settings import Settings
from tests.fakes.nextcloud import FakeNextcloud

MOST_FAULTS = 5
FAULTS: tuple[dict[str, Any], ...] = (
    {"drop_answer": True}, {"status": 423}, {"status": 429}, {"status": 503}, {"status": 504}, {"fail_after": 504},
    {"cut_request": 10}, {"cut_answer": 0}, {"latency": 0.3},
)  # fmt: skip


class Truth(Protocol):
    """What is on the Nextcloud, asked past the instances."""

    @property
    def account(self) -> dict[str, str]:
        """The settings that connect to it."""

    def listed(self, folder: str) -> list[Entry]:
        """All entries below a folder of the tree."""

    def below(self, folder: str) -> dict[str, bytes | None]:
        """The content of each file below a folder of the tree, by path; None for a folder."""

    def fail(self, dice: random.Random) -> None:
        """Have one of the next requests fail."""

    def calm(self) -> None:
        """Let nothing fail any more."""


class _Real:
    """Asked through a connection of its own. It fails by itself, or not at all."""

    def __init__(self, remote: Nextcloud, account: dict[str, str]) -> None:
        self._remote, self.account = remote, account

    def listed(self, folder: str) -> list[Entry]:
        try:
            return list(self._remote.walk(folder))
        except NotFound:
            return []

    def below(self, folder: str) -> dict[str, bytes | None]:
        return {entry.path: None if entry.is_folder else self._remote.read(entry.path) for entry in self.listed(folder)}

    def fail(self, dice: random.Random) -> None:
        """It cannot be asked to."""

    def calm(self) -> None:
        """Nothing was to fail."""


class _Fake(_Real):
    def __init__(self, remote: Nextcloud, fake: FakeNextcloud) -> None:
        super().__init__(remote, fake.account)
        self._fake = fake

    def fail(self, dice: random.Random) -> None:
        method = dice.choice(("", "PUT", "MOVE", "DELETE", "PROPFIND", "GET", "COPY"))
        self._fake.fail(method, "Storm", times=dice.choice((1, 1, 2)), **dice.choice(FAULTS))
        if len(self._fake.faults) > MOST_FAULTS:
            self._fake.faults.clear()

    def calm(self) -> None:
        self._fake.faults.clear()


@contextmanager
def fake() -> Iterator[Truth]:
    """A fake Nextcloud."""
    with FakeNextcloud() as server, _connect(server.account, "CloneHero") as remote:
        yield _Fake(remote, server)


@contextmanager
def real() -> Iterator[Truth]:
    """A new folder on the Nextcloud that the environment names, as for `make test-nextcloud`; it is removed again."""
    names = "URL", "USERNAME", "PASSWORD"
    account = {f"NEXTCLOUD_{name}": os.environ[f"NEXTCLOUD_TEST_{name}"] for name in names}
    folder = f"Storm-{uuid4().hex[:8]}"
    with _connect(account, folder) as remote, _connect(account, "") as around:
        try:
            yield _Real(remote, {**account, "NEXTCLOUD_REMOTE_PATH": folder})
        finally:
            around.delete(f"/{folder}")


@contextmanager
def _connect(account: dict[str, str], folder: str) -> Iterator[Nextcloud]:
    tops = Settings.read({}, Path("/nonexistent")).folders if folder else {}
    url, username, password = account.values()
    remote = Nextcloud(url, username, password, folder, tops)
    try:
        remote.connect()
        yield remote
    finally:
        remote.close()


def folders_of(files: dict[str, bytes | None]) -> set[str]:
    """The folders that have a song.ini."""
    return {parent_of(path) for path, content in files.items() if path.endswith("/song.ini") and content is not None}
