"""What a Nextcloud refuses for good ends an import with an error note, and names what the player put there."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from davproxy.imports.imports import LONGEST_RETRY_SECONDS, RETRY_SECONDS, retry_pause
from davproxy.model import JobState
from davproxy.remote.webdav.nextcloud import Nextcloud
from davproxy.settings import Settings
from tests.fakes.nextcloud import FakeNextcloud
from tests.imports.archives import zip_of
from tests.imports.conftest import House, house, pack, song, target
from tests.waiting import wait_until

pytestmark = pytest.mark.slow

FOLDERS = Settings.read({}, Path("/nonexistent")).folders
ONE, TWO = song("One"), song("Two")
ARCHIVE = zip_of(pack(("one", ONE), ("two", TWO)))


@pytest.fixture
def fake() -> Iterator[FakeNextcloud]:
    with FakeNextcloud() as server:
        yield server


@pytest.fixture
def home(fake: FakeNextcloud, tmp_path: Path) -> Iterator[House]:
    with closing(Nextcloud(fake.url, fake.user, fake.password, "CloneHero", FOLDERS, patience=0.1)) as remote:
        remote.connect()
        with house(tmp_path, remote) as built:
            yield built


@pytest.mark.parametrize("status", [402, 406, 415, 422, 451])
@pytest.mark.parametrize("artist_is_there", [False, True])
def test_a_file_that_is_refused_for_good(home: House, fake: FakeNextcloud, artist_is_there: bool, status: int) -> None:
    if artist_is_there:
        home.library.tree.make_folder("/Songs/The Testers")
    fake.fail("POST", "bulk", status=400, times=10_000)
    fake.fail("PUT", r"song\.ogg$", status=status, times=10_000)
    job = home.run_import("/Drop/pack.zip", ARCHIVE)
    assert job.state is JobState.FAILED
    assert job.error is not None
    assert f"refuses “{target(ONE, 'One')}/song.ogg”: on purpose" in job.error
    note = (fake.content("CloneHero/Drop/pack.zip.error.txt") or b"").decode()
    assert job.error in note
    assert fake.content("CloneHero/Drop/pack.zip") == ARCHIVE
    assert home.leftovers() == []
    fake.forget()
    home.imports.recover()
    assert home.jobs.wait_until_idle(30)
    assert fake.count("PUT") == 0, "it is not tried again"
    fake.faults.clear()
    home.library.tree.delete("/Drop/pack.zip.error.txt")
    wait_until(lambda: fake.content("CloneHero/Drop/pack.zip") is None)
    assert fake.content(f"CloneHero{target(ONE, 'One')}/song.ogg") == ONE["song.ogg"]


@pytest.mark.parametrize("artist_is_there", [False, True])
def test_songs_that_may_not_be_written(home: House, fake: FakeNextcloud, artist_is_there: bool) -> None:
    if artist_is_there:
        home.library.tree.make_folder("/Songs/The Testers")
    fake.fail("MOVE", "/Temp/", status=403, times=10_000)
    fake.fail("MKCOL", "/Songs/", status=403, times=10_000)
    job = home.run_import("/Drop/pack.zip", ARCHIVE)
    assert job.state is JobState.FAILED
    assert job.error is not None
    assert "/Songs/The Testers" in job.error
    assert "the right to change it" in job.error
    assert "/Temp" not in job.error
    assert b"/Temp" not in (fake.content("CloneHero/Drop/pack.zip.error.txt") or b"/Temp")


def test_a_remote_that_stays_away_is_tried_less_and_less_often() -> None:
    pauses = [retry_pause(retries) for retries in range(1000)]
    assert pauses[:3] == [RETRY_SECONDS, 2 * RETRY_SECONDS, 4 * RETRY_SECONDS]
    assert pauses == sorted(pauses)
    assert pauses[-1] == LONGEST_RETRY_SECONDS
