"""What one package of a song has that another lacks."""

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from davproxy.curation.packages import Comparison, compare, part_of
from davproxy.formats import identify, song_fields

Files = Mapping[str, bytes]
NOTHING: Mapping[str, str] = {}
SONG = {"notes.chart": b"n", "song.ini": b"i", "song.ogg": b"mix"}


def compared(
    ours: Files, other: Files, our_pairs: Mapping[str, str] = NOTHING, other_pairs: Mapping[str, str] = NOTHING
) -> Comparison:
    def sizes(files: Files) -> dict[str, int]:
        return {name: len(content) for name, content in files.items()}

    return compare(sizes(ours), our_pairs, sizes(other), other_pairs, lambda name, theirs: ours[name] == other[theirs])


@pytest.mark.parametrize(
    ("other", "missing"),
    [
        (SONG, []),
        (SONG | {"album.png": b"a", "video.webm": b"v", "lyrics.lrc": b"l"}, ["album.png", "lyrics.lrc", "video.webm"]),
        (SONG | {"notes.mid": b"other notes"}, []),
        (SONG | {"guitar.ogg": b"g", "preview.ogg": b"p"}, ["guitar.ogg", "preview.ogg"]),
        ({"notes.chart": b"n", "guitar.ogg": b"g", "drums.ogg": b"d"}, []),
        (SONG | {"song.ogg": b"less", "guitar.ogg": b"g"}, []),
        ({"notes.chart": b"n", "song.opus": b"mix"}, []),
    ],
    ids=["same", "more", "notes", "stems beside the same mix", "stems without it", "another mix", "same in a new name"],
)
def test_what_is_missing_is_added_and_stems_only_beside_the_same_mix(other: Files, missing: list[str]) -> None:
    assert list(compared(SONG, other).missing) == missing


@pytest.mark.parametrize(
    ("ours", "other", "parts"),
    [
        ({"album.jpg": b"a"}, {"album.png": b"b"}, {"art"}),
        ({"album.jpg": b"a"}, {"album.jpg": b"a"}, set()),
        ({"video.mp4": b"a"}, {"video.webm": b"b"}, {"video"}),
        ({"song.ogg": b"a"}, {"guitar.ogg": b"b", "song.ogg": b"c"}, {"audio"}),
        ({"song.ogg": b"a"}, {"song.flac": b"bb"}, {"audio"}),
        ({"song.ogg": b"a", "guitar.ogg": b"g"}, {"song.ogg": b"a"}, set()),
        ({"readme.txt": b"a"}, {"ReadMe.txt": b"b"}, {"readme.txt"}),
    ],
)
def test_a_part_that_both_have_differs_or_not(ours: Files, other: Files, parts: set[str]) -> None:
    comparison = compared(ours, other)
    assert set(comparison.differ) == parts
    assert comparison.missing == ()


def test_fields_are_added_where_ours_says_nothing() -> None:
    ours = {"name": "T", "album": "Unknown Album", "diff_drums": "-1", "frets": "C"}
    other = {"name": "T 2", "album": "A", "diff_drums": "3", "charter": "C", "genre": "Rock", "delay": "x", "mood": "m"}
    comparison = compared(SONG, SONG, ours, other)
    assert comparison.fields == {"album": "A", "diff_drums": "3", "genre": "Rock", "mood": "m"}
    assert comparison.differing_fields == {"name": "T 2"}


def test_fields_that_scores_depend_on_are_never_copied() -> None:
    other = dict.fromkeys(song_fields.IDENTITY_KEYS, "1")
    comparison = compared(SONG, SONG, {}, other)
    assert comparison.fields == {}
    assert comparison.differing_fields == {}


def test_times_of_the_audio_come_with_the_audio_only() -> None:
    other = {"delay": "50", "song_length": "1000", "video_start_time": "9"}
    assert compared(SONG, SONG, {}, other).fields == other
    assert compared(SONG, SONG | {"song.ogg": b"another"}, {}, other).fields == {"video_start_time": "9"}


NAMES = st.sampled_from(
    [f"{stem}.{ending}" for stem in ("song", "guitar", "preview", "crowd") for ending in ("ogg", "mp3", "flac")]
    + ["album.png", "album.jpg", "video.mp4", "video.webm", "notes.mid", "notes.chart", "song.ini", "a.txt", "x/b.txt"]
)
PACKAGES = st.dictionaries(NAMES, st.sampled_from([b"a", b"b", b"cc"]))


@given(PACKAGES, PACKAGES)
def test_adding_what_is_missing_keeps_all_of_ours_and_is_done_once(ours: Files, other: Files) -> None:
    comparison = compared(ours, other)
    assert not set(comparison.missing) & set(ours)
    assert not any(name in identify.NOTES_NAMES for name in comparison.missing)
    improved = dict(ours) | {name: other[name] for name in comparison.missing}
    again = compared(improved, other)
    assert again.missing == ()
    assert {part_of(name) for name in comparison.missing}.isdisjoint(comparison.differ)
    assert set(again.differ) == set(comparison.differ)
