"""What the trees of davproxy/charter/models/drums.npz are trained on: drums alone and under bands and guitars, in many
colours, and music without drums.

The parts are drawn by chance (`drum_parts`) or come from the training half of Freedoom's music (BSD); they are played
with two sound fonts (FluidR3 and MuseScore's, both MIT), over bands that leave their own drums out and over the guitars
of `human`.
"""

import random
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from davproxy.charter.notes.drum_chances import PIECES, drum_features
from davproxy.charter.signal import audio
from davproxy.charter.signal.audio import RATE
from davproxy.charter.signal.features import Array, spectral_features
from davproxy.charter.structure.slots import STRAIGHT, TRIPLET, Slots, grid_slots
from davproxy.charter.timing.grid import Grid, Segment
from davproxy.formats import notes_mid
from tests.bench import drum_parts, human, mashups, rock, tunes
from tests.bench.drum_parts import CHANNEL, PIECE_OF
from tests.bench.tunes import Tune

FONTS = (tunes.SOUNDFONT, Path("/usr/share/sounds/sf3/MuseScore_General_Lite.sf3"), tunes.SOUNDFONT)
DRAWN, READ = 24, 12  # parts drawn by chance, and of Freedoom
SECONDS = 42.0  # of each recording
EARLY = 0.004  # seconds by which a found grid may lie beside the drums, standard deviation
FEWEST_HITS = 60
GUITAR_LATE = 0.038  # seconds by which the guitars of `human` sound behind their charts, about
PROCESSES = 2
Samples = NDArray[np.float32]
Columns = dict[str, Array]


@dataclass(frozen=True)
class Lesson:
    """The columns of a recording's slots, (slots,) each, and what is struck there by piece: nothing anywhere where it
    has no drums, and no pieces where nobody knows. `group` tells which share a part, to be left out together."""

    name: str
    columns: Columns
    struck: dict[str, NDArray[np.bool_]]
    drums: bool
    group: str


def lessons(cache: Path) -> list[Lesson]:
    """All of them; renderings are kept in `cache`."""
    guitars = human_guitars()
    with ProcessPoolExecutor(PROCESSES) as pool:
        made = pool.map(partial(lessons_of, cache, guitars), list(enumerate(parts())))
        return [*(lesson for each in made for lesson in each), *human_bands()]


def parts() -> Iterator[Tune]:
    """Tunes with drums: those drawn have nothing else."""
    yield from (drum_parts.tune(f"drums/{number:02d}") for number in range(DRAWN))
    read = (tunes.read_tune(*source) for source in tunes.freedoom())
    known = {tune.name: tune for tune in read if tune and not tune.is_test and tune.beat_quarters == 1}
    yield from islice((tune for tune in known.values() if len(hits(tune)) >= FEWEST_HITS), READ)


def human_guitars() -> list[mashups.Part]:
    """The guitars of the songs of `human`, alone."""
    found = []
    for folder in sorted((human.PACKAGES / human.KNOWN).glob("*/")):
        chart = notes_mid.parse((folder / "notes.mid").read_bytes())
        found.append(mashups.Part(audio.load(folder / "guitar.ogg").samples, chart.tempos[0].bpm, GUITAR_LATE))
    return found


def human_bands() -> Iterator[Lesson]:
    """The songs of `human`, with and without their guitar: nobody wrote down what their drummers hit, but they have
    some."""
    for folder in sorted((human.PACKAGES / human.KNOWN).glob("*/")):
        chart = notes_mid.parse((folder / "notes.mid").read_bytes())
        band, guitar = (audio.load(folder / name).samples for name in ("song.ogg", "guitar.ogg"))
        length = min(len(band), len(guitar))
        for label, samples in (("alone", band[:length]), ("in a mix", band[:length] + guitar[:length])):
            draw = random.Random(f"band {folder.name} {label}")
            part = mashups.Part(samples, chart.tempos[0].bpm, GUITAR_LATE)
            excerpt = part.from_beat(mashups.first_bar(draw, part))[: int(SECONDS * RATE)]
            sound = coloured(draw, excerpt)
            columns = drum_features(spectral_features(sound), slots_of(sound, part.bpm, 0.0, STRAIGHT, 4, draw))
            yield Lesson(f"human {folder.name} {label}", columns, {}, drums=True, group=f"human {folder.name}")


def hits(tune: Tune) -> list[tuple[float, str]]:
    """The beat of each hit, and what is hit."""
    return [
        (event.beat, PIECE_OF[event.message.note])
        for event in tune.events
        if tunes.is_start(event.message) and event.message.channel == CHANNEL and event.message.note in PIECE_OF
    ]


def lessons_of(cache: Path, guitars: Sequence[mashups.Part], numbered: tuple[int, Tune]) -> list[Lesson]:
    """One part alone, under a band, under a guitar that people played, and each of those without it."""
    number, tune = numbered
    draw = random.Random(f"lesson {tune.name}")
    font = FONTS[number % len(FONTS)]
    own = replace(tune, events=tuple(event for event in tune.events if event.message.channel == CHANNEL))
    kit, start = played(own, f"kit {font.stem}", cache, font)
    if number % 3 == 2:
        band = under_guitar(draw, guitars, tune, start)
    else:
        others = tune if tune.source != "drums" else replace(rock.tune(f"rock/under {tune.name}"), bpm=tune.bpm)
        band, _ = played(others, "drumless", cache, tunes.SOUNDFONT, without=(CHANNEL,))
    length = min(len(kit), len(band), int(SECONDS * RATE))
    kit, band = kit[:length], band[:length]
    found = [labelled(f"{tune.name} alone", coloured(draw, kit), tune, start, draw)]
    if mashups.loudness(band) > 1e-4:
        mixed = mashups.together(draw, kit, band)
        found.append(labelled(f"{tune.name} in a mix", roomy(draw, mixed), tune, start, draw))
        found.append(labelled(f"{tune.name} missing", coloured(draw, band), tune, start, draw, drums=False))
    if number % 3 != 2:
        draw = random.Random(f"guitar {tune.name}")
        guitar = under_guitar(draw, guitars, tune, start)[:length]
        mixed = roomy(draw, mashups.together(draw, kit, guitar))
        found.append(labelled(f"{tune.name} in a mix", mixed, tune, start, draw))
        found.append(labelled(f"{tune.name} missing", coloured(draw, guitar), tune, start, draw, drums=False))
    return found


def under_guitar(draw: random.Random, guitars: Sequence[mashups.Part], tune: Tune, start: float) -> Samples:
    """Some bars of one of the guitars, in time with the tune, whose beat 0 sounds at `start`."""
    guitar = draw.choice(guitars)
    band = guitar.at_speed(fitting(tune.bpm, guitar.bpm)).from_beat(mashups.first_bar(draw, guitar))
    return np.pad(band, (round(start * RATE), 0))


def fitting(bpm: float, own: float) -> float:
    """By how much a recording of `own` BPM is sped up to fit `bpm` or an octave of it."""
    return min((bpm / own * octave for octave in (0.5, 1.0, 2.0)), key=lambda ratio: abs(np.log(ratio)))


def played(tune: Tune, label: str, cache: Path, font: Path, without: tuple[int, ...] = ()) -> tuple[Samples, float]:
    """The samples, and when beat 0 sounds in them."""
    rendering = tunes.render(tune, tunes.constant(tune), label, cache, without, font)
    return mashups.rendered_sound(rendering), float(rendering.beats[0])


def coloured(draw: random.Random, samples: Samples) -> Samples:
    return roomy(draw, mashups.mastered(draw, samples))


def roomy(draw: random.Random, samples: Samples) -> Samples:
    """The samples in a room, mostly a small one: its echoes are noise that dies away."""
    loud = draw.choice((0.0, 0.0, 0.1, 0.2, 0.4))
    if not loud:
        return samples
    length = draw.uniform(0.1, 0.5)
    time = np.arange(int(length * RATE)) / RATE
    echoes = np.random.default_rng(draw.getrandbits(32)).normal(size=len(time)) * np.exp(-5 * time / length)
    size = 1 << (len(samples) + len(echoes)).bit_length()
    wet = np.fft.irfft(np.fft.rfft(samples, size) * np.fft.rfft(echoes, size), size)[: len(samples)]
    own = float(np.sqrt(np.mean(wet**2)))
    return np.asarray(samples + loud * wet * mashups.loudness(samples) / own, dtype=np.float32)


def labelled(
    name: str, samples: Samples, tune: Tune, start: float, draw: random.Random, *, drums: bool = True
) -> Lesson:
    found = hits(tune)
    division = division_of([beat for beat, _ in found])
    # Where the bar begins is not known yet when drums are heard, so it begins anywhere.
    turned = draw.randrange(tune.beats_per_bar)
    places = slots_of(samples, tune.bpm, start + turned * 60 / tune.bpm, division, tune.beats_per_bar, draw)
    struck = {piece: np.zeros(len(places), dtype=bool) for piece in PIECES}
    for beat, piece in found if drums else []:
        place = (beat - turned) * division
        slot = round(place)
        if abs(place - slot) < 0.25 and 0 <= slot < len(places):
            struck[piece][slot] = True
    columns = drum_features(spectral_features(samples), places)
    return Lesson(name, columns, struck, drums, tune.name)


def slots_of(
    samples: Samples, bpm: float, start: float, division: int, beats_per_bar: int, draw: random.Random
) -> Slots:
    """The slots of a recording whose bars begin at `start`, as near to the drums as a found grid lies."""
    grid = Grid((Segment(0.0, start + draw.gauss(0, EARLY), bpm),), beats_per_bar)
    return grid_slots(grid, len(samples) / RATE - 0.5, division)


def division_of(hits_at: Sequence[float]) -> int:
    """TRIPLET where more hits lie on thirds of the beat than on quarters."""
    beats = np.array(hits_at)
    near = [np.mean(np.abs(beats * d - np.round(beats * d)) < 0.1) for d in (TRIPLET, STRAIGHT)]
    return TRIPLET if near[0] > near[1] + 0.1 else STRAIGHT
