"""Whatever the server or the network does, a read or a listing is complete or an error."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from davproxy.errors import Unavailable
from davproxy.model import Entry
from davproxy.remote.protocol import BLOCK
from davproxy.remote.webdav.bodies import body_blocks
from davproxy.remote.webdav.listing import PAGE_ROWS
from davproxy.remote.webdav.nextcloud import Nextcloud
from tests.fakes.nextcloud import FakeNextcloud
from tests.remote.conftest import OLD
from tests.remote.faults import ACTS, state

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("cut", [0, 1, 5000, len(OLD) - 1])
@pytest.mark.parametrize("how", ["cut_answer", "short_answer"])
def test_a_short_body_is_an_error(nextcloud: Nextcloud, fake: FakeNextcloud, how: str, cut: int) -> None:
    fault: dict[str, Any] = {how: cut}
    fake.fail("GET", times=100, **fault)
    with pytest.raises(Unavailable):
        nextcloud.read("/Songs/Song/a.txt")
    if cut < 5000:
        with pytest.raises(Unavailable), nextcloud.stream("/Songs/Song/a.txt", 10, 11_000) as blocks:
            list(blocks)


@pytest.mark.parametrize("cut", [0, 100, 400])
@pytest.mark.parametrize("how", ["cut_answer", "short_answer"])
def test_a_short_listing_is_an_error(nextcloud: Nextcloud, fake: FakeNextcloud, how: str, cut: int) -> None:
    fault: dict[str, Any] = {how: cut}
    fake.fail("PROPFIND", times=100, **fault)
    for look in (
        lambda: nextcloud.children("/Songs"),
        lambda: nextcloud.stat("/Songs"),
        lambda: list(nextcloud.walk("/Songs")),
    ):
        with pytest.raises(Unavailable):
            look()


def test_a_slow_response_is_given_up() -> None:
    now = 0.0

    def trickle() -> Iterator[bytes]:
        nonlocal now
        for _ in range(100_000):
            now += 2
            yield b"."

    slow = body_blocks(httpx.Response(200, content=trickle()), "/Songs/a.txt", clock=lambda: now)
    with pytest.raises(Unavailable, match="too slowly"):
        list(slow)
    assert now < 60


def test_a_slow_reader_is_not_a_slow_server() -> None:
    now = [0.0]
    received = 0
    answer = httpx.Response(200, content=iter([b"x" * BLOCK] * 20))
    for block in body_blocks(answer, "/Songs/a.txt", clock=lambda: now[0]):
        now[0] += 3600
        received += len(block)
    assert received == 20 * BLOCK


def test_a_search_cut_short_falls_back_to_the_listing(nextcloud: Nextcloud, fake: FakeNextcloud) -> None:
    fake.fail("SEARCH", times=100, cut_answer=200)
    assert [entry.path for entry in nextcloud.find("a.txt", "/Songs")] == ["/Songs/Song/a.txt"]


@pytest.mark.parametrize("name", ACTS)
def test_a_web_page_is_no_answer(nextcloud: Nextcloud, fake: FakeNextcloud, name: str) -> None:
    method, act = ACTS[name]
    before = state(fake)
    fake.fail(method, times=100, page=True)
    with pytest.raises(Unavailable):
        act(nextcloud)
    assert state(fake) == before


def test_a_server_that_answers_depth_infinity_as_1(nextcloud: Nextcloud, fake: FakeNextcloud) -> None:
    for number in range(3):
        fake.put(f"CloneHero/Songs/Artist {number}/Album/Song/song.ini", b"[song]")
    whole = sorted(entry.path for entry in nextcloud.walk("/"))
    fake.deep_listings = False
    assert sorted(entry.path for entry in nextcloud.walk("/")) == whole
    assert "/Songs/Artist 2/Album/Song/song.ini" in whole


@pytest.fixture
def many(nextcloud: Nextcloud, fake: FakeNextcloud) -> Entry:
    """/Songs with more files in it than a page of a search has."""
    for number in range(PAGE_ROWS + 50):
        fake.put(f"CloneHero/Songs/{number % 50}/{number}.ini", b"[song]")
    songs = nextcloud.stat("/Songs")
    fake.forget()
    return songs


def test_a_tree_is_listed_by_searches_page_by_page(nextcloud: Nextcloud, fake: FakeNextcloud, many: Entry) -> None:
    found = list(nextcloud.walk_listed(many))
    assert (fake.count("SEARCH"), fake.count("PROPFIND"), fake.count()) == (3, 2, 5), "the last page is empty"
    assert {entry.path: entry for entry in found} == {entry.path: entry for entry in nextcloud.walk("/Songs")}


def test_a_tree_that_changes_between_two_pages_is_listed_anyway(
    nextcloud: Nextcloud, fake: FakeNextcloud, many: Entry
) -> None:
    """What is deleted from the first page brings the first of the second one there, where nobody looks again."""
    fake.fail("SEARCH", skip=1, first=lambda: fake.tree.delete(["CloneHero", "Songs", "0", "0.ini"]))
    found = sorted(entry.path for entry in nextcloud.walk_listed(many))
    assert found == sorted(entry.path for entry in nextcloud.walk("/Songs"))


@pytest.mark.parametrize("path", ["Songs/Song", "Songs/Song/Mount"])
def test_a_tree_in_which_another_storage_begins_is_listed(nextcloud: Nextcloud, fake: FakeNextcloud, path: str) -> None:
    fake.put("CloneHero/Songs/Song/Mount/b.txt", b"1")
    mount = fake.tree.find(["CloneHero", *path.split("/")])
    assert mount
    mount.mount_type = "external"
    walked = list(nextcloud.walk_listed(nextcloud.stat("/Songs")))
    assert fake.count("SEARCH") == (path != "Songs/Song"), "what the first listing says needs no search"
    assert [entry.path for entry in walked if entry.mounted] == [f"/{path}"]
    assert walked == list(nextcloud.walk("/Songs"))
    mount.children.clear()  # the Nextcloud has not looked into it yet
    assert list(nextcloud.walk_listed(nextcloud.stat("/Songs"))) == list(nextcloud.walk("/Songs"))


def test_a_tree_of_which_a_search_lacks_a_folder_is_listed(nextcloud: Nextcloud, fake: FakeNextcloud) -> None:
    fake.put("CloneHero/Songs/Song/Shared/b.txt", b"1")
    fake.unsearched = "Shared"
    walked = list(nextcloud.walk_listed(nextcloud.stat("/Songs")))
    assert walked == list(nextcloud.walk("/Songs"))
    assert "/Songs/Song/Shared" in [entry.path for entry in walked]


def test_a_folder_without_folders_is_listed_at_once(nextcloud: Nextcloud, fake: FakeNextcloud) -> None:
    folder = nextcloud.stat("/Songs/Song")
    fake.forget()
    assert [entry.path for entry in nextcloud.walk_listed(folder)] == ["/Songs/Song/a.txt"]
    assert (fake.count("PROPFIND"), fake.count()) == (1, 1)


def test_a_search_that_is_refused_falls_back_to_the_listing(nextcloud: Nextcloud, fake: FakeNextcloud) -> None:
    fake.fail("SEARCH", times=100, status=501)
    assert [entry.path for entry in nextcloud.walk_listed(nextcloud.stat("/Songs"))] == [
        "/Songs/Song",
        "/Songs/Song/a.txt",
    ]


@pytest.mark.slow
def test_a_search_of_many_pages(nextcloud: Nextcloud, fake: FakeNextcloud) -> None:
    for number in range(5050):
        fake.put(f"CloneHero/Songs/{number % 50}/{number}/song.ini", b"[song]")
    fake.forget()
    assert len(nextcloud.find("song.ini", "/Songs")) == 5050
    assert (fake.count("SEARCH"), fake.count()) == (3, 3)
    for number in range(3):  # a search counts these rows of its first page, but does not send them
        hidden = fake.tree.find(["CloneHero", "Songs", str(number), str(number), "song.ini"])
        assert hidden
        hidden.mount_type = "shared"
    assert len(nextcloud.find("song.ini", "/Songs")) == 5047, "a page that is not full is not the last"
