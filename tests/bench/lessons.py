"""What the trees of davproxy/charter/models/notes.npz are trained on: features of the slots of many songs, and the
truth."""

import math
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from davproxy.charter.notes.melody import contour_features
from davproxy.charter.notes.note_selection import selection_features
from davproxy.charter.signal import audio
from davproxy.charter.signal.audio import RATE
from davproxy.charter.signal.features import Array, spectral_features
from davproxy.charter.signal.note_activations import note_activations
from davproxy.charter.structure.repetition import first_alike
from davproxy.charter.structure.slots import STRAIGHT, TRIPLET, Slots, grid_slots
from davproxy.charter.timing.grid import Grid, Segment
from tests.bench import accompaniments, human, mashups, plain, rock, tunes
from tests.bench.drum_parts import CHANNEL
from tests.bench.recording import Recording
from tests.bench.tunes import Tune

DRAWN, METAL = 36, 24  # songs of `rock`
PLAIN = 32  # tunes of `plain`
ARRANGED = 24  # tunes of MMA
RIFF = 15  # MIDI channel
PROCESSES = 2
SYNTHETIC_WEIGHT = 0.15  # of a slot in a synthetic song; one in a human chart has 1
MASHUP_WEIGHT = 0.8
Columns = dict[str, Array]


@dataclass(frozen=True)
class Song:
    """One song to train on: the features of its slots (`slot_columns`) and of the steps between its notes
    (`move_columns`, empty where nobody charted it), and the truth about each: `played` and `moves` (0 down, 1 the same,
    2 up). `first` is, for each bar, the first bar alike; `people` are the
    human songs that it holds any part of; `weight` is that of each slot."""

    name: str
    slots: Slots
    slot_columns: Columns
    played: NDArray[np.bool_]
    move_columns: Columns  # empty where nobody charted it
    moves: NDArray[np.int64]  # 0 down, 1 the same, 2 up
    first: NDArray[np.int64]
    people: frozenset[str]  # the human songs that it holds any part of
    weight: float  # of each slot


def songs(on_stem: bool, cache: Path) -> list[Song]:
    """All songs, from the mix or from the lead alone; renderings are kept in `cache`."""
    made = [*human_songs(on_stem), *plain_songs(on_stem), *synthetic_songs(on_stem, cache)]
    return [*made, *mashed_songs(on_stem, cache)]


def human_songs(on_stem: bool) -> Iterator[Song]:
    for song in human.songs():
        sound = audio.load(song.folder / "guitar.ogg") if on_stem else song.audio
        bpm = song.chart.tempos[0].bpm  # they all keep one tempo
        recording = Recording(
            song.name, sound.samples, bpm, song.lag, mashups.chart(song), frozenset((song.name,)), charted=True
        )
        yield labelled(recording, 1.0)


def mashed_songs(on_stem: bool, cache: Path) -> Iterator[Song]:
    known = human.songs()
    recordings = mashups.at_speeds(known) if on_stem else mashups.mashups(known, cache)
    with ProcessPoolExecutor(PROCESSES) as pool:
        yield from pool.map(mashed_song, recordings)


def mashed_song(recording: Recording) -> Song:
    return labelled(recording, MASHUP_WEIGHT)


def plain_songs(on_stem: bool) -> Iterator[Song]:
    for recording in plain.recordings(PLAIN, lead_alone=on_stem):
        yield labelled(recording, SYNTHETIC_WEIGHT)


def synthetic_songs(on_stem: bool, cache: Path) -> Iterator[Song]:
    with ProcessPoolExecutor(PROCESSES) as pool:
        found = pool.map(partial(synthetic_song, on_stem, cache), synthetic_tunes(cache))
        yield from (song for song in found if song)


def synthetic_tunes(cache: Path) -> list[Tune]:
    """The training half of Freedoom, random rock songs, and accompaniments by MMA that have a riff."""
    read = [tunes.read_tune(*source) for source in tunes.freedoom()]
    freedoom = {tune.name: tune for tune in read if tune and not tune.is_test and tune.beat_quarters == 1}
    arranged = (tunes.read_tune(*source) for source in accompaniments.midi_files(cache))
    usable = (tunes.varied(tune) for tune in arranged if tune and not tune.is_test and tune.beat_quarters == 1)
    with_riff = (tune for tune in usable if any(e.message.channel == RIFF for e in tune.events))
    return [*freedoom.values(), *rock.tunes(DRAWN), *rock.tunes(METAL, "metal"), *islice(with_riff, ARRANGED)]


def synthetic_song(on_stem: bool, cache: Path, tune: Tune) -> Song | None:
    lead = lead_events(tune)
    notes = [(e.beat, float(e.message.note)) for e in lead if tunes.is_start(e.message)]
    if len(notes) < 60:
        return None
    heard = replace(tune, events=lead) if on_stem else tune
    rendering = tunes.render(heard, tunes.constant(tune), "lead" if on_stem else "constant", cache)
    step = float(rendering.beats[1] - rendering.beats[0])
    end = tunes.LENGTH / step
    beats = np.array([beat for beat, _ in notes])
    thirds, quarters = (np.mean(np.abs(beats * d - np.round(beats * d)) < 0.1) for d in (TRIPLET, STRAIGHT))
    division = TRIPLET if thirds > quarters + 0.15 else STRAIGHT
    samples = audio.load(rendering.audio).samples[: int(tunes.LENGTH * RATE)]
    notes = [note for note in notes if note[0] < end]
    recording = Recording(tune.name, samples, 60 / step, float(rendering.beats[0]), notes)
    return labelled(recording, SYNTHETIC_WEIGHT, division, tune.beats_per_bar)


def lead_events(tune: Tune) -> tuple[tunes.Event, ...]:
    """The tune with one channel in each bar: the most interesting one of those that play there, which a charter would
    follow."""
    programs: dict[int, int] = {}
    starts: dict[int, dict[int, set[float]]] = {}
    for event in tune.events:
        message = event.message
        if message.type == "program_change":
            programs.setdefault(message.channel, message.program)
        elif tunes.is_start(message) and message.channel != CHANNEL:
            bar = int(event.beat // tune.beats_per_bar)
            starts.setdefault(message.channel, {}).setdefault(bar, set()).add(event.beat)

    def worth(channel: int) -> float:
        if tune.source in ("rock", "metal"):
            return float(channel == rock.LEAD)
        if tune.source == "mma":
            return float(channel == RIFF)
        bars = starts[channel]
        density = sum(map(len, bars.values())) / len(bars)
        return interest(programs.get(channel, 0)) * min(1.0, density / 8) * math.sqrt(len(bars))

    order = [channel for channel in sorted(starts, key=worth, reverse=True) if worth(channel) > 0]
    leader = {
        bar: next((channel for channel in order if len(starts[channel].get(bar, ())) > 1), None)
        for bar in range(int(tune.last_beat // tune.beats_per_bar) + 1)
    }
    return tuple(
        event
        for event in tune.events
        if not tunes.is_start(event.message) or leader[int(event.beat // tune.beats_per_bar)] == event.message.channel
    )


def interest(program: int) -> float:
    """How likely a General MIDI program plays the lead: guitars and leads most, basses and pads least."""
    if 26 <= program <= 31:
        return 1.6
    if program in (24, 25) or 80 <= program <= 87:
        return 1.3
    if 32 <= program <= 39:
        return 0.1
    if 48 <= program <= 54 or 88 <= program <= 103:
        return 0.5
    return 0.01 if program >= 112 else 1.0


def labelled(recording: Recording, weight: float, division: int = STRAIGHT, beats_per_bar: int = 4) -> Song:
    features = spectral_features(recording.samples)
    grid = Grid((Segment(0.0, recording.start, recording.bpm),), beats_per_bar)
    places = grid_slots(grid, len(recording.samples) / RATE - 0.5, division)
    heights: dict[int, float] = {}
    for beat, height in recording.notes:
        slot = round(beat * division)
        if abs(beat * division - slot) < 0.2 and 0 <= slot < len(places):
            heights[slot] = max(height, heights.get(slot, height))
    chosen = np.array(sorted(heights), dtype=np.int64)
    steps = np.diff([heights[slot] for slot in chosen.tolist()])
    first = first_alike(features, places)
    return Song(
        name=recording.name,
        slots=places,
        slot_columns=selection_features(features, places, first),
        played=np.isin(np.arange(len(places)), chosen),
        move_columns=contour_features(note_activations(recording.samples), places.times[chosen], places.beats[chosen])
        if recording.charted
        else {},
        moves=np.sign(steps).astype(np.int64) + 1,
        first=first,
        people=recording.songs,
        weight=weight,
    )
