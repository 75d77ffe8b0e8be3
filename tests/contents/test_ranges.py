"""Large files on a Nextcloud: one download for all readers, exact ranges, consecutive ranges read ahead."""

import random
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from davproxy.contents.ranges import PIECE, SEQUENCE
from davproxy.errors import Unavailable
from davproxy.index import Index
from davproxy.library import Cache, Library
from davproxy.remote.webdav.nextcloud import Nextcloud
from davproxy.settings import Settings
from tests.fakes.nextcloud import FakeNextcloud
from tests.waiting import wait_until

PATH = "/Songs/large.ogg"
CONTENT = random.Random(1).randbytes(5 * PIECE) + b"end"
RANGE = 256 * 1024


@pytest.fixture
def fake() -> Iterator[FakeNextcloud]:
    with FakeNextcloud() as fake:
        yield fake


@pytest.fixture
def library(fake: FakeNextcloud, tmp_path: Path) -> Iterator[Library]:
    """A library that knows a file of five pieces and a bit, with no request counted yet."""
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


def read_range(library: Library, start: int, length: int) -> bytes:
    with library.tree.stream(PATH, start, length) as blocks:
        return b"".join(blocks)


def await_fetches() -> None:
    """Wait until nothing is read ahead any more."""
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


def test_a_reader_that_leaves_does_not_end_the_download(library: Library, fake: FakeNextcloud) -> None:
    with library.tree.stream(PATH) as stays:
        with library.tree.stream(PATH) as leaves:
            ahead = next(leaves) + next(leaves)
        read = next(stays)
        with library.tree.stream(PATH) as late:
            assert b"".join(late) == CONTENT
        assert read + b"".join(stays) == CONTENT
    assert ahead == CONTENT[: len(ahead)]
    assert fake.count("GET") == 1


def test_a_download_without_readers_is_abandoned(library: Library, fake: FakeNextcloud, tmp_path: Path) -> None:
    with library.tree.stream(PATH) as blocks:
        next(blocks)
    assert list((tmp_path / "cache").iterdir()) == []
    assert whole(library) == CONTENT
    assert fake.count("GET") == 2


def test_each_reader_resumes_a_download_that_breaks_off(library: Library, fake: FakeNextcloud, tmp_path: Path) -> None:
    fake.fail("GET", cut_answer=3 * PIECE, times=1)
    with library.tree.stream(PATH) as first, library.tree.stream(PATH) as second:
        assert b"".join(first) == CONTENT
        assert b"".join(second) == CONTENT
    assert fake.count("GET") == 3
    assert sent(fake) < 2 * len(CONTENT)
    assert list((tmp_path / "cache").iterdir()) == []


def test_each_reader_gets_the_error_of_a_server_that_is_gone(library: Library, fake: FakeNextcloud) -> None:
    fake.fail("GET", cut_answer=3 * PIECE, times=1)
    with library.tree.stream(PATH) as first, library.tree.stream(PATH) as second:
        fake.fail("GET", status=503, times=100)
        for reader in first, second:
            with pytest.raises(Unavailable):
                list(reader)


def test_a_disk_that_cannot_be_written_fails_no_reader(library: Library, fake: FakeNextcloud, tmp_path: Path) -> None:
    (tmp_path / "cache").rmdir()
    assert whole(library) == CONTENT
    assert fake.count("GET") == 1


def test_scattered_ranges_are_fetched_exactly(library: Library, fake: FakeNextcloud) -> None:
    for start in (3 * PIECE, PIECE // 2, PIECE // 2 + 2 * RANGE, 2 * PIECE):
        assert read_range(library, start, RANGE) == CONTENT[start : start + RANGE]
    assert (fake.count("GET"), sent(fake)) == (4, 4 * RANGE)


def test_consecutive_ranges_are_read_ahead(library: Library, fake: FakeNextcloud) -> None:
    read = b"".join(read_range(library, start, RANGE) for start in range(0, len(CONTENT), RANGE))
    assert read == CONTENT
    await_fetches()
    assert fake.count("GET") == SEQUENCE - 1 + 6
    assert sent(fake) == (SEQUENCE - 1) * RANGE + len(CONTENT)
    assert read_range(library, PIECE - 10, 2 * PIECE) == CONTENT[PIECE - 10 : 3 * PIECE - 10]
    assert fake.count("GET") == SEQUENCE - 1 + 6


def test_a_jump_ends_reading_ahead(library: Library, fake: FakeNextcloud) -> None:
    for start in range(0, 4 * RANGE, RANGE):
        read_range(library, start, RANGE)
    await_fetches()
    before = sent(fake)
    assert before == (SEQUENCE - 1) * RANGE + 2 * PIECE
    for start in (4 * PIECE, 3 * PIECE, 4 * PIECE + PIECE // 2):
        assert read_range(library, start, RANGE) == CONTENT[start : start + RANGE]
    await_fetches()
    assert sent(fake) == before + 3 * RANGE


def test_a_file_that_is_replaced_is_never_read_as_a_mix(library: Library, fake: FakeNextcloud) -> None:
    ranges = [read_range(library, start, RANGE) for start in range(0, 4 * RANGE, RANGE)]
    fresh = bytes(len(CONTENT))
    fake.put("/CH/Songs/large.ogg", fresh)
    library.tree.refresh(PATH)
    ranges += [read_range(library, start, RANGE) for start in range(4 * RANGE, 8 * RANGE, RANGE)]
    assert b"".join(ranges) == CONTENT[: 4 * RANGE] + fresh[4 * RANGE : 8 * RANGE]


def test_our_own_write_is_read_at_once(library: Library, fake: FakeNextcloud) -> None:
    assert whole(library) == CONTENT
    ours = bytes(2 * PIECE)
    library.tree.write(PATH, ours)
    assert whole(library) == ours
    assert read_range(library, PIECE, 10) == ours[:10]
