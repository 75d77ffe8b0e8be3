"""The reader of Standard MIDI files, against mido as the writer."""

import contextlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from davproxy.errors import BadChart
from davproxy.formats import midi_file
from davproxy.formats.midi_file import MidiNote
from tests.formats.costs import is_linear
from tests.formats.midis import mido, save


def file(*messages: Any) -> bytes:
    midi = mido.MidiFile(ticks_per_beat=480)
    midi.tracks.append(mido.MidiTrack(messages))
    return save(midi)


def chunk(body: bytes, resolution: bytes = b"\x01\xe0") -> bytes:
    return b"MThd\0\0\0\x06\0\1\0\1" + resolution + b"MTrk" + len(body).to_bytes(4, "big") + body


def test_notes_texts_tempos_and_signatures_are_read() -> None:
    data = file(
        mido.MetaMessage("track_name", name="PART GUITAR"),
        mido.MetaMessage("set_tempo", tempo=400_000),
        mido.MetaMessage("time_signature", numerator=7, denominator=8),
        mido.Message("note_on", note=96, velocity=100, time=100),
        mido.Message("program_change", program=3),
        mido.Message("note_on", note=97, velocity=90, time=50),
        mido.Message("note_off", note=96, time=50),
        mido.Message("sysex", data=[0x50, 0x53, 0, 0, 3, 4, 1]),
        mido.MetaMessage("text", text="[section A]"),
        mido.MetaMessage("lyrics", text="La"),
        mido.Message("note_on", note=97, velocity=0, time=200),
        mido.Message("pitchwheel", pitch=5),
        mido.Message("note_off", note=99, time=200),
    )
    read = midi_file.parse(data)
    (track,) = read.tracks
    assert read.resolution == 480
    assert track.names == ["PART GUITAR"]
    assert track.tempos == [(0, 400_000)]
    assert track.signatures == [(0, 7, 8)]
    assert track.texts == [(200, "[section A]"), (200, "La")]
    assert track.notes == [MidiNote(100, 96, 100, 100), MidiNote(150, 97, 250, 90)]


BETWEEN = [
    b"",
    b"\xff\x01\x06[play]",
    b"\xff\x51\x03\x07\xa1\x20",
    b"\xf0\x08PS\0\0\3\4\1\xf7",
    b"\xf7\x01\x40",
    b"\xf1\x05",
    b"\xf2\x05\x06",
    b"\xf3\x05",
    b"\xf6",
    b"\xf8",
    b"\xfe",
]


@pytest.mark.parametrize("event", BETWEEN)
def test_running_status_goes_on_over_every_event_without_a_channel(event: bytes) -> None:
    delta = b"\x05" if event else b""
    (track,) = midi_file.parse(chunk(b"\0\x90\x60\x40" + delta + event + b"\x10\x60\0\0\xff\x2f\0")).tracks
    assert track.notes == [MidiNote(0, 0x60, 0x15 if event else 0x10, 0x40)]


def test_running_status_begins_with_a_channel_event() -> None:
    with pytest.raises(BadChart):
        midi_file.parse(chunk(b"\0\xff\x01\0\0\x60\0\0\xff\x2f\0"))


@pytest.mark.parametrize("kind", [1, 5, 6, 7, 15])
def test_text_may_stand_in_an_event_of_any_text_kind(kind: int) -> None:
    (track,) = midi_file.parse(chunk(b"\0\xff" + bytes([kind]) + b"\x02Hi\0\xff\x2f\0")).tracks
    assert track.texts == [(0, "Hi")]


TRACK = b"\0\x90\x60\x40\x10\x60\0\0\xff\x2f\0"


@pytest.mark.parametrize(
    ("data", "strict"),
    [
        (chunk(TRACK), True),
        (chunk(TRACK) + b"\0", True),
        (chunk(TRACK) + b"any leftovers, longer than a chunk's head", True),
        (chunk(TRACK + b"after the end"), True),
        (chunk(TRACK) + b"MTrk\0\0\0\x04\0\xff\x2f\0", False),
        (chunk(TRACK[:-4]), False),
        (chunk(TRACK).replace(b"MTrk\0\0\0", b"MTrk\x7f\0\0"), True),
        (chunk(TRACK)[:14] + b"XYZZ\0\0\0\2??" + chunk(TRACK)[14:], False),
        (chunk(TRACK).replace(b"MThd\0\0\0\6", b"MThd\0\0\0\0"), False),
        (chunk(TRACK).replace(b"MThd\0\0\0\6", b"MThd\0\0\xff\6"), False),
        (chunk(TRACK)[:14].replace(b"\0\6", b"\0\7", 1) + b"?" + chunk(TRACK)[14:], False),
        (chunk(TRACK).replace(b"\0\1\0\1", b"\0\1\0\7"), True),
    ],
    ids=[
        "as it should be", "a byte more", "leftovers", "leftovers in the track", "a track more than announced",
        "no end", "a length past the end", "a chunk of another kind", "no header length", "a wrong header length",
        "a longer header", "fewer tracks than announced",
    ],
)  # fmt: skip
def test_a_file_that_breaks_the_format_a_little_is_read(data: bytes, strict: bool) -> None:
    read = midi_file.parse(data)
    assert [track.notes for track in read.tracks] == [[MidiNote(0, 0x60, 0x10, 0x40)]]
    assert read.strict is strict


@pytest.mark.parametrize("kind", [0, 1, 2])
def test_the_format_of_the_file_is_known(kind: int) -> None:
    assert midi_file.parse(chunk(TRACK).replace(b"\0\1\0\1", bytes([0, kind, 0, 1]))).format == kind


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"MThd",
        b"[Song]\n{\n}\n",
        chunk(b"", b"\0\0"),
        chunk(b"", b"\xe8\x28"),
        chunk(b"\0\x90\x60\x40\0"),
        chunk(b"\0\x90\x60"),
        chunk(b"\0\xff\x01\x7fshort"),
        chunk(b"\0\xf0\x7fshort"),
        chunk(b"\0\x40\x40"),
        chunk(b"\x80\x80\x80\x80"),
        chunk(b"\0\xff\x2f\0")[:-2],
    ],
)
def test_what_is_broken_is_refused(data: bytes) -> None:
    with pytest.raises(BadChart):
        midi_file.parse(data)


messages = st.builds(
    lambda on, note, velocity, time: mido.Message(
        "note_on" if on else "note_off", note=note, velocity=velocity, time=time
    ),
    st.booleans(),
    st.integers(0, 127),
    st.integers(0, 127),
    st.integers(0, 100_000),
)


@given(st.lists(messages, max_size=30))
def test_every_released_note_is_read(sent: list[Any]) -> None:
    (track,) = midi_file.parse(file(*sent)).tracks
    tick, held, expected = 0, dict[int, list[int]](), []
    for message in sent:
        tick += message.time
        if message.type == "note_on" and message.velocity:
            held.setdefault(message.note, []).append(tick)
        elif held.get(message.note):
            start = held[message.note].pop()
            expected.append((start, message.note, tick - start))
    assert sorted((note.tick, note.number, note.length) for note in track.notes) == sorted(expected)


@given(st.binary(max_size=100), st.binary(max_size=100))
def test_any_bytes_are_a_midi_file_or_a_bad_chart(whole: bytes, body: bytes) -> None:
    for data in (whole, b"MThd" + whole, chunk(body), chunk(b"\0\xff" + body)):
        try:
            read = midi_file.parse(data)
        except BadChart:
            continue
        assert read.resolution > 0


@pytest.mark.parametrize(
    "body", [b"\0\x90\x60\x40", b"\0\x60", b"\0\xff\x01\0", b"\0\xf7\0", b"\0\xf6", b"\0\xff\x51\3\0\0\1"]
)
def test_hostile_files_cost_linear_time(body: bytes) -> None:
    def parse(size: int) -> None:
        with contextlib.suppress(BadChart):
            midi_file.parse(chunk((b"\0\x90\x60\x40" + body * (size // len(body)))[: size // 2 * 2]))

    assert is_linear(parse)


def test_a_file_too_large_to_be_a_chart_is_refused_unread() -> None:
    with pytest.raises(BadChart, match="larger"):
        midi_file.parse(bytes(midi_file.MAX_BYTES + 1))
