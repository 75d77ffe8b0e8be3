"""notes.mid: the notes of each kind of track, and real songs."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from davproxy.errors import BadChart
from davproxy.formats import notes, notes_facts, notes_mid
from davproxy.formats.chart import (
    OPEN,
    TAP,
    YELLOW_CYMBAL,
    Chart,
    Difficulty,
    Event,
    Instrument,
    Note,
    Phrase,
    Tempo,
    TimeSignature,
    Violation,
)
from davproxy.formats.summary import summarise
from tests.formats.midis import Keys, midi, midi_of, mido, save

SONGS = Path("/usr/share/games/fretsonfire/data/songs/sectoid")


def parse(name: str, keys: Keys, velocity: int = 100) -> Chart:
    return notes_mid.parse(midi({name: keys}, velocity=velocity))


def test_tempo_and_time_signature_are_read() -> None:
    chart = notes_mid.parse(midi({}))
    assert chart.resolution == 480
    assert chart.tempos == (Tempo(0, 150_000),)
    assert chart.time_signatures == (TimeSignature(0, 3, 4),)
    assert chart.tracks == ()


def test_difficulties_lie_an_octave_apart() -> None:
    chart = parse("PART GUITAR", [(0, 96, 1), (480, 100, 480), (0, 84, 1), (0, 73, 1), (0, 60, 1)])
    assert [(track.difficulty, track.notes) for track in chart.tracks] == [
        (Difficulty.EXPERT, (Note(0, 0), Note(480, 4, 480))),
        (Difficulty.HARD, (Note(0, 0),)),
        (Difficulty.MEDIUM, (Note(0, 1),)),
        (Difficulty.EASY, (Note(0, 0),)),
    ]


def test_what_holds_for_the_instrument_is_in_every_difficulty() -> None:
    chart = parse("PART BASS", [(0, 96, 1), (0, 84, 1), (0, 103, 960), (0, 116, 480), (0, 104, 10), (480, 96, 1)])
    assert [track.instrument for track in chart.tracks] == [Instrument.BASS] * 2
    for track in chart.tracks:
        assert track.solos == (Phrase(0, 960),)
        assert track.star_power == (Phrase(0, 480),)
        assert [note.tick for note in track.notes if note.lane == TAP] == [0]


def test_short_notes_are_no_sustains() -> None:
    (track,) = parse("PART GUITAR", [(0, 96, 161), (480, 96, 162)]).tracks
    assert [note.length for note in track.notes] == [0, 162]


def test_solos_of_the_first_games_were_star_power() -> None:
    (track,) = parse("T1 GEMS", [(0, 96, 1), (0, 103, 480), (960, 103, 480)]).tracks
    assert (len(track.star_power), track.solos) == (2, ())


@pytest.mark.parametrize(
    ("name", "note", "star_power", "solos"),
    [
        ("PART GUITAR", "103", [0, 960], []),
        ("PART GUITAR", "116", [480], [0, 960]),
        ("PART DRUMS", "103", [480], [0, 960]),
    ],
)
def test_the_note_for_star_power_is_that_of_the_song_except_on_drums(
    name: str, note: str, star_power: list[int], solos: list[int]
) -> None:
    data = midi({name: [(0, 96, 1), (0, 103, 240), (480, 116, 240), (960, 103, 240)]})
    (track,) = notes_mid.parse(data, {"multiplier_note": note}).tracks
    assert ([each.tick for each in track.star_power], [each.tick for each in track.solos]) == (star_power, solos)


def test_solos_stay_solos_where_the_song_says_that_its_star_power_has_a_note() -> None:
    data = midi({"PART BASS": [(0, 96, 1), (0, 103, 240), (960, 103, 240)]})
    (facts,) = notes_facts.read("notes.mid", data, {"star_power_note": "116"})["tracks"]
    assert (facts["has_star_power"], facts["has_solos"]) == (False, True)


def test_open_notes_are_read_where_the_track_says_so() -> None:
    keys = {"PART GUITAR": [(0, 95, 1), (0, 96, 1)]}
    assert [n.lane for n in notes_mid.parse(midi(keys)).tracks[0].notes] == [0]
    opened = notes_mid.parse(midi(keys, {"PART GUITAR": [(0, "[ENHANCED_OPENS]")]}))
    assert {note.lane for note in opened.tracks[0].notes} == {0, OPEN}


def test_hammer_ons_and_strums_are_forced() -> None:
    green, red = 96, 97
    keys = [(0, green, 10), (160, red, 10), (320, red, 10), (480, green, 10), (640, red, 10), (1440, green, 10)]
    (track,) = parse("PART GUITAR", [*keys, (480, 102, 100), (1440, 101, 10)]).tracks
    assert track.hammer_ons(480) == {160, 640, 1440}


def test_a_note_that_repeats_one_of_the_chord_before_is_strummed() -> None:
    (track,) = parse("PART GUITAR", [(0, 96, 10), (0, 97, 10), (160, 97, 10), (320, 98, 10)]).tracks
    assert track.hammer_ons(480) == {320}


def test_open_notes_and_taps_are_read_from_messages_of_phase_shift() -> None:
    def message(difficulty: int, kind: int, begins: int, time: int) -> Any:
        return mido.Message("sysex", data=[0x50, 0x53, 0, 0, difficulty, kind, begins], time=time)

    out = mido.MidiFile(ticks_per_beat=480)
    track = mido.MidiTrack(
        [mido.MetaMessage("track_name", name="PART GUITAR"), message(3, 1, 1, 0), message(2, 4, 1, 0)]
    )
    for number in (96, 84):
        track += [mido.Message("note_on", note=number), mido.Message("note_off", note=number, time=5)]
    track += [message(3, 1, 0, 5), message(2, 4, 0, 0)]
    out.tracks.append(track)
    expert, hard = notes_mid.parse(save(out)).tracks
    assert [note.lane for note in expert.notes] == [OPEN]
    assert [note.lane for note in hard.notes] == [0, TAP]


def test_six_frets_begin_two_notes_lower() -> None:
    (track,) = parse("PART GUITAR GHL", [(0, number, 1) for number in range(94, 101)]).tracks
    assert sorted(note.lane for note in track.notes) == [0, 1, 2, 3, 4, 7, 8]


def test_drums_are_cymbals_unless_marked_as_toms() -> None:
    (track,) = parse("PART DRUMS", [(0, 98, 1), (480, 98, 1), (480, 110, 10), (960, 97, 1), (0, 120, 480)]).tracks
    assert [note.tick for note in track.notes if note.lane == YELLOW_CYMBAL] == [0]
    assert track.fills == (Phrase(0, 480),)
    (plain,) = parse("PART DRUMS", [(0, 98, 1)]).tracks
    assert [note.lane for note in plain.notes] == [2]


@pytest.mark.parametrize(("velocity", "kept"), [(100, 1), (50, 2), (40, 3), (30, 4)])
def test_rolls_struck_softly_hold_in_lower_difficulties(velocity: int, kept: int) -> None:
    keys = [(0, lowest, 1) for lowest in (60, 72, 84, 96)]
    chart = parse("PART DRUMS", [*keys, (0, 126, 480)], velocity=velocity)
    assert sum(bool(track.rolls) for track in chart.tracks) == kept


def test_sections_lyrics_and_vocals_are_read() -> None:
    texts = {"EVENTS": [(0, "[section Intro]"), (960, "[end]")], "PART VOCALS": [(480, "Hel-"), (500, "[idle]")]}
    chart = notes_mid.parse(midi({"PART VOCALS": [(480, 60, 100)]}, texts))
    assert chart.sections == (Event(0, "Intro"),)
    assert chart.lyrics == (Event(480, "Hel-"),)
    assert chart.ends == (960,)
    assert chart.has_vocals


def test_a_lone_track_of_any_name_is_a_guitar() -> None:
    chart = parse("Sampler", [(0, 96, 1)])
    assert [track.instrument for track in chart.tracks] == [Instrument.GUITAR]
    assert chart.violations == {Violation.LONE_TRACK}
    twice = notes_mid.parse(midi({"A": [(0, 96, 1)], "B": [(0, 96, 1)]}))
    assert [track.instrument for track in twice.tracks] == [Instrument.GUITAR]
    assert notes_mid.parse(midi({"A": [(0, 96, 1)], "B": [(0, 97, 1)]})).tracks == ()


@pytest.mark.parametrize(
    "name", ["PART VOCALS", "HARM1", "PART REAL_KEYS_X", "PART REAL_GUITAR", "BEAT", "VENUE", "PART DANCE", "EVENTS"]
)
def test_a_track_that_is_for_something_else_is_no_guitar(name: str) -> None:
    assert parse(name, [(0, 60, 10), (0, 72, 10), (480, 96, 10)]).tracks == ()


def test_no_track_is_a_guitar_by_itself_beside_tracks_that_games_know() -> None:
    chart = notes_mid.parse(midi({"Piano": [(0, 96, 1)]}, {"EVENTS": [(0, "[section A]")]}))
    assert (chart.tracks, chart.violations) == ((), frozenset())


KEYS: Keys = [(0, 96, 1)]


@pytest.mark.parametrize("names", [["PART BASS"] * 2, ["PART GUITAR", "T1 GEMS"], ["T1 GEMS", "PART GUITAR"]])
def test_an_empty_twin_hides_no_track(names: list[str]) -> None:
    for keys in ([KEYS, []], [[], KEYS]):
        chart = notes_mid.parse(midi_of(*((name, each, []) for name, each in zip(names, keys, strict=True))))
        assert [len(track.notes) for track in chart.tracks] == [1]
        assert chart.violations == frozenset()


def test_of_two_tracks_for_one_instrument_the_first_is_played() -> None:
    chart = notes_mid.parse(midi_of(("PART BASS", KEYS, []), ("PART BASS", [(0, 97, 1), (480, 97, 1)], [])))
    assert [len(track.notes) for track in chart.tracks] == [1]
    assert chart.violations == {Violation.TRACK_TWICE}
    chart = notes_mid.parse(midi_of(("T1 GEMS", [(0, 97, 1), (480, 97, 1)], []), ("PART GUITAR", KEYS, [])))
    assert [len(track.notes) for track in chart.tracks] == [1]


def test_a_track_with_two_names_has_the_one_that_games_know() -> None:
    data = midi({"PART GUITAR": KEYS})
    name = b"\0\xff\x03\x0bPART GUITAR"
    for names in (name + b"\0\xff\x03\x02by", b"\0\xff\x03\x02by" + name):
        chart = notes_mid.parse(lengthened(data.replace(name, names)))
        assert [track.instrument for track in chart.tracks] == [Instrument.GUITAR]
        assert chart.violations == {Violation.TRACK_NAMES}
    assert notes_mid.parse(lengthened(data.replace(name, name * 2))).violations == frozenset()


def lengthened(data: bytes) -> bytes:
    """`data` with the right length in its last chunk."""
    at = data.rindex(b"MTrk")
    return data[: at + 4] + (len(data) - at - 8).to_bytes(4, "big") + data[at + 8 :]


def test_of_two_tempos_or_signatures_at_one_tick_the_later_counts() -> None:
    out = mido.MidiFile(ticks_per_beat=480)
    slow, fast = (mido.MetaMessage("set_tempo", tempo=tempo) for tempo in (1_000_000, 500_000))
    bars = [mido.MetaMessage("time_signature", numerator=numerator, denominator=4) for numerator in (7, 4)]
    out.tracks.append(mido.MidiTrack([slow, fast, *bars]))
    guitar = [mido.Message("note_on", note=96, time=480), mido.Message("note_off", note=96, time=10)]
    out.tracks.append(mido.MidiTrack([mido.MetaMessage("track_name", name="PART GUITAR"), *guitar]))
    summary = summarise(notes_mid.parse(save(out)))
    assert (summary.slowest, summary.fastest) == (120, 120)
    assert summary.length == 500


def test_tempos_are_those_of_the_first_track() -> None:
    out = mido.MidiFile(ticks_per_beat=480)
    out.tracks.append(mido.MidiTrack())
    out.tracks.append(mido.MidiTrack([mido.MetaMessage("set_tempo", tempo=1_000_000)]))
    chart = notes_mid.parse(save(out))
    assert chart.tempos == ()
    assert chart.violations == {Violation.TEMPO}


@pytest.mark.parametrize("kind", [0, 2])
def test_other_midi_formats_are_read_and_reported(kind: int) -> None:
    out = mido.MidiFile(ticks_per_beat=480, type=kind)
    guitar = [mido.Message("note_on", note=96), mido.Message("note_off", note=96, time=10)]
    tempo = mido.MetaMessage("set_tempo", tempo=400_000)
    out.tracks.append(mido.MidiTrack([mido.MetaMessage("track_name", name="PART GUITAR"), tempo, *guitar]))
    chart = notes_mid.parse(save(out))
    assert chart.tempos == (Tempo(0, 150_000),)
    assert [track.instrument for track in chart.tracks] == [Instrument.GUITAR]
    assert chart.violations == {Violation.FORMAT}


def test_lyrics_outside_the_vocals_are_none() -> None:
    texts = {"EVENTS": [(0, "phrase_start"), (10, "lyric la"), (20, "[lyric la]"), (30, "[section A]")]}
    chart = notes_mid.parse(midi({"PART GUITAR": KEYS}, texts))
    assert chart.lyrics == ()
    assert chart.sections == (Event(30, "A"),)


@pytest.mark.parametrize(
    ("good", "bad"),
    [((400_000).to_bytes(3, "big"), b"\0\0\0"), (b"\xff\x58\x04\x03", b"\xff\x58\x04\x00")],
    ids=["tempo", "time signature"],
)
def test_an_endless_tempo_or_bar_is_refused(good: bytes, bad: bytes) -> None:
    data = midi({})
    assert good in data
    with pytest.raises(BadChart):
        notes_mid.parse(data.replace(good, bad))


numbers = st.tuples(st.integers(0, 5000), st.integers(58, 127), st.integers(0, 2000))


@given(st.dictionaries(st.sampled_from(["PART GUITAR", "PART DRUMS", "PART GUITAR GHL", "EVENTS"]), st.lists(numbers)))
def test_any_keys_make_a_chart_in_order(tracks: dict[str, Keys]) -> None:
    chart = notes_mid.parse(midi(tracks))
    for track in chart.tracks:
        ticks = [note.tick for note in track.notes]
        assert ticks == sorted(ticks)
        assert track.chords()


@given(st.binary(max_size=200))
def test_any_bytes_are_a_chart_or_a_bad_chart(body: bytes) -> None:
    data = b"MThd\0\0\0\x06\0\1\0\1\1\xe0MTrk" + len(body).to_bytes(4, "big") + body
    try:
        chart = notes.parse("notes.mid", data)
    except BadChart:
        return
    summarise(chart)


@pytest.mark.skipif(not SONGS.is_dir(), reason="needs Debian's package fretsonfire-songs-sectoid")
@pytest.mark.parametrize(
    ("song", "bpm", "counts"),
    [
        ("Escape from chaosland", 135, [806, 671, 429]),
        ("Feelings", 95, [591, 442]),
        ("Metal madness", 150, [483, 379, 202]),
        ("War of freedom", 140, [691, 691, 691]),
    ],
)
def test_real_charts_have_the_notes_that_people_made(song: str, bpm: float, counts: list[int]) -> None:
    summary = summarise(notes.parse("notes.mid", (SONGS / song / "notes.mid").read_bytes()))
    assert summary.fastest == pytest.approx(bpm, abs=1e-3)
    assert [track.notes for track in summary.tracks] == counts
