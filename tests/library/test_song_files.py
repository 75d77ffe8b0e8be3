"""The files of a song are read alike from a folder and from an .sng."""

import os

import pytest

from davproxy.errors import NotFound
from davproxy.formats import sng
from davproxy.library import Library
from davproxy.model import Song, SongQuery

FILES = {"notes.chart": b"[Song]\n{\n  Resolution = 192\n}\n", "song.ogg": os.urandom(3000), "album.png": b"\x89PNG"}


@pytest.fixture(params=["folder", "sng"])
def song(request: pytest.FixtureRequest, library: Library) -> Song:
    if request.param == "sng":
        content = sng.render({"name": "Title"}, FILES, os.urandom(16))
        library.tree.write("/Songs/Title.sng", content)
    else:
        library.tree.make_folder("/Songs/Title")
        for name, content in {**FILES, "song.ini": b"[song]\r\nname = Title\r\n"}.items():
            library.tree.write(f"/Songs/Title/{name}", content)
    return library.songs.find(SongQuery())[1][0]


@pytest.mark.parametrize(("start", "length"), [(0, None), (0, 0), (1, 16), (250, 300), (2990, None), (2990, 500)])
def test_any_part_of_a_file(library: Library, song: Song, start: int, length: int | None) -> None:
    assert {name: size for name, size in library.songs.files(song).items() if name != "song.ini"} == {
        name: len(content) for name, content in FILES.items()
    }
    end = None if length is None else start + length
    with library.songs.stream_file(song, "song.ogg", start, length) as blocks:
        assert b"".join(blocks) == FILES["song.ogg"][start:end]


def test_a_file_that_is_not_there(library: Library, song: Song) -> None:
    with pytest.raises(NotFound), library.songs.stream_file(song, "video.mp4") as blocks:
        next(blocks)


def test_the_etag_follows_the_bytes(library: Library, song: Song) -> None:
    before = library.songs.file_etag(song, "song.ogg")
    assert before == library.songs.file_etag(song, "song.ogg")
    if song.path.endswith(".sng"):
        library.tree.write(song.path, sng.render({"name": "Title"}, {**FILES, "song.ogg": b"other"}, os.urandom(16)))
    else:
        library.tree.write(f"{song.path}/song.ogg", b"other")
    assert library.songs.file_etag(song, "song.ogg") != before
