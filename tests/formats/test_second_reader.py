"""Our readers of notes files against others: mido for MIDI, for notes.chart one that looks at each line by itself."""

import io
import random
from pathlib import Path
from typing import Any

import pytest

from davproxy.formats import midi_file, notes_chart
from davproxy.formats.midi_file import MidiTrack
from tests.formats.made_at_random import make_chart, make_midi
from tests.formats.midis import mido

SONGS = Path("/usr/share/games/fretsonfire/data/songs")
REAL = sorted(SONGS.glob("*/*/notes.mid"))
"""Of Debian's packages fretsonfire-songs-sectoid and fretsonfire-songs-muldjord, where they are installed."""


def compare_midi(data: bytes) -> int:
    """Assert that mido reads the same from a MIDI file; returns the number of notes."""
    ours, theirs = midi_file.parse(data), mido.MidiFile(file=io.BytesIO(data), clip=True)
    assert (ours.resolution, ours.format) == (theirs.ticks_per_beat, theirs.type)
    assert len(ours.tracks) == len(theirs.tracks)
    for track, messages in zip(ours.tracks, theirs.tracks, strict=True):
        compare_track(track, messages)
    return sum(len(track.notes) for track in ours.tracks)


def compare_track(track: MidiTrack, messages: Any) -> None:
    tick, held = 0, dict[tuple[int, int], list[tuple[int, int]]]()
    notes, texts, tempos, signatures, names = [], [], [], [], []
    for message in messages:
        tick += message.time
        match message.type:
            case "note_on" if message.velocity:
                held.setdefault((message.channel, message.note), []).append((tick, message.velocity))
            case "note_on" | "note_off":
                if started := held.get((message.channel, message.note)):
                    start, velocity = started.pop()
                    notes.append((start, message.note, tick - start, velocity))
            case "text" | "lyrics" | "marker" | "cue_marker":
                texts.append((tick, message.text.strip()))
            case "set_tempo":
                tempos.append((tick, message.tempo))
            case "time_signature":
                signatures.append((tick, message.numerator, message.denominator))
            case "track_name" if tick == 0:
                names.append(message.name)
    assert sorted(track.notes) == sorted(notes)
    assert (track.texts, track.tempos, track.signatures, track.names) == (texts, tempos, signatures, names)


@pytest.mark.slow
def test_mido_reads_the_same_from_files_made_at_random() -> None:
    chance = random.Random(1)
    assert all(compare_midi(make_midi(chance)) > 10 for _ in range(50))


@pytest.mark.skipif(not REAL, reason="needs Debian's packages fretsonfire-songs-sectoid and fretsonfire-songs-muldjord")
def test_mido_reads_the_same_from_real_songs() -> None:
    assert all(compare_midi(path.read_bytes()) > 500 for path in REAL)


SECTIONS = {
    "Single": "guitar", "DoubleGuitar": "guitarcoop", "DoubleRhythm": "rhythm", "DoubleBass": "bass", "Drums": "drums",
    "Keyboard": "keys", "GHLGuitar": "guitarghl", "GHLCoop": "guitarcoopghl", "GHLRhythm": "rhythmghl",
    "GHLBass": "bassghl",
}  # fmt: skip


def read_by_lines(data: bytes) -> dict[str, list[list[str]]]:
    """The words of each line of a well-formed notes.chart, by section."""
    found = dict[str, list[list[str]]]()
    section = ""
    for line in map(str.strip, data.decode().splitlines()):
        if line.startswith("["):
            section = line[1:-1]
            found[section] = []
        elif "=" in line:
            found[section].append(line.replace(" = ", " ").split(" ", 3))
    return found


def test_a_reader_by_lines_reads_the_same_from_charts_made_at_random() -> None:
    chance = random.Random(1)
    for _ in range(50):
        data = notes_chart.render(make_chart(chance))
        read, plain = notes_chart.parse(data), read_by_lines(data)
        assert plain.pop("Song") == [["Resolution", str(read.resolution)]]
        sync = plain.pop("SyncTrack")
        assert [(tempo.tick, tempo.millibeats) for tempo in read.tempos] == [
            (int(tick), int(value)) for tick, kind, value, *_ in sync if kind == "B"
        ]
        assert [(bar.tick, bar.numerator, bar.denominator) for bar in read.time_signatures] == [
            (int(tick), int(value), 2 ** int(rest[0]) if rest else 4)
            for tick, kind, value, *rest in sync
            if kind == "TS"
        ]
        assert [(event.tick, event.text) for event in read.events] == [
            (int(tick), " ".join(words).strip('"')) for tick, _, *words in plain.pop("Events")
        ]
        names = [f"{track.difficulty.capitalize()}{suffix}" for track in read.tracks for suffix, instrument in
                 SECTIONS.items() if instrument == track.instrument]  # fmt: skip
        assert names == list(plain)
        for track, lines in zip(read.tracks, plain.values(), strict=True):
            assert [[str(note.tick), "N", str(note.lane), str(note.length)] for note in track.notes] == [
                line for line in lines if line[1] == "N"
            ]
            assert [[str(phrase.tick), "S", "2", str(phrase.length)] for phrase in track.star_power] == [
                line for line in lines if line[1:3] == ["S", "2"]
            ]
