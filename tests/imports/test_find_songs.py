"""Which songs are found in a folder of files."""

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from davproxy.formats import sng
from davproxy.imports.find_songs import LARGEST, FoundSongs, find_songs, names_in_song
from tests.imports.conftest import CHART


def found_in(folder: Path, files: dict[str, bytes], name: str = "Pack") -> FoundSongs:
    for path, content in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    return find_songs(folder, list(files), name)


def test_songs_at_any_depth_with_the_files_below_them(tmp_path: Path) -> None:
    found = found_in(
        tmp_path,
        {
            "a/song.ini": b"[song]\nname = One\nartist = Ann\n", "a/notes.chart": CHART, "a/extra/readme.txt": b"",
            "b/c/Bob - Two/Notes.MID": b"MThd", "b/c/Bob - Two/song.ogg": b"OggS", "b/cover.png": b"",
        },
    )  # fmt: skip
    one, two = found.songs
    assert (one.found_at, one.title, one.artist) == ("a", "One", "Ann")
    assert dict(one.files) == {
        "song.ini": "a/song.ini", "notes.chart": "a/notes.chart", "extra/readme.txt": "a/extra/readme.txt",
    }  # fmt: skip
    assert (two.found_at, two.title, two.artist) == ("b/c/Bob - Two", "Two", "Bob")
    assert dict(two.files) == {"notes.mid": "b/c/Bob - Two/Notes.MID", "song.ogg": "b/c/Bob - Two/song.ogg"}
    assert found.skipped == [("b/cover.png", "It belongs to no song.")]
    assert found.failed == []


def test_a_song_at_the_top_is_named_after_the_archive(tmp_path: Path) -> None:
    [song] = found_in(tmp_path, {"notes.chart": CHART, "song.ogg": b"OggS"}, "Ann - One").songs
    assert (song.found_at, song.title, song.artist) == ("", "One", "Ann")


def test_an_sng_is_recognised_by_its_content(tmp_path: Path) -> None:
    content = sng.render({"name": "One", "artist": "Ann"}, {"notes.chart": CHART}, bytes(16))
    [song] = found_in(tmp_path, {"a/whatever.bin": content}).songs
    assert (song.is_sng, song.title, dict(song.files)) == (True, "One", {"": "a/whatever.bin"})


def test_a_song_without_notes_or_with_huge_notes_fails_with_the_reason(tmp_path: Path) -> None:
    files = {"bare/song.ini": b"[song]", "huge/notes.chart": b"", "huge/song.ogg": b"OggS"}
    found_in(tmp_path, files)
    with (tmp_path / "huge/notes.chart").open("wb") as file:
        file.truncate(LARGEST + 1)
    found = find_songs(tmp_path, list(files), "")
    assert found.songs == []
    assert [path for path, _ in found.failed] == ["bare", "huge"]
    assert "no notes" in found.failed[0][1]
    assert "larger than any song" in found.failed[1][1]


@given(st.dictionaries(st.sampled_from(["", "a/", "a/b/", "c/", "c/d/e/"]), st.sampled_from(["notes.chart", "x.txt"])))
def test_every_file_is_in_one_song_or_skipped(layout: dict[str, str]) -> None:
    files = {f"{folder}{name}": CHART for folder, name in layout.items()}
    files |= {f"{folder}song.ogg": b"OggS" for folder in layout}
    with TemporaryDirectory() as folder:
        found = found_in(Path(folder), files)
    assert found.failed == []
    assert len(found.songs) == sum(name == "notes.chart" for name in layout.values())
    in_songs = [path for song in found.songs for path in song.files.values()]
    assert sorted(in_songs + [path for path, _ in found.skipped]) == sorted(files)


@given(st.sets(st.sampled_from(["song.ini", "Song.INI", "Song.ogg", "song.OGG", "sub/Song.ogg", "Read Me", "read me"])))
def test_every_file_has_one_name_in_the_song(names: set[str]) -> None:
    chosen = names_in_song(names)
    assert sorted(chosen.values()) == sorted(names)
    assert all(name.casefold() == present.casefold() for name, present in chosen.items())


@pytest.mark.parametrize("names", [["Song.ini", "song.ini"], ["song.ini", "SONG.INI"]])
def test_a_file_with_the_right_name_keeps_it(names: list[str]) -> None:
    assert names_in_song(names)["song.ini"] == "song.ini"
