"""PUT through the door onto a Nextcloud: whatever is cut, and on which side, the old file or the new one is there."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from davproxy.remote.webdav.nextcloud import Nextcloud
from davproxy.settings import Settings
from tests.fakes.nextcloud import FakeNextcloud
from tests.raw_http import Raw, chunk_body, request
from tests.serving import Running, Site

CONTENT = bytes(range(256)) * 4 * 1024 * 11
"""11 MiB: more than one part, so that a new file of known length flows on while it comes."""
OLD = b"old content " * 1000
STORED = "CloneHero/Songs/long.ogg"
TARGET = "/dav/Songs/long.ogg"


@dataclass(frozen=True)
class Both:
    running: Running
    fake: FakeNextcloud


@pytest.fixture
def both(site: Site) -> Iterator[Both]:
    with FakeNextcloud() as fake:

        def impatient(settings: Settings) -> Nextcloud:
            return Nextcloud(fake.url, fake.user, fake.password, "CloneHero", settings.folders, patience=0.2)

        yield Both(site.start_on(impatient), fake)
        site.close()


def send_cut(both: Both, way: str, cut: int) -> int:
    """PUT of the first `cut` bytes, then silence; the status, 0 without an answer."""
    with Raw(both.running.port) as raw:
        if way == "length":
            raw.send(request("PUT", TARGET, f"Content-Length: {len(CONTENT)}", body=CONTENT[:cut]))
        else:
            body = chunk_body(CONTENT[: cut // 2], CONTENT[cut // 2 : cut], last=False)
            raw.send(request("PUT", TARGET, "Transfer-Encoding: chunked", body=body))
        raw.end()
        return raw.answer()[0]


@pytest.mark.slow
@pytest.mark.parametrize("before", [None, OLD], ids=["new", "over"])
@pytest.mark.parametrize("way", ["length", "chunked"])
def test_a_client_that_breaks_off(both: Both, way: str, before: bytes | None) -> None:
    if before:
        both.running.ask("PUT", TARGET, before)
    both.running.changes.clear()
    for percent in range(1, 100):
        assert send_cut(both, way, len(CONTENT) * percent // 100) in (0, 400)
        assert both.fake.content(STORED) == before
    assert both.running.changes == []
    assert both.fake.dav.uploads.parts == {}
    assert both.running.ask("PUT", TARGET, CONTENT).status == (204 if before else 201)
    assert both.fake.content(STORED) == CONTENT


@pytest.mark.slow
@pytest.mark.parametrize("before", [None, OLD], ids=["new", "over"])
def test_a_nextcloud_that_breaks_off(both: Both, before: bytes | None) -> None:
    if before:
        both.running.ask("PUT", TARGET, before)
    for percent in range(1, 100, 3):
        both.fake.fail("PUT", times=1000, cut_request=len(CONTENT) * percent // 1000)
        assert both.running.ask("PUT", TARGET, CONTENT).status == 503
        both.fake.faults.clear()
        assert both.fake.content(STORED) == before
        seen = both.running.ask("GET", TARGET)
        assert (seen.status, seen.body) == ((200, before) if before else (404, seen.body))
    assert both.running.ask("PUT", TARGET, CONTENT).status == (204 if before else 201)
    assert both.fake.content(STORED) == CONTENT


def test_a_full_nextcloud(both: Both) -> None:
    both.fake.quota = len(CONTENT) // 2
    assert both.running.ask("PUT", TARGET, CONTENT).status == 507
    assert both.fake.content(STORED) is None
    both.fake.quota = None
    assert both.running.ask("PUT", TARGET, CONTENT).status == 201
