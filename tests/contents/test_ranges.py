"""Large files on a Nextcloud: one fetch however many read, exact parts, and parts in a row fetched ahead."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from davproxy.contents.ranges import PIECE
from davproxy.errors import Unavailable
from davproxy.index import Index
from davproxy.library import Cache, Library
from davproxy.remote.webdav.nextcloud import Nextcloud
from davproxy.settings import Settings
from tests.fakes.nextcloud import FakeNextcloud
from tests.waiting import wait_until

PATH = "/Songs/large.ogg"
CONTENT = b"".join(number.to_bytes(4, "big") for number in range(5 * PIECE // 4)) + b"end"
PART = 256 * 1024


@pytest.fixture
def fake() -> Iterator[FakeNextcloud]:
    with FakeNextcloud() as fake:
        yield fake


@pytest.fixture
def library(fake: FakeNextcloud, tmp_path: Path) -> Iterator[Library]:
    """A library that has heard of a file of five pieces and a bit, and no request counted yet."""
    remote = Nextcloud(
        fake.url, fake.user, fake.password, "CH", Settings.read({}, Path("/nonexistent")).folders, patience=0.2
    )
    remote.connect()
    fake.put("/CH/Songs/large.ogg", CONTENT)
    index = Index(tmp_path / "index.db")
    library = Library(remote, index, Cache(tmp_path / "cache", 1 << 30), upload_limit=1 << 30)
    library.tree.refresh("/Songs")
    library.updates.mark_complete()
    fake.forget()
    yield library
    await_fetches()
    remote.close()
    index.close()


def whole(library: Library) -> bytes:
    with library.tree.stream(PATH) as blocks:
        return b"".join(blocks)


def part(library: Library, start: int, length: int) -> bytes:
    with library.tree.stream(PATH, start, length) as blocks:
        return b"".join(blocks)


def await_fetches() -> None:
    """Until nothing is fetched ahead any more."""
    wait_until(lambda: not any(thread.name == "read ahead" for thread in threading.enumerate()))


def sent(fake: FakeNextcloud) -> int:
    """Bytes of files that the Nextcloud has sent."""
    return sum(request.sent for request in fake.requests if request.method == "GET")


def test_eight_readers_of_a_cold_file_cost_one_fetch(library: Library, fake: FakeNextcloud) -> None:
    together = threading.Barrier(8)

    def read() -> bytes:
        together.wait()
        return whole(library)

    with ThreadPoolExecutor(8) as readers:
        assert all(done.result() == CONTENT for done in [readers.submit(read) for _ in range(8)])
    assert whole(library) == CONTENT
    assert fake.count("GET") == 1


def test_a_reader_that_leaves_takes_nothing_from_the_others(library: Library, fake: FakeNextcloud) -> None:
    with library.tree.stream(PATH) as stays:
        with library.tree.stream(PATH) as leaves:
            ahead = next(leaves) + next(leaves)
        read = next(stays)
        with library.tree.stream(PATH) as late:
            assert b"".join(late) == CONTENT
        assert read + b"".join(stays) == CONTENT
    assert ahead == CONTENT[: len(ahead)]
    assert fake.count("GET") == 1


def test_what_nobody_reads_on_is_dropped(library: Library, fake: FakeNextcloud, tmp_path: Path) -> None:
    with library.tree.stream(PATH) as blocks:
        next(blocks)
    assert list((tmp_path / "cache").iterdir()) == []
    assert whole(library) == CONTENT
    assert fake.count("GET") == 2


def test_a_fetch_that_breaks_off_is_gone_on_with(library: Library, fake: FakeNextcloud, tmp_path: Path) -> None:
    fake.fail("GET", cut_answer=3 * PIECE, times=1)
    with library.tree.stream(PATH) as first, library.tree.stream(PATH) as second:
        assert b"".join(first) == CONTENT
        assert b"".join(second) == CONTENT
    assert fake.count("GET") == 3
    assert sent(fake) < 2 * len(CONTENT)
    assert list((tmp_path / "cache").iterdir()) == []


def test_a_server_that_is_gone_is_told_to_each(library: Library, fake: FakeNextcloud) -> None:
    fake.fail("GET", cut_answer=3 * PIECE, times=1)
    with library.tree.stream(PATH) as first, library.tree.stream(PATH) as second:
        fake.fail("GET", status=503, times=100)
        for reader in first, second:
            with pytest.raises(Unavailable):
                list(reader)


def test_a_disk_that_takes_nothing_is_no_reason_to_fail(library: Library, fake: FakeNextcloud, tmp_path: Path) -> None:
    (tmp_path / "cache").rmdir()
    assert whole(library) == CONTENT
    assert fake.count("GET") == 1


def test_parts_here_and_there_are_fetched_exactly(library: Library, fake: FakeNextcloud) -> None:
    for start in (3 * PIECE, PIECE // 2, PIECE // 2 + PART, 2 * PIECE):
        assert part(library, start, PART) == CONTENT[start : start + PART]
    assert (fake.count("GET"), sent(fake)) == (4, 4 * PART)


def test_parts_in_a_row_are_fetched_ahead(library: Library, fake: FakeNextcloud) -> None:
    read = b"".join(part(library, start, PART) for start in range(0, len(CONTENT), PART))
    assert read == CONTENT
    await_fetches()
    assert fake.count("GET") == 2 + 6
    assert sent(fake) == 2 * PART + len(CONTENT)
    assert part(library, PIECE - 10, 2 * PIECE) == CONTENT[PIECE - 10 : 3 * PIECE - 10]
    assert fake.count("GET") == 2 + 6


def test_a_jump_ends_it(library: Library, fake: FakeNextcloud) -> None:
    for start in range(0, 4 * PART, PART):
        part(library, start, PART)
    await_fetches()
    before = sent(fake)
    assert before == 2 * PART + 2 * PIECE
    for start in (4 * PIECE, 3 * PIECE, 4 * PIECE + PIECE // 2):
        assert part(library, start, PART) == CONTENT[start : start + PART]
    await_fetches()
    assert sent(fake) == before + 3 * PART


def test_a_file_that_is_replaced_is_never_read_as_a_mix(library: Library, fake: FakeNextcloud) -> None:
    parts = [part(library, start, PART) for start in range(0, 4 * PART, PART)]
    fresh = bytes(len(CONTENT))
    fake.put("/CH/Songs/large.ogg", fresh)
    library.tree.refresh(PATH)
    parts += [part(library, start, PART) for start in range(4 * PART, 8 * PART, PART)]
    assert b"".join(parts) == CONTENT[: 4 * PART] + fresh[4 * PART : 8 * PART]


def test_our_own_write_is_read_at_once(library: Library, fake: FakeNextcloud) -> None:
    assert whole(library) == CONTENT
    ours = bytes(2 * PIECE)
    library.tree.write(PATH, ours)
    assert whole(library) == ours
    assert part(library, PIECE, 10) == ours[:10]
