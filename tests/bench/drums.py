"""How good the drums are: what the charter hits in synthetic tunes of the test part, whose drums are known."""

from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

import mir_eval
import numpy as np
from numpy.typing import NDArray

from davproxy.charter.notes.drums import PIECES, Hit, expert_drums
from davproxy.charter.signal import audio
from davproxy.charter.signal.features import spectral_features
from davproxy.charter.signal.onset_strength import onset_strength
from davproxy.charter.signal.spectrum import log_mel
from davproxy.charter.structure.repetition import first_alike
from davproxy.charter.structure.slots import beat_division, grid_slots
from davproxy.charter.timing.beat_tracking import find_grid
from davproxy.formats.chart import SNARE
from tests.bench import rock, tunes
from tests.bench.tunes import Tune

CHANNEL = 9
PIECE_OF = {
    35: "kick", 36: "kick", 37: "snare", 38: "snare", 39: "snare", 40: "snare",
    41: "tom", 43: "tom", 45: "tom", 47: "tom", 48: "tom", 50: "tom",
    42: "cymbal", 44: "cymbal", 46: "cymbal", 49: "cymbal", 51: "cymbal", 52: "cymbal", 53: "cymbal", 55: "cymbal",
    57: "cymbal", 59: "cymbal",
}  # fmt: skip
FEWEST = 8  # hits of a piece in a tune that is judged by it
EACH = 12  # tunes of each source
WINDOW = 0.05  # seconds
PROCESSES = 2

Scores = dict[str, float]


def table(cache: Path) -> None:
    print("\nDrums of synthetic tunes, test part: F (50 ms) of what is hit; charted is the share of tunes with drums")
    if missing := tunes.missing():
        print(f"left out: install {missing}")
        return
    print(f"{'':38}", *(f"{column:>8}" for column in ("tunes", "charted", *PIECES)))
    every: list[Scores] = []
    for source, chosen in judged_tunes(cache).items():
        with ProcessPoolExecutor(PROCESSES) as pool:
            found = list(pool.map(partial(judged, cache), chosen))
        row(source, found)
        every += found
    row("all", every)


def row(name: str, found: list[Scores]) -> None:
    means = [np.mean([scores[key] for scores in found if key in scores]) for key in ("charted", *PIECES)]
    print(f"{name:38} {len(found):8}", *(f"{mean:8.3f}" for mean in means), flush=True)


def judged_tunes(cache: Path) -> dict[str, list[Tune]]:
    """Tunes with drums by their source: of the test part, and random rock and metal."""
    chosen: dict[str, list[Tune]] = {}
    for tune in tunes.tunes(cache):
        if tune.is_test and sum(1 for _ in struck(tune)) >= 100:
            chosen.setdefault(tune.source, []).append(tune)
    chosen = {source: found[:: max(len(found) // EACH, 1)][:EACH] for source, found in chosen.items()}
    return chosen | {s: [rock.tune(f"{s}/test {n}") for n in range(EACH)] for s in ("rock", "metal")}


def struck(tune: Tune) -> Iterator[tuple[float, str]]:
    """The beat of each hit, and what is hit."""
    for event in tune.events:
        if tunes.is_start(event.message) and event.message.channel == CHANNEL and event.message.note in PIECE_OF:
            yield event.beat, PIECE_OF[event.message.note]


def judged(cache: Path, tune: Tune) -> Scores:
    rendering = tunes.render(tune, tunes.constant(tune), "constant", cache)
    sound = audio.load(rendering.audio)
    step = float(rendering.beats[1] - rendering.beats[0])
    truth = [(float(rendering.beats[0]) + beat * step, piece) for beat, piece in struck(tune)]
    mel = log_mel(sound.samples)
    onsets, features = onset_strength(mel), spectral_features(sound.samples, mel)
    grid = find_grid(sound, onsets)
    places = grid_slots(grid, sound.seconds, beat_division(grid, onsets))
    found = expert_drums(features, places, 0, first_alike(features, places))
    scores = {"charted": float(bool(found))}
    for piece in PIECES:
        wanted = np.unique([seconds for seconds, hit in truth if hit == piece and seconds < tunes.LENGTH])
        if found and len(wanted) >= FEWEST:
            played = times(found, piece)
            scores[piece] = mir_eval.onset.f_measure(wanted, played, window=WINDOW)[0] if played.size else 0.0
    return scores


def times(found: list[Hit], piece: str) -> NDArray[np.float64]:
    return np.array([hit.seconds for hit in found if piece in pieces(hit)])


def pieces(hit: Hit) -> set[str]:
    hands = {"cymbal" if lane in hit.cymbals else "snare" if lane == SNARE else "tom" for lane in hit.hands}
    return hands | ({"kick"} if hit.kick else set())
