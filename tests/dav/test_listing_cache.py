"""The cache of listings: as they were rendered, in little memory, and dropped singly."""

import random
import tracemalloc
from collections.abc import Iterator

import pytest

from davproxy import paths
from davproxy.dav import multistatus
from davproxy.dav.listing_cache import LONGEST_PACKED, MOST_KINDS, ListingCache
from davproxy.dav.multistatus import Asked
from davproxy.model import Change, Entry
from tests.bench.speed.scan import BODY

LIMIT = 1 << 20
ASKED = multistatus.parse(BODY)


@pytest.fixture
def cache() -> ListingCache:
    return ListingCache(LIMIT)


def listings(count: int) -> Iterator[tuple[str, bytes]]:
    """Song folders by path, of etags that are all different."""
    etags = random.Random(0)
    for number in range(count):
        folder = f"/Songs/Artist {number // 10}/Artist - Title {number}"
        files = [paths.join(folder, name) for name in ("song.ini", "notes.chart", "song.ogg", "album.jpg")]
        entries = [
            Entry(path, path == folder, 1000 + number, 1.6e9 + number, f"{etags.getrandbits(64):016x}")
            for path in (folder, *files)
        ]
        yield folder, multistatus.render(entries, ASKED)


def test_a_listing_comes_back_as_it_was_and_takes_an_eighth_of_its_length(cache: ListingCache) -> None:
    kind, length = cache.kind("1", ASKED), 0
    for path, listing in listings(200):
        cache.put(path, kind, listing, 0)
        assert cache.get(path, kind) == listing
        assert cache.get(path, cache.kind("0", ASKED)) is None
        length += len(listing)
    assert sum(map(len, kind.listings.values())) < length / 8
    kept = list(kind.listings)
    cache.put("/".join(path.split("/")), kind, listing, 0)
    assert all(now is before for now, before in zip(kind.listings, kept, strict=True)), "others hold this path too"
    long = multistatus.render([Entry(f"/Songs/{number}", is_folder=True) for number in range(1000)], ASKED)
    assert len(long) > LONGEST_PACKED
    cache.put("/Songs", kind, long, 0)
    assert cache.get("/Songs", kind) == long


def test_what_is_counted_is_what_memory_grows_by_and_is_never_above_the_limit(cache: ListingCache) -> None:
    kind = cache.kind("1", ASKED)
    rendered = list(listings(4000))
    tracemalloc.start()
    for path, listing in rendered:
        cache.put(f"{path}/", kind, listing, 0)
        assert cache.size <= LIMIT
    grown = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert 0.8 < cache.size / grown < 1.3
    assert 1000 < len(kind.listings) < 4000
    assert f"{rendered[0][0]}/" not in kind.listings
    assert f"{rendered[-1][0]}/" in kind.listings
    for path in list(kind.listings):
        cache.follow(Change("written", path))
    assert cache.size == 0


def test_rare_kinds_are_forgotten_before_the_one_that_is_used(cache: ListingCache) -> None:
    kind = cache.kind("1", ASKED)
    for path, listing in listings(10):
        cache.put(path, kind, listing, 0)
    for number in range(3 * MOST_KINDS):
        rare = cache.kind("1", Asked((f"{{urn:x}}{number}",)))
        cache.put("/Songs", rare, b"<rare/>", 0)
        assert cache.numbered(rare.number) is rare
    assert cache.kind("1", ASKED) is kind
    assert len(kind.listings) == 10
    cache.put("/Songs", forgotten := cache.kind("0", ASKED), b"<rare/>", 0)
    for number in range(MOST_KINDS):
        cache.put("/Songs", cache.kind("1", Asked((f"{{urn:y}}{number}",))), b"<rare/>", 0)
        for path, listing in listings(2):
            cache.put(path, cache.kind("1", Asked((f"{{urn:y}}{number}",))), listing, 0)
    assert cache.numbered(forgotten.number) is None
    size = cache.size
    cache.put("/Songs", forgotten, b"<late/>", 0)
    assert cache.size == size
