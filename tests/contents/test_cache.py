"""The content cache: complete files only, within its limit, whatever the disk does."""

import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

from davproxy.library import Cache


def names_in(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.iterdir())


def test_a_content_is_cached_with_its_last_block(tmp_path: Path) -> None:
    cache = Cache(tmp_path, 1 << 20)
    with cache.begin("key", 6) as file:
        file.write(b"abc")
        assert "key" not in cache
        assert file.read(1, 100) == b"bc"
        file.write(b"def")
        assert cache.read("key") == b"abcdef"
        cache.drop("key")
        assert file.read(2, 3) == b"cde"
    assert names_in(tmp_path) == []


@pytest.mark.parametrize("blocks", [[b"abc"], [b"abc", b"defg"], []])
def test_an_incomplete_content_is_not_cached(tmp_path: Path, blocks: list[bytes]) -> None:
    cache = Cache(tmp_path, 1 << 20)
    with cache.begin("key", 6) as file:
        for block in blocks:
            file.write(block)
        assert file.stored == len(b"".join(blocks))
    assert cache.read("key") is None
    assert names_in(tmp_path) == []


def test_the_least_recently_used_goes_first_and_a_restart_finds_the_rest(tmp_path: Path) -> None:
    cache = Cache(tmp_path, 1000)
    for number in range(5):
        cache.put(str(number), bytes(240))
        cache.read("0")
    assert [name for name in map(str, range(5)) if name in cache] == ["0", "2", "3", "4"]
    assert names_in(tmp_path) == ["0", "2", "3", "4"]
    (tmp_path / "left.part").write_bytes(b"half")
    again = Cache(tmp_path, 1000)
    assert again.read("4") == bytes(240)
    assert "left.part" not in names_in(tmp_path)


def test_files_larger_than_a_quarter_of_the_limit_are_not_cached(tmp_path: Path) -> None:
    cache = Cache(tmp_path, 1000)
    cache.put("large", bytes(300))
    assert cache.read("large") is None


def test_a_disk_that_cannot_be_written_is_only_a_miss(tmp_path: Path) -> None:
    cache = Cache(tmp_path / "cache", 1 << 20)
    (tmp_path / "cache").rmdir()
    (tmp_path / "cache").write_bytes(b"in the way")
    with cache.begin("key", 3) as file:
        file.write(b"abc")
        assert file.broken
        assert file.stored == 0
    assert cache.read("key") is None


def test_a_folder_that_is_removed_is_made_again(tmp_path: Path) -> None:
    cache = Cache(tmp_path / "cache", 1 << 20)
    cache.put("old", b"old")
    shutil.rmtree(tmp_path / "cache")
    assert cache.read("old") is None
    cache.put("new", b"new")
    assert cache.read("new") == b"new"


@dataclass
class SmallDisk:
    """A disk of 4000 bytes that the cache's folder is on, and `others` have written to."""

    others: int = 0
    total: int = 4000
    free: int = 0

    def __call__(self, folder: Path) -> "SmallDisk":
        self.free = self.total - self.others - sum(file.stat().st_size for file in folder.iterdir())
        return self


def test_the_cache_leaves_room_on_a_small_disk_and_gives_way_to_others(tmp_path: Path) -> None:
    disk = SmallDisk()
    cache = Cache(tmp_path, 1 << 20, disk)
    for number in range(20):
        cache.put(str(number), bytes(300))
        assert disk(tmp_path).free >= 1000
    assert names_in(tmp_path) == sorted(map(str, range(10, 20)))
    disk.others = 2000
    cache.put("next", bytes(300))
    assert disk(tmp_path).free >= 1000
    assert names_in(tmp_path) == ["18", "19", "next"]
    disk.others = 3500
    cache.put("none", bytes(300))
    assert names_in(tmp_path) == []
    with cache.begin("none", 300) as file:
        assert file.broken
        file.write(bytes(300))
    assert cache.read("none") is None
