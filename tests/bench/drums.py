"""How good the drums are: what the charter hits in synthetic tunes of the test part, whose drums are known; and whether
it charts none where there are none."""

from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path

import mir_eval
import numpy as np
from numpy.typing import NDArray

from davproxy.charter.notes.downbeats import grid_with_drums
from davproxy.charter.notes.drum_chances import PIECES
from davproxy.charter.notes.drums import Hit, expert_drums
from davproxy.charter.signal import audio
from davproxy.charter.signal.features import spectral_features
from davproxy.charter.signal.onset_strength import onset_strength
from davproxy.charter.signal.spectrum import log_mel
from davproxy.charter.structure.repetition import first_alike
from davproxy.charter.structure.slots import beat_division
from davproxy.charter.timing.beat_tracking import find_grid
from davproxy.formats.chart import SNARE
from tests.bench import drum_parts, rock, tunes
from tests.bench.drum_lessons import hits
from tests.bench.drum_parts import CHANNEL
from tests.bench.tunes import Tune

KEPT_OUT = Path("/usr/share/sounds/sf2/TimGM6mb.sf2")  # Debian's timgm6mb-soundfont: nothing is fitted to it
FEWEST = 8  # hits of a piece in a tune that is judged by it
EACH = 12  # tunes of each source
FEW = 4  # of them that are judged without their drums, and by their drums alone
WINDOW = 0.05  # seconds
PROCESSES = 2

Scores = dict[str, float]


def table(cache: Path) -> None:
    print("\nDrums of synthetic tunes, test part: F (50 ms) of what is hit; charted is the share that get drums")
    if missing := tunes.missing():
        print(f"left out: install {missing}")
        return
    print(f"{'':38}", *(f"{column:>8}" for column in ("tunes", "charted", *PIECES)))
    chosen = judged_tunes(cache)
    whole = [row(source, judge(cache, found)) for source, found in chosen.items()]
    row("all", [scores for found in whole for scores in found])
    few = [tune for found in chosen.values() for tune in found[:FEW]]
    row("without their drums", judge(cache, few, without=(CHANNEL,)))
    if not KEPT_OUT.exists():
        print("drums alone are left out: install timgm6mb-soundfont")
        return
    alone = [*map(drums_alone, few), *(drum_parts.tune(f"drums/test {number}") for number in range(EACH))]
    row("drums alone, another sound font", judge(cache, alone, font=KEPT_OUT))


def judge(cache: Path, chosen: list[Tune], without: tuple[int, ...] = (), font: Path = tunes.SOUNDFONT) -> list[Scores]:
    with ProcessPoolExecutor(PROCESSES) as pool:
        return list(pool.map(partial(judged, cache, without, font), chosen))


def row(name: str, found: list[Scores]) -> list[Scores]:
    columns = ([scores[key] for scores in found if key in scores] for key in ("charted", *PIECES))
    means = (f"{np.mean(column):8.3f}" if column else f"{'-':>8}" for column in columns)
    print(f"{name:38} {len(found):8}", *means, flush=True)
    return found


def judged_tunes(cache: Path) -> dict[str, list[Tune]]:
    """Tunes with drums by their source: of the test part, and random rock and metal."""
    chosen: dict[str, list[Tune]] = {}
    for tune in tunes.tunes(cache):
        if tune.is_test and len(hits(tune)) >= 100:
            chosen.setdefault(tune.source, []).append(tune)
    chosen = {source: found[:: max(len(found) // EACH, 1)][:EACH] for source, found in chosen.items()}
    return chosen | {s: [rock.tune(f"{s}/test {n}") for n in range(EACH)] for s in ("rock", "metal")}


def drums_alone(tune: Tune) -> Tune:
    own = tuple(event for event in tune.events if event.message.channel == CHANNEL)
    return replace(tune, name=f"{tune.name}/drums alone", events=own)


def judged(cache: Path, without: tuple[int, ...], font: Path, tune: Tune) -> Scores:
    label = "drumless" if without else "constant"
    rendering = tunes.render(tune, tunes.constant(tune), label, cache, without, font)
    sound = audio.load(rendering.audio)
    step = float(rendering.beats[1] - rendering.beats[0])
    truth = [(float(rendering.beats[0]) + beat * step, piece) for beat, piece in hits(tune)]
    mel = log_mel(sound.samples)
    onsets, features = onset_strength(mel), spectral_features(sound.samples, mel)
    ranked = find_grid(sound, onsets)
    _, places, heard = grid_with_drums(ranked, beat_division(ranked.grid, onsets), sound.seconds, features)
    found = expert_drums(heard, features, places, 0, first_alike(features, places))
    scores = {"charted": float(bool(found))}
    for piece in PIECES:
        wanted = np.unique([seconds for seconds, hit in truth if hit == piece and seconds < tunes.LENGTH])
        if found and not without and len(wanted) >= FEWEST:
            played = times(found, piece)
            scores[piece] = mir_eval.onset.f_measure(wanted, played, window=WINDOW)[0] if played.size else 0.0
    return scores


def times(found: list[Hit], piece: str) -> NDArray[np.float64]:
    return np.array([hit.seconds for hit in found if piece in pieces(hit)])


def pieces(hit: Hit) -> set[str]:
    hands = {"cymbal" if lane in hit.cymbals else "snare" if lane == SNARE else "tom" for lane in hit.hands}
    return hands | ({"kick"} if hit.kick else set())
