"""Thumbnails: small copies of covers, made of one read."""

import io
import random
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

from PIL import Image

from davproxy.contents.cache import Cache
from davproxy.contents.thumbnails import MOST_WAITING, SMALL, Thumbnails
from davproxy.errors import Locked
from davproxy.pictures import SIDES, UPLOAD_BYTES


class Picture:
    """Bytes whose reads are counted."""

    def __init__(self, content: bytes) -> None:
        self.content, self.reads = content, 0

    def stream(self) -> AbstractContextManager[Iterator[bytes]]:
        self.reads += 1
        return nullcontext(iter([self.content[:1000], self.content[1000:]]))

    def copies(self, thumbnails: Thumbnails) -> list[bytes | None]:
        """All sizes, asked for at once."""
        with ThreadPoolExecutor(len(SIDES)) as pool:
            size = len(self.content)
            return list(pool.map(lambda side: thumbnails.get(str(size), size, side, self.stream), SIDES))


def noise(width: int, height: int) -> bytes:
    out = io.BytesIO()
    Image.frombytes("RGB", (width, height), random.Random(1).randbytes(width * height * 3)).save(out, "PNG")
    return out.getvalue()


def test_few_requests_wait_for_copies(tmp_path: Path) -> None:
    thumbnails, picture, go = Thumbnails(Cache(tmp_path / "cache", 1 << 30), tmp_path), Picture(b"x"), threading.Event()

    def stream() -> AbstractContextManager[Iterator[bytes]]:
        go.wait()
        return picture.stream()

    with ThreadPoolExecutor(2 * MOST_WAITING) as pool:
        asked = [pool.submit(thumbnails.get, str(key), SMALL + 1, 64, stream) for key in range(2 * MOST_WAITING)]
        refused = [next(done) for done in [as_completed(asked)] for _ in range(MOST_WAITING)]
        go.set()
    assert all(isinstance(each.exception(), Locked) for each in refused)
    assert [each.result() for each in asked if each not in refused] == [None] * MOST_WAITING


def test_a_picture_is_read_once_for_all_sizes(tmp_path: Path) -> None:
    large, small, broken = Picture(noise(320, 200)), Picture(noise(40, 40)), Picture(b"\x89PNG" * SMALL)
    for _ in range(2):  # the second time after a restart
        thumbnails = Thumbnails(Cache(tmp_path / "cache", 1 << 30), tmp_path)
        copies = [Image.open(io.BytesIO(copy)) for copy in large.copies(thumbnails) if copy]
        assert [(copy.format, copy.size) for copy in copies] == [("JPEG", (side, side)) for side in (64, 200, 200)]
        assert small.copies(thumbnails) == [None] * 3, "it is small already"
        assert broken.copies(thumbnails) == [None] * 3
        assert thumbnails.get("", UPLOAD_BYTES + 1, 64, large.stream) is None
        assert (large.reads, small.reads, broken.reads) == (1, 0, 1)
    assert list((tmp_path / "work").iterdir()) == []
