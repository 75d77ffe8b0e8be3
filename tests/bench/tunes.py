"""The synthetic set: free MIDI from Debian packages, played by fluidsynth, its beats known to the sample.

Sources: the music of Freedoom (freedoom), of OpenTTD (openttd-openmsx), and tunes that MMA (mma) arranges from its
styles. Played with FluidR3_GM (fluid-soundfont-gm). A tune is split into training or test by its name alone, so
whatever is fitted on the training part never saw a test tune in any form.
"""

import hashlib
import io
import random
import shutil
import struct
import subprocess
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import mido
import numpy as np
from numpy.typing import NDArray

from tests.bench import accompaniments

FREEDOOM = Path("/usr/share/games/doom")
OPENMSX = Path("/usr/share/games/openttd/baseset/openmsx")
SOUNDFONT = Path("/usr/share/sounds/sf2/FluidR3_GM.sf2")
LENGTH = 70.0  # seconds of each tune that are played: enough to find its beat, short enough for hundreds
LOADING = ("-o", "synth.dynamic-sample-loading=1")  # of what a tune uses, since other fonts are compressed
SYNTH_DELAY = 0.0055  # fluidsynth sounds a note this much after its event
RATE = 22050


@dataclass(frozen=True)
class Event:
    beat: float
    message: Any  # a mido.Message


@dataclass(frozen=True)
class Tune:
    """A piece of music in beats: what is played when, without any tempo.

    `beat_quarters` is how many quarter notes of the MIDI file one beat of it lasts: 1.5 where it is dotted.
    """

    name: str
    events: tuple[Event, ...]
    bpm: float
    beats_per_bar: int
    beat_quarters: float = 1.0

    @property
    def source(self) -> str:
        return self.name.split("/")[0]

    @property
    def is_test(self) -> bool:
        return hashlib.sha256(self.name.encode()).digest()[0] % 2 == 0

    @property
    def last_beat(self) -> float:
        return self.events[-1].beat


@dataclass(frozen=True)
class Tempo:
    """A tempo curve: BPM at given beats, either held until the next one (a step) or approached evenly (a ramp)."""

    beats: tuple[float, ...]
    bpm: tuple[float, ...]
    ramp: bool = False

    def at(self, beat: float) -> float:
        if self.ramp:
            return float(np.interp(beat, self.beats, self.bpm))
        return self.bpm[int(np.searchsorted(self.beats, beat, "right")) - 1]


def missing() -> str | None:
    """A Debian package that is needed to render the set and is not there."""
    for tool, package in (("fluidsynth", "fluidsynth"), ("mma", "mma")):
        if not shutil.which(tool):
            return package
    for path, package in ((SOUNDFONT, "fluid-soundfont-gm"), (FREEDOOM, "freedoom"), (OPENMSX, "openttd-openmsx")):
        if not path.exists():
            return package
    return None


def tunes(cache: Path) -> list[Tune]:
    """Every usable tune, in the order of its name; what MMA arranges is kept in `cache`."""
    read = [tune for tune in (read_tune(*source) for source in midi_sources(cache)) if tune]
    found = [varied(tune) if tune.name.startswith("mma/") else tune for tune in read]
    return sorted((tune for tune in found if 45 <= tune.bpm <= 250), key=lambda tune: tune.name)


def midi_sources(cache: Path) -> Iterator[tuple[str, bytes]]:
    seen = set()
    for name, data in [*freedoom(), *openmsx(), *accompaniments.midi_files(cache)]:
        digest = hashlib.sha256(data).digest()
        if digest not in seen:
            seen.add(digest)
            yield name, data


def freedoom() -> Iterator[tuple[str, bytes]]:
    """The D_* lumps of the two WAD files; Freedoom keeps them as standard MIDI."""
    for wad in ("freedoom1.wad", "freedoom2.wad"):
        data = (FREEDOOM / wad).read_bytes()
        count, directory = struct.unpack_from("<ii", data, 4)
        for index in range(count):
            start, size, raw = struct.unpack_from("<ii8s", data, directory + 16 * index)
            name = raw.rstrip(b"\0").decode("ascii")
            if name.startswith("D_") and data[start : start + 4] == b"MThd":
                yield f"freedoom/{name}", data[start : start + size]


def openmsx() -> Iterator[tuple[str, bytes]]:
    for path in sorted(OPENMSX.glob("*.mid")):
        yield f"openmsx/{path.stem}", path.read_bytes()


def read_tune(name: str, data: bytes) -> Tune | None:
    """The tune in a MIDI file, or None where its beat cannot be trusted."""
    score = read_score(data)
    starts = np.array([event.beat for event in score.events if is_start(event.message)])
    if len(starts) < 100:
        return None
    off = np.abs(starts * 12 - np.round(starts * 12)) / 12
    meter = meter_of(score, float(starts[-1]))
    if np.mean(off < 0.03) < 0.85 or meter is None:
        return None
    beats_per_bar, beat_quarters, bar = meter
    bpm = main_tempo(score.tempi or [(0.0, 120.0)], starts[-1]) / beat_quarters
    skip = bar * np.floor((starts[0] + 0.03) / bar)  # empty bars in front
    moved = tuple(Event(max(0.0, event.beat - skip) / beat_quarters, event.message) for event in score.events)
    return Tune(name, moved, bpm, beats_per_bar, beat_quarters)


@dataclass(frozen=True)
class Score:
    """What a MIDI file holds, each thing at its place in quarters: events by place, tempi in BPM, time signatures
    (numerator, denominator), and the places of marked downbeats."""

    events: list[Event]
    tempi: list[tuple[float, float]]
    meters: list[tuple[float, int, int]]
    bar_marks: list[float]


def read_score(data: bytes) -> Score:
    midi = mido.MidiFile(file=io.BytesIO(data), clip=True)
    score = Score([], [], [], [])
    for track in midi.tracks:
        tick = 0
        for message in track:
            tick += message.time
            place = tick / midi.ticks_per_beat
            if message.type == "set_tempo":
                score.tempi.append((place, 60e6 / message.tempo))
            elif message.type == "time_signature":
                score.meters.append((place, message.numerator, message.denominator))
            elif message.type == "marker" and message.text == accompaniments.BAR_MARK:
                score.bar_marks.append(place)
            elif not message.is_meta and message.type != "sysex":
                score.events.append(Event(place, message))
    score.events.sort(key=lambda event: event.beat)
    return score


def meter_of(score: Score, end: float) -> tuple[int, float, float] | None:
    """Beats a bar, quarters a beat, quarters a bar; None where time signatures up to `end`, or marked bars, differ."""
    numerator, denominator = score.meters[0][1:] if score.meters else (12, 8) if dotted(score.events) else (4, 4)
    if any(place < end and (n, d) != (numerator, denominator) for place, n, d in score.meters):
        return None
    compound = denominator == 8 and numerator % 3 == 0
    beats_per_bar = numerator // 3 if compound else numerator
    if len(score.bar_marks) < 2:
        beat_quarters = 1.5 if compound else 4 / denominator
        return beats_per_bar, beat_quarters, beats_per_bar * beat_quarters
    bar = score.bar_marks[1] - score.bar_marks[0]
    if not np.allclose(np.diff(score.bar_marks), bar):
        return None
    # Two beats stay two, and last as long as the bar lets them; another bar in quarters has more or fewer of them.
    return (beats_per_bar, bar / beats_per_bar, bar) if compound else (round(bar), 1.0, bar)


def dotted(events: list[Event]) -> bool:
    """Whether the music, its places in quarters, goes by dotted quarters: its notes come back after one and two of them
    far more often than after a quarter, a half, a whole note or two."""
    notes: dict[int, set[tuple[int, int]]] = {}
    for event in events:
        if is_start(event.message):
            notes.setdefault(round(12 * event.beat), set()).add((event.message.channel, event.message.note))
    count = sum(map(len, notes.values()))

    def coming_back(quarters: float) -> float:
        later = round(12 * quarters)
        return sum(len(here & notes.get(place + later, set())) for place, here in notes.items()) / count

    straight = max(map(coming_back, (1, 2))), max(map(coming_back, (4, 8)))
    return coming_back(1.5) > 1.5 * straight[0] and coming_back(3) > 1.5 * straight[1]


def varied(tune: Tune) -> Tune:
    """An accompaniment at a random tempo, half of them under a random riff: MMA gives every style 120 BPM and no
    lead."""
    draw = random.Random(f"varied {tune.name}")
    bpm = min(max(115 * 2 ** draw.gauss(0, 0.35), 65), 200)
    bpm = round(bpm) if draw.random() < 0.6 else round(bpm, 2)
    events = [*tune.events, *riff(draw, tune)] if draw.random() < 0.5 else tune.events
    return replace(tune, bpm=bpm, events=tuple(sorted(events, key=lambda event: event.beat)))


def riff(draw: random.Random, tune: Tune) -> Iterator[Event]:
    """Two bars of a lead on the quarters of each beat, played as A A B A to the end."""
    channel = 15
    bars = 2 * tune.beats_per_bar
    likely = (0.6, 0.12, 0.45, 0.12)
    a, b = ([i / 4 for i in range(4 * bars) if draw.random() < likely[i % 4]] for _ in range(2))
    interval = draw.choice((None, 7))
    yield Event(0.0, mido.Message("program_change", channel=channel, program=draw.choice((25, 29, 30, 56, 80))))
    for turn in range(int(tune.last_beat / bars)):
        melody = random.Random(f"{turn % 4 == 2} {tune.name}")
        pitch = 57
        for place in b if turn % 4 == 2 else a:
            pitch = min(max(pitch + melody.choice((-5, -3, -2, 0, 2, 3, 5)), 45), 76)
            for note in (pitch, pitch + interval) if interval else (pitch,):
                start = turn * bars + place
                yield Event(
                    start, mido.Message("note_on", channel=channel, note=note, velocity=melody.randint(70, 110))
                )
                yield Event(start + 0.24, mido.Message("note_off", channel=channel, note=note))


def is_start(message: Any) -> bool:
    return bool(message.type == "note_on" and message.velocity > 0)


def main_tempo(tempi: list[tuple[float, float]], end: float) -> float:
    """The tempo that lasts longest."""
    lasting: dict[float, float] = {}
    for (start, bpm), (stop, _) in pairwise([*sorted(tempi), (max(end, max(tempi)[0]), 0.0)]):
        lasting[bpm] = lasting.get(bpm, 0.0) + (stop - start) * 60 / bpm
    return max(lasting, key=lambda bpm: lasting[bpm])


def constant(tune: Tune) -> Tempo:
    return Tempo((0.0,), (tune.bpm,))


def changing(tune: Tune) -> Tempo:
    """A random tempo curve: one ramp, or one to three steps, none further than 20 % from the tune's own tempo."""
    draw = random.Random(f"changing {tune.name}")
    beats = LENGTH * tune.bpm / 60
    if draw.random() < 0.5:
        turn = draw.uniform(0.1, 0.3), draw.uniform(0.7, 0.9)
        factor = draw.choice((-1, 1)) * draw.uniform(0.08, 0.2)
        return Tempo((turn[0] * beats, turn[1] * beats), (tune.bpm, tune.bpm * (1 + factor)), ramp=True)
    count = draw.randint(1, 3)
    places = sorted(draw.uniform(0.15, 0.85) * beats for _ in range(count))
    bar = tune.beats_per_bar
    starts = sorted({0.0, *(bar * round(place / bar) for place in places)})
    bpm = [tune.bpm]
    while len(bpm) < len(starts):
        bpm.append(tune.bpm * (1 + draw.choice((-1, 1)) * draw.uniform(0.03, 0.2)))
    return Tempo(tuple(starts), tuple(bpm))


TEMPI: dict[str, Callable[[Tune], Tempo]] = {"constant": constant, "changing": changing}


@dataclass(frozen=True)
class Rendering:
    """A played tune: the file, and where its beats and downbeats sound in it (seconds)."""

    tune: Tune
    audio: Path
    beats: NDArray[np.float64]

    @property
    def downbeats(self) -> NDArray[np.float64]:
        return self.beats[:: self.tune.beats_per_bar]


def render(
    tune: Tune, tempo: Tempo, label: str, cache: Path, without: Iterable[int] = (), font: Path = SOUNDFONT
) -> Rendering:
    """Play `tune` at `tempo` with `font` into `cache`, unless it is there already; `without` names MIDI channels to
    leave out."""
    ticks = 480
    step = 0.25  # beats between tempo events on a ramp
    grid = np.arange(0.0, tune.last_beat + step, step)
    wanted = np.array([tempo.at(beat + (step / 2 if tempo.ramp else 0.0)) for beat in grid])
    micros = np.round(60e6 / wanted).astype(int)  # MIDI keeps whole microseconds, so the truth does too
    seconds = np.concatenate([[0.0], np.cumsum(micros[:-1] * 1e-6 * step)])
    end = float(np.interp(LENGTH, seconds, grid))
    beats = np.arange(0, int(end) + 1)
    truth = np.interp(beats, grid, seconds) + SYNTH_DELAY
    target = cache / tune.name / f"{label}.wav"
    if not target.exists():
        silent = frozenset(without)
        track = mido.MidiTrack()
        messages: list[tuple[float, int, Any]] = []
        for index, beat in enumerate(grid):
            if beat <= end and (index == 0 or micros[index] != micros[index - 1]):
                messages.append((beat, 0, mido.MetaMessage("set_tempo", tempo=int(micros[index]))))
        for event in tune.events:
            message = event.message
            if event.beat <= end and not (is_start(message) and message.channel in silent):
                messages.append((event.beat, 1, message))
        messages += [
            (end, 2, mido.Message("control_change", channel=c, control=120)) for c in range(16)
        ]  # all sound off
        messages.sort(key=lambda item: item[:2])
        position = 0
        for beat, _, message in messages:
            tick = round(beat * ticks)
            track.append(message.copy(time=tick - position))
            position = tick
        target.parent.mkdir(parents=True, exist_ok=True)
        midi = target.with_suffix(".mid")
        mido.MidiFile(tracks=[track], ticks_per_beat=ticks).save(midi)
        partial = target.with_suffix(".part.wav")
        loading = LOADING if font != SOUNDFONT else ()
        subprocess.run(
            ["fluidsynth", "-niq", "-g", "0.4", "-r", str(RATE), *loading, "-F", partial, font, midi],
            check=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        midi.unlink()
        partial.rename(target)
    return Rendering(tune, target, truth)
