"""What a charted song becomes: tracks, events, song.ini."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from davproxy.charter.correction import FoundBeat
from davproxy.charter.notes.difficulty import all_difficulties
from davproxy.charter.notes.drums import drum_difficulties
from davproxy.charter.notes.gems import TICKS
from davproxy.charter.notes.phrases import star_power
from davproxy.charter.output.chart import chart
from davproxy.charter.output.charted import Charted
from davproxy.charter.output.metadata import intensity, metadata
from davproxy.charter.output.tags import Tags
from davproxy.charter.structure.sections import Section
from davproxy.formats import notes_chart
from davproxy.formats.chart import SNARE, Difficulty, Event, Instrument, Phrase, Tempo
from tests.charter.values import BPM, GRID, gem, hit

BARS = 40
BAR = 4 * TICKS
SECTIONS = (Section(0, 8, 0, 1.0, "Intro"), Section(8, 24, 1, 1.5, "Chorus"), Section(24, 40, 2, 1.0, "Solo"))


def charted(drums: bool = True) -> Charted:
    """Forty bars after a bar of silence, eighths on the guitar and on the drums."""
    guitar = all_difficulties([gem(4 + beat / 2, beat % 5) for beat in range(8 * BARS)], 4)
    hits = [hit(4 + beat / 2, SNARE, kick=beat % 2 == 0) for beat in range(8 * BARS)]
    return Charted(
        tags=Tags("A title", artist="An artist", year="1999"),
        seconds=2.0 * (BARS + 1) + 0.5,
        grid=GRID,
        found=FoundBeat(BPM, 4, 0.0),
        first_tick=BAR,
        tempos=(Tempo(0, round(BPM * 1000)),),
        sections=SECTIONS,
        guitar=guitar,
        star_power=star_power(guitar, 4),
        drums=drum_difficulties(hits, 4) if drums else {},
    )


def test_the_chart_is_read_as_it_was_made() -> None:
    made = chart(charted(), ["song.ogg", "guitar.opus", "crowd.ogg"])
    assert notes_chart.parse(notes_chart.render(made)) == made
    assert [(track.instrument, track.difficulty) for track in made.tracks] == [
        (instrument, difficulty) for instrument in (Instrument.GUITAR, Instrument.DRUMS) for difficulty in Difficulty
    ]
    assert made.song["MusicStream"] == "song.ogg"
    assert made.song["GuitarStream"] == "guitar.opus"
    assert "crowd.ogg" not in made.song.values()


def test_a_song_of_drums_alone_names_no_guitar() -> None:
    song = replace(charted(), guitar={})
    made = chart(song, [])
    assert {track.instrument for track in made.tracks} == {Instrument.DRUMS}
    assert made.events[-1] == Event(41 * BAR, "end")
    assert {"diff_guitar", "diff_drums"} & set(metadata(song)) == {"diff_drums"}


def test_the_end_is_never_behind_the_length_in_song_ini() -> None:
    song = replace(
        charted(), seconds=81.9994, tempos=(Tempo(0, 120001),)
    )  # bar 41 begins at 81.9993, the length is 81.999
    assert metadata(song)["song_length"] == 81999
    assert chart(song, []).events[-1] == Event(40 * BAR + 7 * TICKS // 2 + 1, "end")


def test_events_name_the_sections_and_the_end_inside_the_audio() -> None:
    assert chart(charted(), []).events == (
        Event(0, "section Intro"),
        Event(9 * BAR, "section Chorus"),
        Event(25 * BAR, "section Solo"),
        Event(41 * BAR, "end"),
    )


def test_a_solo_is_marked_where_the_guitar_plays_it() -> None:
    made = chart(charted(), [])
    for track in made.tracks:
        solo = (Phrase(25 * BAR, 16 * BAR),) if track.instrument is Instrument.GUITAR else ()
        assert track.solos == solo


def test_star_power_is_where_every_difficulty_plays() -> None:
    made = chart(charted(), [])
    assert len({track.star_power for track in made.tracks}) == 1
    for track in made.tracks:
        ticks = [note.tick for note in track.notes]
        assert all(any(p.tick <= tick < p.tick + p.length for tick in ticks) for p in track.star_power)


@pytest.mark.parametrize("wanted", [(Difficulty.EASY,), (Difficulty.HARD, Difficulty.EXPERT)])
def test_only_the_difficulties_that_are_wanted_are_written(wanted: tuple[Difficulty, ...]) -> None:
    every, some = chart(charted(), []), chart(charted(), [], wanted)
    assert some.tracks == tuple(track for track in every.tracks if track.difficulty in wanted)
    assert (some.events, some.tempos, some.song) == (every.events, every.tempos, every.song)


def test_song_ini_has_a_word_for_what_nobody_knows() -> None:
    pairs = metadata(charted())
    assert {name: pairs[name] for name in ("name", "artist", "album", "genre", "year")} == {
        "name": "A title",
        "artist": "An artist",
        "album": "A title",
        "genre": "Other",
        "year": "1999",
    }
    assert (pairs["song_length"], pairs["preview_start_time"]) == (82500, 18000)
    assert pairs["pro_drums"] is True
    assert not {"diff_drums", "pro_drums"} & set(metadata(charted(drums=False)))


@pytest.mark.parametrize(("per_second", "expected"), [(1, 1), (4, 2), (8, 4), (11, 6), (20, 6)])
def test_intensity_follows_the_notes_a_second(per_second: int, expected: int) -> None:
    assert intensity([note / per_second for note in range(200)]) == expected


@given(st.lists(st.floats(0, 300), max_size=200))
def test_intensity_is_one_that_games_show(times: list[float]) -> None:
    assert 0 <= intensity(sorted(times)) <= 6
