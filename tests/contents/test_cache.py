"""The content cache: complete files only, within its limit, whatever the disk does."""

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
    with cache.begin("key", 3) as file:
        file.write(b"abc")
        assert file.broken
        assert file.stored == 0
    assert cache.read("key") is None
