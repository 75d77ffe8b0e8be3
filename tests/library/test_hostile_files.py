"""Files far larger than any song's: what the server reads of them, and what its rows hold."""

import contextlib
import io
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from PIL import Image

from davproxy import pictures
from davproxy.errors import BadImage
from davproxy.formats import notes_chart, sng, song_ini
from davproxy.index import Index
from davproxy.library import AlbumArt, Cache, Library, notes_reading, song_rows
from davproxy.remote.local.folder import Folder
from davproxy.settings import Settings

MIB = 1024 * 1024
CHART = b"[Song]\n{\n  Resolution = 192\n}\n"
PATH = "/Songs/Ann/One"


class Counting(Folder):
    """A folder that counts the bytes that are read of it, and the most of them in one bulk read."""

    count = most = 0

    def read_many(self, paths: Iterable[str]) -> Iterator[tuple[str, bytes]]:
        together = 0
        for path, content in super().read_many(paths):
            together += len(content)
            yield path, content
        self.count += together
        self.most = max(self.most, together)

    @contextlib.contextmanager
    def stream(
        self, path: str, start: int = 0, length: int | None = None, *, etag: str | None = None
    ) -> Iterator[Iterator[bytes]]:
        with super().stream(path, start, length, etag=etag) as blocks:
            yield map(self._counted, blocks)

    def _counted(self, block: bytes) -> bytes:
        self.count += len(block)
        return block


@pytest.fixture
def remote(tmp_path: Path) -> Iterator[Counting]:
    remote = Counting(tmp_path / "remote", Settings.read({}, Path("/nonexistent")).folders)
    remote.connect()
    yield remote
    remote.close()


@pytest.fixture
def library(remote: Counting, index: Index, cache: Cache, tmp_path: Path) -> Library:
    library = Library(remote, index, cache, upload_limit=64 * MIB, temp_dir=tmp_path / "temp")
    library.updates.mark_complete()
    return library


def add(library: Library, remote: Counting, path: str, ini: bytes, notes: bytes) -> None:
    """Add a song as another program does."""
    remote.make_folder(path)
    remote.write(f"{path}/song.ini", ini)
    remote.write(f"{path}/notes.chart", notes)
    library.tree.refresh(path.rpartition("/")[0])


def problem_codes(library: Library, path: str) -> set[str]:
    song = library.songs.at(path)
    assert song
    return {problem["code"] for problem in song.problems}


def test_notes_too_large_for_a_chart_are_not_read(library: Library, remote: Counting) -> None:
    remote.make_folder("/Songs/Ann")
    add(library, remote, PATH, b"[song]\nname = One\n", CHART + b" " * notes_chart.MAX_BYTES)
    remote.count = 0
    assert list(library.notes.read()) == [1]
    song = library.songs.at(PATH)
    assert song
    assert (song.identity, song.refused) == ("", True)
    assert "badChart" in problem_codes(library, PATH)
    assert remote.count < 1000
    assert list(library.notes.read()) == [], "it is not read again and again"


def test_notes_inside_an_sng_too_large_for_a_chart_are_not_read(library: Library, remote: Counting) -> None:
    large = sng.render({"name": "One"}, {"notes.chart": CHART + b" " * notes_chart.MAX_BYTES}, bytes(16))
    remote.write("/Songs/One.sng", large)
    library.tree.refresh("/Songs")
    remote.count = 0
    assert list(library.notes.read()) == [1]
    assert "badChart" in problem_codes(library, "/Songs/One.sng")
    assert remote.count < MIB


def test_no_more_notes_than_memory_bears_are_read_together(library: Library, remote: Counting) -> None:
    remote.make_folder("/Songs/Ann")
    size = 9 * MIB
    for number in range(5):
        add(library, remote, f"/Songs/Ann/{number}", b"[song]\nname = A\n", CHART + b" " * size)
    assert sum(1 for _ in library.notes.read()) == 2
    assert size < remote.most <= notes_reading.BATCH_BYTES + size + len(CHART)
    assert all(song.identity for song in (library.songs.at(f"/Songs/Ann/{number}") for number in range(5)) if song)


def test_a_song_ini_that_is_too_large_is_read_up_to_the_limit(library: Library, remote: Counting) -> None:
    remote.make_folder("/Songs/Ann")
    add(library, remote, PATH, b"[song]\nname = One\n" + b"x = y\n" * 2_000_000, CHART)
    song = library.songs.at(PATH)
    assert song
    assert (song.title, "invalidMetadata" in problem_codes(library, PATH)) == ("One", True), "named after its folder"
    assert remote.count < 3 * song_ini.MAX_BYTES


def test_long_values_are_cut_in_rows_and_stay_whole_in_the_file(library: Library, remote: Counting) -> None:
    remote.make_folder("/Songs/Ann")
    ini = b"[song]\nname = One\nartist = " + b"x" * 900_000 + b"\n" + b"".join(b"k%d = v\n" % n for n in range(9000))
    add(library, remote, PATH, ini, CHART)
    song = library.songs.at(PATH)
    assert song
    assert len(song.artist) == song_rows.LONGEST_VALUE
    assert song.artist.endswith("x…")
    assert len(song.metadata) == song_rows.MOST_PAIRS
    library.songs.edit(song.id, {"album": "Best"})
    assert library.tree.read(f"{PATH}/song.ini") == ini + b"album = Best\n"


def test_album_art_is_made_in_a_child_process(tmp_path: Path) -> None:
    out = io.BytesIO()
    Image.new("RGB", (60, 40), (255, 0, 0)).save(out, "PNG")
    assert AlbumArt(tmp_path).make(out.getvalue()) == pictures.album_art(out.getvalue())
    with pytest.raises(BadImage):
        AlbumArt(tmp_path).make(b"no picture")
    assert list((tmp_path / "work").iterdir()) == []
