"""An idle instance sends a Nextcloud six requests a minute, lease included, and still sees a request for the lease."""

from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from davproxy.app import open_core, serving
from davproxy.connect import remote_of
from davproxy.paths import DATABASE, name_of
from davproxy.settings import Settings
from davproxy.snapshot import Snapshot
from davproxy.snapshot.lease import CHECK_SECONDS, REQUESTED, Lease
from davproxy.sync import Sync
from tests.fakes.nextcloud import FakeNextcloud
from tests.snapshot.conftest import Clock
from tests.waiting import wait_until


@pytest.fixture
def fake() -> Iterator[FakeNextcloud]:
    with FakeNextcloud() as server:
        yield server


def settings_for(fake: FakeNextcloud, place: Path, **more: str) -> Settings:
    return Settings.read({**fake.account, "TEMP_DIR": str(place / "temp"), **more}, place / "none.env")


def test_six_requests_a_minute(fake: FakeNextcloud, tmp_path: Path) -> None:
    for number in range(3):
        fake.put(f"CloneHero/Songs/Ann/{number}/song.ini", b"[song]\nname = One\n")
    settings = settings_for(fake, tmp_path)
    clock = Clock()
    with ExitStack() as stack:
        core = stack.enter_context(open_core(settings))
        lease = Lease(core.remote, clock=clock)
        stack.callback(lease.release)

        snapshot = Snapshot(core.remote, tmp_path / "other.db", "here", settings.db_sync_interval, lease=lease)
        sync = Sync(core.remote, core.index, core.library, core.jobs, settings.poll_interval, snapshot.note_root)

        def minutes(number: int) -> int:
            """Requests in `number` minutes of syncs at the default interval, those of the lease included."""
            fake.forget()
            for _ in range(int(number * 60 / settings.poll_interval)):
                clock.now += settings.poll_interval
                sync.run()
                if clock.now >= lease.due:
                    lease.check()
            return fake.count()

        minutes(1)
        changes = core.index.changes
        assert settings.poll_interval == 10
        assert minutes(5) == 5 * 6
        assert core.index.changes == changes, "an idle instance changes nothing, so no index is saved"

        second = Lease(core.remote, clock=clock)
        second.check()
        fake.forget()
        assert minutes(1) == 6 + 3, "a request for the lease costs a check, an answer, and a check after it"
        assert lease.confirm()


def test_a_request_for_the_lease_is_seen_in_the_listing_of_the_root(fake: FakeNextcloud, tmp_path: Path) -> None:
    settings = settings_for(fake, tmp_path, APP_PORT="0", POLL_INTERVAL="0.2")

    def lease_name() -> str:
        return " ".join(name_of(entry.path) for entry in remote.children(DATABASE) if "lease" in entry.path)

    with ExitStack() as stack:
        remote = stack.enter_context(closing(remote_of(settings)))
        remote.connect()
        stack.enter_context(serving(settings))
        wait_until(lease_name)
        Lease(remote).check()
        # Well before the holder's own check is due.
        wait_until(lambda: not lease_name().endswith(REQUESTED), seconds=CHECK_SECONDS - 5)
