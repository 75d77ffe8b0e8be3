"""When words are sung, and how games are told."""

import tracemalloc
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from davproxy.charter.notes.lyrics import SungLine, find_lyrics, sung_lines
from davproxy.charter.output.lyrics import lyric_events
from davproxy.charter.signal.audio import Audio
from davproxy.charter.signal.features import PARTIAL_RATE, partials_and_body, spectral_features
from davproxy.charter.signal.stems import Stems
from davproxy.charter.signal.voice import Voice, voice
from davproxy.formats.chart import Event, Tempo
from davproxy.formats.lrc import Line, Word
from tests.charter import music

SECONDS = 20.0
SINGS = (2.0, 2.4, 3.6, 4.9, 5.3)  # not as the letters say
NEXT = 8.0
TEMPO = (Tempo(0, 120_000),)  # 384 ticks a second


def silence(seconds: float = SECONDS) -> Voice:
    frames = int(seconds * PARTIAL_RATE)
    return Voice(np.zeros(frames, dtype=np.float32), np.arange(frames) / PARTIAL_RATE)


def line(seconds: float, *words: str, end: float | None = None) -> Line:
    return Line(seconds, tuple(map(Word, words)), end)


def heard(samples: NDArray[np.float32], *, alone: bool) -> list[float]:
    """When the words of a line over SINGS begin."""
    lines = [line(SINGS[0], "one", "two", "six", "ten", "too"), line(NEXT, "then")]
    first, _ = sung_lines(lines, voice(*partials_and_body(samples), alone=alone), SECONDS)
    return list(first.seconds)


def test_words_begin_where_the_voice_does() -> None:
    alone = music.sung(SECONDS, [*SINGS, NEXT])
    assert heard(alone, alone=True) == pytest.approx(SINGS, abs=0.03)


def test_words_are_found_under_a_band_too() -> None:
    band = sum(part[: int(SECONDS * music.RATE)] for part in music.band(128.0, 12).values())
    found = np.array(heard(music.sung(SECONDS, [*SINGS, NEXT]) + band, alone=False))
    by_letters = np.array(next(sung_lines([line(2.0, *"abcde"), line(NEXT, "f")], silence(), SECONDS)).seconds)
    assert np.abs(found - SINGS).mean() < np.abs(by_letters - SINGS).mean() / 2


def test_where_nothing_is_heard_words_are_as_long_as_their_letters() -> None:
    first, _ = sung_lines([line(2.0, "a", "bcd", "ef"), line(3.5, "ghijkl")], silence(), SECONDS)
    gaps = np.diff(first.seconds)
    assert gaps[1] == pytest.approx(3 * gaps[0])
    assert first.seconds[0] == 2.0


def test_times_of_words_are_kept() -> None:
    given = Line(2.0, (Word("one"), Word("two", 2.2), Word("three", 5.0), Word("four"), Word("five", 4.0)), 6.0)
    (found,) = sung_lines([given], silence(), SECONDS)
    assert (found.seconds[0], found.seconds[1], found.seconds[2], found.end) == (2.0, 2.2, 5.0, 6.0)
    assert 5.0 < found.seconds[3] < found.seconds[4] < 6.0, "a time that goes back is none"


def test_a_line_ends_at_an_empty_one_and_does_not_last_through_a_rest() -> None:
    lines = [line(1.0, "a", "line"), line(2.0), line(6.0, "more", "of", "it"), line(7.0, "end", "of", "it")]
    first, second, last = sung_lines(lines, silence(60.0), 60.0)
    assert first.end <= 2.0
    assert second.end <= 7.0
    assert last.end < 12.0, "it has a rest of 53 seconds behind it"


def test_a_text_on_one_line_takes_little_memory() -> None:
    chance = np.random.default_rng(0)
    frames = int(600 * PARTIAL_RATE)
    noisy = Voice(chance.random(frames).astype(np.float32), np.arange(frames) / PARTIAL_RATE)
    tracemalloc.start()
    for count in (60, 200):
        (found,) = sung_lines([line(1.0, *["word"] * count)], noisy, 600.0)
        assert len(found.seconds) == count
    assert tracemalloc.get_traced_memory()[1] < 200 * 1024 * 1024
    tracemalloc.stop()


def test_a_translation_is_not_sung() -> None:
    found = list(sung_lines([line(1.0, "Wort"), line(1.0, "word"), line(2.0, "mehr")], silence(), SECONDS))
    assert [each.words for each in found] == [("Wort",), ("mehr",)]


def test_an_empty_line_hides_none_at_its_time() -> None:
    found = list(sung_lines([line(1.0), line(1.0, "Wort"), line(1.0, "word"), line(2.0)], silence(), SECONDS))
    assert [each.words for each in found] == [("Wort",)]


TIMES = st.integers(0, int(SECONDS * 1000) - 50).map(lambda milliseconds: milliseconds / 1000)
TEXTS = st.lists(st.builds(Word, st.text('abc-"é', min_size=1, max_size=9), st.none() | TIMES), max_size=12)
LINES = st.lists(st.builds(Line, TIMES, TEXTS.map(tuple), st.none() | TIMES), min_size=1, max_size=8)


@settings(deadline=None)
@given(LINES, st.integers(0, 3), st.booleans())
def test_words_are_in_order_and_within_their_line(lines: list[Line], seed: int, alone: bool) -> None:
    chance = np.random.default_rng(seed)
    frames = int(SECONDS * PARTIAL_RATE) + 2
    onsets = np.maximum(chance.normal(0, 2, frames), 0).astype(np.float32)
    sung = np.cumsum(np.where(chance.random(frames) < 0.5 * seed, 1.0, 0.05)) / PARTIAL_RATE
    found = list(sung_lines(sorted(lines, key=lambda each: each.seconds), Voice(onsets, sung, alone), SECONDS))
    starts = {each.seconds for each in lines if each.words}
    for each, following in zip(found, [*found[1:], None], strict=False):
        assert len(each.words) == len(each.seconds)
        assert list(each.seconds) == sorted(each.seconds)
        assert each.seconds[-1] <= each.end <= (SECONDS if following is None else following.seconds[0])
        assert any(start <= each.seconds[0] for start in starts)
    events = lyric_events(found, TEMPO, 0.5)
    assert all(before.tick < event.tick for before, event in pairwise(events))
    assert not any('"' in event.text for event in events)


def test_events_have_the_ticks_of_the_chart() -> None:
    lines = [SungLine(("One", "two"), (1.0, 1.5), 2.0), SungLine(("three",), (2.0,), 3.0)]
    assert lyric_events(lines, (Tempo(0, 60_000), Tempo(384, 120_000)), 1.0) == (
        Event(288, "phrase_start"), Event(384, "lyric One"), Event(576, "lyric two"),
        Event(749, "phrase_end"), Event(750, "phrase_start"), Event(768, "lyric three"), Event(1152, "phrase_end"),
    )  # fmt: skip


def test_events_have_no_signs_that_games_read_otherwise() -> None:
    words = ('"Re-do"', "and/or", "$5", "<b>", "st-", "[x]", "***", "a\u200bb")
    events = lyric_events([SungLine(words, tuple(map(float, range(8))), 9.0)], TEMPO, 0.0)
    assert [event.text for event in events][1:-1] == [
        f"lyric {text}" for text in ("Re=do", "and_or", "5", "b", "st", "x", "ab")
    ]


def test_events_join_syllables() -> None:
    words = (Word("Twen", joined=True), Word("ty-", joined=True), Word("one"), Word("nights", joined=True))
    (sung,) = sung_lines([Line(1.0, words)], silence(), SECONDS)
    events = lyric_events([sung], TEMPO, 0.0)
    assert [event.text for event in events][1:-1] == [
        "lyric Twen-", "lyric ty=", "lyric one", "lyric nights"
    ]  # fmt: skip


def stems(samples: NDArray[np.float32]) -> Stems:
    return Stems({"song": Path("song.ogg")}, {"song": Audio(samples, music.RATE, 1, "ogg")})


@pytest.mark.parametrize(
    ("content", "lines", "remarks"),
    [
        (b"Only\nwords", 0, ["No line in it has a time"]),
        (b"[00:01.00]One\n[00:02.00]two", 2, []),
        (b"[00:01.00]One\n[00:02.00]two\n[03:00.00]\n[03:10.00]\xe2\x99\xaa", 2, []),
        (b"[00:01.00]One\n[03:00.00]two\n[04:00.00]three", 1, ["before or after the recording: 2."]),
        (b"[offset:5000]\n[00:01.00]One\n[00:06.00]two", 1, ["before or after the recording: 1."]),
    ],
)
def test_what_cannot_be_used_is_said(content: bytes, lines: int, remarks: list[str], tmp_path: Path) -> None:
    file = tmp_path / "x.lrc"
    file.write_bytes(content)
    samples = music.sung(6.0, [1.0, 2.0])
    found = find_lyrics(str(file), "no times", stems(samples), spectral_features(samples))
    assert len(found.lines) == lines
    assert len(found.remarks) == len(remarks)
    assert all(
        remark in said and said.startswith("x.lrc: ") for remark, said in zip(remarks, found.remarks, strict=True)
    )


def test_a_file_goes_before_the_tags_if_it_has_times(tmp_path: Path) -> None:
    samples = music.sung(6.0, [1.0, 2.0])
    for content, words, used in (("[00:01.00]In file", "file", True), ("In file", "tags", False)):
        file = tmp_path / "x.txt"
        file.write_text(content)
        found = find_lyrics(str(file), "[00:03.00]In tags", stems(samples), spectral_features(samples))
        assert [each.words for each in found.lines] == [("In", words)]
        assert (found.file, found.remarks) == (str(file) if used else "", [])


def test_lyrics_in_tags_count_where_no_file_has_them() -> None:
    samples = music.sung(6.0, [1.0, 2.0])
    found = find_lyrics("", "[00:03.00]In tags", stems(samples), spectral_features(samples))
    assert [each.words for each in found.lines] == [("In", "tags")]
    assert find_lyrics("", "no times", stems(samples), spectral_features(samples)) == find_lyrics(
        "", "", stems(samples), spectral_features(samples)
    )
