"""The soak itself: its clients get no errors, and its table has all rows."""

from pathlib import Path

import pytest

from tests.bench import soak
from tests.bench.speed.backing import Fake
from tests.fakes.nextcloud import FakeNextcloud
from tests.memory import ON_LINUX


@ON_LINUX
@pytest.mark.slow
def test_mixed_clients_get_no_errors(tmp_path: Path) -> None:
    with FakeNextcloud() as cloud:
        samples, statuses = soak.soak(Fake(cloud, "Soak"), tmp_path, minutes=0.1, pause=0.1)
    assert len(samples) == soak.ROWS + 1
    assert all(each.memory and each.threads and each.descriptors for each in samples)
    assert statuses[207]
    assert not [status for status in statuses if status >= 500]
