"""Login Flow v2 against the fake Nextcloud, and against a real one where the environment names it."""

import os
from typing import Any

import pytest

from davproxy.errors import Unavailable
from davproxy.remote.webdav.login_flow import Account, LoginFlow
from davproxy.remote.webdav.nextcloud import Nextcloud
from tests.fakes.nextcloud import FakeNextcloud
from tests.remote.conftest import FOLDERS


def test_a_person_grants_access(fake: FakeNextcloud) -> None:
    flow = LoginFlow(fake.url)
    assert flow.address.startswith(f"{fake.url}/login/v2/flow/")
    assert flow.poll() is None
    assert flow.poll() is None
    fake.grant()
    account = flow.poll()
    assert account == Account(fake.user, fake.password)
    assert fake.password not in repr(account)
    assert flow.poll() is None, "the flow cannot be used again"
    nextcloud = Nextcloud(fake.url, account.username, account.app_password, "CloneHero", FOLDERS)
    assert nextcloud.connect().label == "Nextcloud 32.0.1"
    nextcloud.close()


def test_a_full_dav_address_works(fake: FakeNextcloud) -> None:
    flow = LoginFlow(f"{fake.url}/remote.php/dav/files/player/CloneHero")
    assert flow.poll() is None


@pytest.mark.parametrize("how", [{"status": 404}, {"page": True}, {"status": 302}])
def test_no_nextcloud_there(fake: FakeNextcloud, how: dict[str, Any]) -> None:
    fake.fail("POST", times=100, **how)
    with pytest.raises(Unavailable, match="no Nextcloud"):
        LoginFlow(fake.url)


def test_a_poll_that_gets_a_web_page(fake: FakeNextcloud) -> None:
    flow = LoginFlow(fake.url)
    fake.fail("POST", page=True)
    with pytest.raises(Unavailable):
        flow.poll()


@pytest.mark.skipif("NEXTCLOUD_TEST_URL" not in os.environ, reason="NEXTCLOUD_TEST_URL names no Nextcloud")
def test_a_real_nextcloud_begins_a_flow() -> None:
    flow = LoginFlow(os.environ["NEXTCLOUD_TEST_URL"])
    assert "/login/v2/flow/" in flow.address
    assert flow.poll() is None
