"""Which stem a file is, by its name."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from davproxy.formats import identify
from davproxy.formats.stem_names import same_song, split_stem, stems_of


@pytest.mark.parametrize(
    ("name", "song", "stem"),
    [
        ("guitar.ogg", "", "guitar"),
        ("Drums_1.ogg", "", "drums_1"),
        ("other.wav", "", "other"),
        ("no_vocals.mp3", "", "mixed"),
        ("accompaniment.wav", "", "mixed"),
        ("no_guitar.wav", "", "mixed"),
        ("My Song_no_drum_split_by_lalalai.mp3", "My Song", "mixed"),
        ("My Song_electric_guitar_split_by_lalalai.mp3", "My Song", "guitar"),
        ("Band - My Song - Guitar.wav", "Band - My Song", "guitar"),
        ("My Song (Drums).flac", "My Song", "drums"),
        ("1_My Song_(Vocals).wav", "1_My Song", "vocals"),
        ("My_Song_bass.mp3", "My_Song", "bass"),
        ("My Song-piano-C major-120bpm-440hz.mp3", "My Song", "keys"),
        ("Song [Lead Guitar].wav", "Song", "guitar"),
        ("All About That Bass.mp3", "", ""),
        ("Band - Drum Song.mp3", "", ""),
        ("Say No.mp3", "", ""),
        (".ogg", "", ""),
    ],
)
def test_names_of_stems(name: str, song: str, stem: str) -> None:
    assert split_stem(name) == (song, stem)


@pytest.mark.parametrize("stem", identify.STEMS)
def test_the_names_of_games(stem: str) -> None:
    assert split_stem(f"{stem}.ogg") == ("", stem)


def test_what_is_left_over_is_the_guitar_or_else_the_rhythm() -> None:
    assert stems_of(["other.wav", "drums.wav"]) == {"guitar": "other.wav", "drums": "drums.wav"}
    assert stems_of(["other.wav", "guitar.wav"]) == {"rhythm": "other.wav", "guitar": "guitar.wav"}


ALL = ["vocals.wav", "drums.wav", "bass.wav", "other.wav"]


@pytest.mark.parametrize("mixed", ["instrumental.wav", "backing.wav", "no_drums.wav"])
def test_a_mix_is_left_out_beside_all_that_it_is_mixed_of(mixed: str) -> None:
    assert stems_of([*ALL, mixed]) == stems_of(ALL)
    assert stems_of(["vocals.wav", mixed]) == {"vocals": "vocals.wav", "song": mixed}
    assert stems_of(["vocals.wav", "drums.wav", "other.wav", mixed]) == {
        "vocals": "vocals.wav", "drums": "drums.wav", "guitar": "other.wav", "song": mixed,
    }  # fmt: skip


def test_the_rest_of_a_band_in_song_is_heard_beside_its_stems() -> None:
    assert stems_of([*ALL, "song.wav"]) == {**(stems_of(ALL) or {}), "song": "song.wav"}


@pytest.mark.parametrize("names", [[], ["a.wav"], ["guitar.wav", "guitar.ogg"], ["A - bass.wav", "B - drums.wav"]])
def test_no_stems_of_one_song(names: list[str]) -> None:
    assert stems_of(names) is None


@given(st.lists(st.text(max_size=30), unique=True))
def test_every_file_is_in_one_song(names: list[str]) -> None:
    assert sorted(name for song in same_song(names) for name in song) == sorted(names)
