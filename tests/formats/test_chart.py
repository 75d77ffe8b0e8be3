"""Charts as values: chords, hammer-ons, sections and lyrics."""

from hypothesis import given

from davproxy.formats.chart import (
    FORCE_FLIP,
    KICK,
    OPEN,
    TAP,
    YELLOW_CYMBAL,
    YELLOW_DRUM,
    Chart,
    Difficulty,
    Event,
    Family,
    Instrument,
    Note,
    Track,
)
from tests.formats.charts import tracks


def test_instruments_belong_to_families() -> None:
    assert Instrument.KEYS.family is Family.FIVE_FRET
    assert Instrument.BASS_GHL.family is Family.SIX_FRET
    assert Instrument.DRUMS.family is Family.DRUMS


def test_chords_leave_out_marks_and_keep_the_longer_of_two_notes_in_a_lane() -> None:
    notes = (Note(0, 1), Note(0, 0, 96), Note(0, 0), Note(0, FORCE_FLIP), Note(192, OPEN))
    track = Track(Instrument.GUITAR, Difficulty.EXPERT, notes)
    assert track.chords() == [(Note(0, 0, 96), Note(0, 1)), (Note(192, OPEN),)]


def test_chords_of_drums_leave_out_cymbal_marks() -> None:
    notes = (Note(0, KICK), Note(0, YELLOW_DRUM), Note(0, YELLOW_CYMBAL))
    track = Track(Instrument.DRUMS, Difficulty.EXPERT, notes)
    assert track.chords() == [(Note(0, KICK), Note(0, YELLOW_DRUM))]


def test_sections_lyrics_and_ends_are_read_from_the_events() -> None:
    chart = Chart(
        events=(
            Event(0, "section Intro"),
            Event(96, "phrase_start"),
            Event(96, "lyric Hel-"),
            Event(192, "lyric lo"),
            Event(384, "[prc_chorus_1]"),
            Event(768, "end"),
        )
    )
    assert chart.sections == (Event(0, "Intro"), Event(384, "chorus_1"))
    assert chart.lyrics == (Event(96, "Hel-"), Event(192, "lo"))
    assert chart.ends == (768,)


def test_a_track_is_found_by_instrument_and_difficulty() -> None:
    easy = Track(Instrument.GUITAR, Difficulty.EASY)
    chart = Chart(tracks=(Track(Instrument.BASS, Difficulty.EASY), easy))
    assert chart.track(Instrument.GUITAR, Difficulty.EASY) is easy
    assert chart.track(Instrument.GUITAR, Difficulty.HARD) is None


def test_notes_close_after_a_different_one_are_hammered_on_unless_marked() -> None:
    notes = (
        Note(0, 0),
        Note(65, 1),
        Note(130, 1),  # the same again is strummed
        Note(196, 2),  # too far
        Note(250, 0),
        Note(250, 1),  # a chord
        Note(300, 2),
        Note(300, FORCE_FLIP),
        Note(600, 3),
        Note(600, FORCE_FLIP),
        Note(640, 4),
        Note(640, TAP),
    )
    assert Track(Instrument.GUITAR, Difficulty.EXPERT, notes).hammer_ons(192) == {65, 600}
    assert Track(Instrument.DRUMS, Difficulty.EXPERT, notes).hammer_ons(192) == frozenset()


@given(tracks)
def test_chords_hold_each_played_lane_once_in_order(track: Track) -> None:
    chords = track.chords()
    ticks = [chord[0].tick for chord in chords]
    assert ticks == sorted(set(ticks))
    for chord in chords:
        lanes = [note.lane for note in chord]
        assert lanes == sorted(set(lanes))
        assert len({note.tick for note in chord}) == 1
    assert track.hammer_ons(192) <= set(ticks[1:]) | {note.tick for note in track.notes if note.lane == FORCE_FLIP}
