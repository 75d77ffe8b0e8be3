"""Which songs are found in a folder of files."""

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from davproxy.formats import sng
from davproxy.formats.identify import identity
from davproxy.formats.song_names import names_in_song
from davproxy.imports.find_songs import AUDIO_ALONE, LARGEST, NO_SONG, FoundSongs, find_unpacked
from tests.imports.conftest import CHART


def found_in(folder: Path, files: dict[str, bytes], name: str = "Pack") -> FoundSongs:
    for path, content in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    return find_unpacked(folder, list(files), name)


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
    assert found.skipped == [("b/cover.png", NO_SONG)]
    assert found.failed == []


def test_a_folder_inside_a_song_is_part_of_it(tmp_path: Path) -> None:
    files = {"S/song.ini": b"[song]\nname = One\n", "S/notes.chart": CHART, "S/song.ogg": b"OggS"}
    files |= {path.replace("S/", "S/backup/old/"): content for path, content in files.items()}
    [song] = found_in(tmp_path, files).songs
    assert song.found_at == "S"
    assert len(song.files) == 6


def test_a_song_ini_above_songs_is_no_song(tmp_path: Path) -> None:
    files = {"song.ini": b"[song]", "a/song.ini": b"[song]\nname = One\n", "a/notes.chart": CHART}
    found = found_in(tmp_path, files)
    assert [song.title for song in found.songs] == ["One"]
    assert (found.skipped, found.failed) == ([("song.ini", NO_SONG)], [])


@pytest.mark.parametrize(
    ("files", "title", "artist"),
    [
        ({"song.ini": b"[song]\nname = A\nartist = B\n"}, "A", "B"),
        ({"song.ini": b"[song]\nartist = B\n"}, "Real Title", "B"),
        ({"song.ini": b"[song]\nname = -1\nartist = 0\n"}, "Real Title", "Real Artist"),
        ({"song.ini": b"[song]\nname = <b></b>\n"}, "Real Title", "Real Artist"),
        ({"song.ini": b"no section"}, "Real Title", "Real Artist"),
        ({}, "Real Title", "Real Artist"),
    ],
)
def test_what_song_ini_does_not_say_the_chart_says(
    files: dict[str, bytes], title: str, artist: str, tmp_path: Path
) -> None:
    song = b'[Song]\n{\n  Name = "Real Title"\n  Artist = "Real Artist"\n  Resolution = 192\n}\n'
    [found] = found_in(tmp_path, files | {"notes.chart": song, "song.ogg": b"OggS"}, "Ann - One").songs
    assert (found.title, found.artist) == (title, artist)


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["song.ini", "Ann - One.chart", "Ann - One.mp3"], ["notes.chart", "song.ini", "song.mp3"]),
        (["Ann - One.Chart", "song.ogg"], ["notes.chart", "song.ogg"]),
        (["song.ini", "One.mid", "song.ogg"], ["notes.mid", "song.ini", "song.ogg"]),
        (["song.ini", "One.midi", "song.ogg"], ["notes.mid", "song.ini", "song.ogg"]),
        (["song.ini", "notes.mid", "One.ogg", "preview.ogg"], ["notes.mid", "preview.ogg", "song.ini", "song.ogg"]),
    ],
)
def test_files_of_another_name_get_the_one_that_games_look_for(
    names: list[str], expected: list[str], tmp_path: Path
) -> None:
    [song] = found_in(tmp_path, {f"a/{name}": CHART for name in names}).songs
    assert sorted(song.files) == expected


@pytest.mark.parametrize(
    "names",
    [
        ["song.ini", "one.chart", "two.chart", "song.ogg"],
        ["song.ini", "one.chart", "one.mid", "song.ogg"],
        ["song.ini", "song.ogg"],
        ["one.mid", "one.mp3"],
        ["notes.chart"],
        ["one.chart", "album.png"],
    ],
)
def test_an_ambiguous_folder_is_no_song(names: list[str], tmp_path: Path) -> None:
    found = found_in(tmp_path, {f"a/{name}": CHART for name in names})
    assert found.songs == []
    assert found.failed + found.skipped


def test_audio_without_a_chart_points_to_generate(tmp_path: Path) -> None:
    files = {"a/one.mp3": b"", "a/two.flac": b"", "readme.txt": b""}
    found = found_in(tmp_path, files)
    assert dict(found.skipped) == {"a/one.mp3": AUDIO_ALONE, "a/two.flac": AUDIO_ALONE, "readme.txt": NO_SONG}


def test_an_empty_notes_file_hides_no_other(tmp_path: Path) -> None:
    [song] = found_in(tmp_path, {"a/notes.mid": b"", "a/notes.chart": CHART, "a/song.ini": b"[song]"}).songs
    assert song.identity == identity(CHART)
    assert sorted(song.files) == ["notes.chart", "notes.mid", "song.ini"]


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
    found = find_unpacked(tmp_path, list(files), "")
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
    with_notes = [folder for folder, name in layout.items() if name == "notes.chart"]
    outermost = [folder for folder in with_notes if not any(folder.startswith(o) and folder != o for o in with_notes)]
    assert sorted(song.found_at for song in found.songs) == sorted(folder.removesuffix("/") for folder in outermost)
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
