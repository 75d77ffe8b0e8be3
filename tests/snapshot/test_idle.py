"""What an idle instance costs a Nextcloud: six requests a minute, lease and looks together."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from davproxy.app import opened
from davproxy.settings import Settings
from davproxy.snapshot.lease import RENEW_SECONDS, Lease
from tests.fakes.nextcloud import FakeNextcloud


@pytest.fixture
def fake() -> Iterator[FakeNextcloud]:
    with FakeNextcloud() as server:
        yield server


def test_six_requests_a_minute(fake: FakeNextcloud, tmp_path: Path) -> None:
    for number in range(3):
        fake.put(f"CloneHero/Songs/Ann/{number}/song.ini", b"[song]\nname = One\n")
    environment = {
        "NEXTCLOUD_URL": fake.url, "NEXTCLOUD_USERNAME": fake.user, "NEXTCLOUD_PASSWORD": fake.password,
        "TEMP_DIR": str(tmp_path / "temp"),
    }  # fmt: skip
    settings = Settings.read(environment, tmp_path / "none.env")
    with ExitStack() as stack:
        core = stack.enter_context(opened(settings))
        lease = Lease(core.remote)
        stack.callback(lease.release)
        core.sync.run()
        lease.turn()
        core.sync.run()
        changes = core.library.index.changes

        fake.forget()
        lease.turn()
        renewal = fake.count()
        fake.forget()
        core.sync.run()
        look = fake.count()

        assert (renewal, look) == (1, 1), "a renewal in /Database does not make the look after it any dearer"
        assert 60 / settings.poll_interval * look + 60 / RENEW_SECONDS * renewal <= 6
        assert core.library.index.changes == changes, "what is idle changes nothing, so no index is saved"
