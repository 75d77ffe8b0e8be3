"""What doctor finds out about bulk reads and about proxies before the server."""

import socket
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest

from davproxy.diagnosis import Grade, check_remote, check_slow_upload
from davproxy.errors import Unavailable
from davproxy.remote.webdav import body_limit
from davproxy.remote.webdav.connection import certificates
from davproxy.remote.webdav.nextcloud import Nextcloud
from tests.fakes.nextcloud import Costs, FakeNextcloud
from tests.remote.conftest import FOLDERS

pytestmark = pytest.mark.slow


@contextmanager
def proxy(limit: int) -> Iterator[str]:
    """A proxy that refuses requests of more than `limit` bytes by their head, and else waits for their body."""
    listening = socket.create_server(("127.0.0.1", 0))

    def attend() -> None:
        while True:
            try:
                client, _ = listening.accept()
            except OSError:
                return
            with client:
                head = b""
                while b"\r\n\r\n" not in head and (came := client.recv(4096)):
                    head += came
                assert b"authorization" not in head.lower()
                if int(head.lower().partition(b"content-length:")[2].split()[0]) > limit:
                    client.sendall(b"HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n")
                while client.recv(4096):
                    pass

    thread = threading.Thread(target=attend)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/files/probe"
    finally:
        listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        thread.join()


def test_a_long_request_is_refused_by_its_head() -> None:
    with proxy(20_000_000) as url:
        assert not body_limit.accepts(url, 33_000_000, certificates())
        assert body_limit.accepts(url, 10_000_000, certificates())
    with pytest.raises(Unavailable):
        body_limit.accepts(url, 1, certificates())


@pytest.mark.parametrize(
    ("bulk_file", "refused", "expected"),
    [
        (0.0, 0, [(Grade.GOOD, "Each small file"), (Grade.GOOD, "Requests of 100 MB")]),
        (0.01, 100_000_000, [(Grade.HINT, "file locks"), (Grade.HINT, "refuses requests of 100 MB")]),
        (0.0, 10_000_000, [(Grade.GOOD, "Each small file"), (Grade.BAD, "refuses requests of 10 MB")]),
    ],
)
def test_doctor_says_what_small_files_cost_and_what_a_proxy_refuses(
    bulk_file: float, refused: int, expected: list[tuple[Grade, str]]
) -> None:
    class Limited(Nextcloud):
        """One behind a proxy."""

        def accepts(self, size: int) -> bool:
            return not refused or size < refused

    with FakeNextcloud(costs=Costs(bulk_file=bulk_file)) as fake:
        with closing(Limited(fake.url, fake.user, fake.password, "CloneHero", FOLDERS)) as remote:
            found = list(check_remote(remote, fake.url))
            assert remote.children("/Temp") == []
        for grade, words in expected:
            assert [check.grade for check in found if words in check.text] == [grade], found


def test_a_nextcloud_is_asked_without_a_password(nextcloud: Nextcloud, fake: FakeNextcloud) -> None:
    assert nextcloud.accepts(10_000_000)
    assert nextcloud.children("/") == [entry for entry in nextcloud.children("/") if "probe" not in entry.path]
    assert fake.wrong_passwords == 0


def test_doctor_says_when_an_upload_that_takes_long_is_cut_off(nextcloud: Nextcloud, fake: FakeNextcloud) -> None:
    (check,) = check_slow_upload(nextcloud, seconds=0.1)
    assert (check.grade, fake.count("PUT", "/Temp/probe"), fake.count("DELETE")) == (Grade.GOOD, 1, 1)
    fake.fail("PUT", "/Temp/probe", cut_request=5)
    (check,) = check_slow_upload(nextcloud, seconds=0.1)
    assert (check.grade, "cut off after 0" in check.text) == (Grade.HINT, True)
    assert nextcloud.children("/Temp") == []
    fake.fail("PUT", "/Temp/probe", status=403)
    assert [check.grade for check in check_slow_upload(nextcloud, seconds=0.1)] == [Grade.BAD]
