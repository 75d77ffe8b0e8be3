"""Songs to train on that nobody recorded: the guitar of one song over the rest of another, both in time, or alone at
another speed.

Four human charts are few. Over other music the same guitar, and so the same chart, sounds different; and under a known
random guitar a real band sounds like a real band. None of the four is as fast as metal gets; sped up, they are. The
tempo of each song is constant and known.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import soxr
from numpy.typing import NDArray

from davproxy.charter.signal import audio
from davproxy.charter.signal.audio import RATE
from davproxy.formats.chart import Difficulty, Instrument
from tests.bench import rock, tunes
from tests.bench.human import HumanSong
from tests.bench.recording import Recording

Samples = NDArray[np.float32]
BANDS = ("rock",) * 5 + ("metal",) * 3  # random ones, under each human guitar
LEADS = 5  # random ones over each human band
SPEEDS = (0.8, 0.9, 1.12, 1.25, 1.4)  # of each human guitar alone
EQUAL_OCTAVES = np.log2(np.array([30.0, 150.0, 600.0, 2400.0, 9600.0]))  # Hz that an equalizer turns


@dataclass(frozen=True)
class Part:
    """One side of a song: its guitar, or everything else. Beat 0 sounds at `start` seconds."""

    samples: Samples
    bpm: float
    start: float

    def at_speed(self, factor: float) -> "Part":
        samples = np.asarray(soxr.resample(self.samples, RATE, RATE / factor), dtype=np.float32)
        return Part(samples, self.bpm * factor, self.start / factor)

    def from_beat(self, beat: float) -> Samples:
        """The samples from a beat on, with silence before the first of them."""
        first = round((self.start + beat * 60 / self.bpm) * RATE)
        return self.samples[first:] if first >= 0 else np.pad(self.samples, (-first, 0))


@dataclass(frozen=True)
class Stems:
    """A human song in two parts, and its chart: the beat and the mean lane of each Expert note."""

    name: str
    guitar: Part
    band: Part
    chart: list[tuple[float, float]]


def stems(song: HumanSong) -> Stems:
    guitar, band = (
        Part(audio.load(song.folder / name).samples, song.chart.tempos[0].bpm, song.lag)
        for name in ("guitar.ogg", "song.ogg")
    )
    return Stems(song.name, guitar, band, chart(song))


def chart(song: HumanSong) -> list[tuple[float, float]]:
    track = song.chart.track(Instrument.GUITAR, Difficulty.EXPERT)
    assert track is not None
    return [(c[0].tick / song.chart.resolution, float(np.mean([n.lane for n in c]))) for c in track.chords()]


def mashups(songs: Sequence[HumanSong], cache: Path) -> Iterator[Recording]:
    known = [stems(song) for song in songs]
    for song in known:
        for other in known:
            if song is not other:
                yield over_human(song, other)
        for number, source in enumerate(BANDS):
            yield over_random(song, f"{source}/band of {song.name} {number}", cache)
        for number in range(LEADS):
            yield random_over(song, f"rock/lead over {song.name} {number}", cache)


def at_speeds(songs: Sequence[HumanSong]) -> Iterator[Recording]:
    """Each guitar alone, slower and faster, mastered."""
    for song in map(stems, songs):
        for speed in SPEEDS:
            name = f"speed/{song.name} {speed}"
            guitar = song.guitar.at_speed(speed)
            samples = mastered(random.Random(name), guitar.samples)
            yield Recording(name, samples, guitar.bpm, guitar.start, song.chart, frozenset((song.name,)), charted=True)


def over_human(song: Stems, other: Stems) -> Recording:
    """The guitar of one song and the band of another, both brought to a tempo between theirs."""
    name = f"{song.name} over {other.name}"
    ratios = (other.band.bpm / song.guitar.bpm * octave for octave in (0.5, 1, 2))
    ratio = min(ratios, key=lambda value: abs(np.log(value)))
    lead, rest = song.guitar.at_speed(ratio**0.5), other.band.at_speed(ratio**-0.5)
    samples = together(random.Random(name), lead.from_beat(0), rest.from_beat(0))
    songs = frozenset((song.name, other.name))
    return Recording(f"mashup/{name}", samples, lead.bpm, 0.0, song.chart, songs, charted=True)


def over_random(song: Stems, name: str, cache: Path) -> Recording:
    """Some bars of a human guitar over a random band."""
    tune = replace(rock.tune(name), bpm=song.guitar.bpm)
    played = tunes.render(tune, tunes.constant(tune), "band", cache, without=(rock.LEAD,))
    draw = random.Random(tune.name)
    first = first_bar(draw, song.guitar)
    rest = Part(rendered_sound(played), tune.bpm, float(played.beats[0]))
    samples = together(draw, song.guitar.from_beat(first), rest.from_beat(0))
    notes = [(beat - first, height) for beat, height in song.chart if beat >= first]
    return Recording(f"mashup/{tune.name}", samples, tune.bpm, 0.0, notes, frozenset((song.name,)), charted=True)


def random_over(song: Stems, name: str, cache: Path) -> Recording:
    """A random guitar over some bars of a human band."""
    tune = replace(rock.tune(name), bpm=song.band.bpm)
    lead_only = replace(tune, events=tuple(e for e in tune.events if e.message.channel == rock.LEAD))
    played = tunes.render(lead_only, tunes.constant(tune), "lead", cache)
    draw = random.Random(tune.name)
    lead = Part(rendered_sound(played), tune.bpm, float(played.beats[0]))
    samples = together(draw, lead.from_beat(0), song.band.from_beat(first_bar(draw, song.band)))
    notes = [(e.beat, float(e.message.note)) for e in lead_only.events if tunes.is_start(e.message)]
    return Recording(f"mashup/{tune.name}", samples, tune.bpm, 0.0, notes, frozenset((song.name,)))


def rendered_sound(played: tunes.Rendering) -> Samples:
    return audio.load(played.audio).samples[: int(tunes.LENGTH * RATE)]


def first_bar(draw: random.Random, part: Part) -> int:
    """The beat of a downbeat after which LENGTH seconds of the part are left."""
    bars = int((len(part.samples) / RATE - tunes.LENGTH - 5) * part.bpm / 60 / 4)
    return 4 * draw.randint(2, max(bars, 3))


def together(draw: random.Random, lead: Samples, rest: Samples) -> Samples:
    """Both at a random balance, mastered."""
    length = min(len(lead), len(rest))
    lead, rest = lead[:length], rest[:length]
    balance = 10 ** (draw.uniform(-8, 2) / 20)
    return mastered(draw, lead * balance / (loudness(lead) + 1e-9) + rest / (loudness(rest) + 1e-9))


def mastered(draw: random.Random, samples: Samples) -> Samples:
    """The samples through a random equalizer and some compression."""
    bent = equalized(draw, samples)
    return np.asarray(np.tanh(bent * draw.uniform(0.1, 0.5) / loudness(bent)), dtype=np.float32)


def equalized(draw: random.Random, samples: Samples) -> Samples:
    spectrum = np.fft.rfft(samples)
    octaves = np.log2(np.fft.rfftfreq(len(samples), 1 / RATE) + 1.0)
    gains = np.interp(octaves, EQUAL_OCTAVES, [draw.uniform(-5, 5) for _ in EQUAL_OCTAVES])
    return np.asarray(np.fft.irfft(spectrum * 10 ** (gains / 20), len(samples)), dtype=np.float32)


def loudness(samples: Samples) -> float:
    return float(np.sqrt(np.mean(samples**2)))
