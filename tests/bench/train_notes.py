"""Train the trees of davproxy/charter/boosted.py: which slots are played, where the melody goes, what the drums hit.

    python -m tests.bench.train_notes [--cache DIR] [--check]

writes davproxy/charter/notes.npz. Learned from the four songs of `human` (MIT), from the training half of Freedoom's
music (BSD) and of MMA's accompaniments, and from the drawn songs of `rock`, all played with FluidR3_GM (MIT); and from
`mashups` of these.
`--check` prints how good the choices are on each human song when that song is left out. The same packages and versions
give the same file.
"""

import argparse
import math
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

import mir_eval
import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingClassifier
from threadpoolctl import threadpool_limits

from davproxy.charter import audio, boosted, riffs
from davproxy.charter.audio import RATE
from davproxy.charter.drums import PIECES
from davproxy.charter.grid import Grid, Segment
from davproxy.charter.hearing import Array, hear
from davproxy.charter.melody import move_features
from davproxy.charter.onsets import LIKELY, played_features, repeated
from davproxy.charter.slots import STRAIGHT, TRIPLET, Slots, features, slots
from tests.bench import human, mashups, plain, rock, tunes
from tests.bench.drums import CHANNEL, PIECE_OF
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
    """One song to learn from: what is heard at its slots and between its notes, and the truth about both."""

    name: str
    slots: Slots
    sound_columns: Columns
    slot_columns: Columns
    played: NDArray[np.bool_]
    move_columns: Columns  # empty where nobody charted it
    moves: NDArray[np.int64]  # 0 down, 1 the same, 2 up
    drums: dict[str, NDArray[np.bool_]]
    first: NDArray[np.int64]
    people: frozenset[str]  # the human songs that it holds any part of
    weight: float  # of each slot


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
    """The training half of Freedoom, drawn rock songs, and accompaniments by MMA that have a riff."""
    read = [tunes.read_tune(*source) for source in tunes.freedoom()]
    freedoom = {tune.name: tune for tune in read if tune and not tune.is_test and tune.beat_quarters == 1}
    arranged = (tunes.read_tune(*source) for source in tunes.mma(cache))
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
    hits = [(e.beat, e.message.note) for e in tune.events if tunes.is_start(e.message) and e.message.channel == CHANNEL]
    samples = audio.load(rendering.audio).samples[: int(tunes.LENGTH * RATE)]
    notes = [note for note in notes if note[0] < end]
    recording = Recording(tune.name, samples, 60 / step, float(rendering.beats[0]), notes, hits=hits)
    return labelled(recording, SYNTHETIC_WEIGHT, division, tune.beats_per_bar)


def lead_events(tune: Tune) -> tuple[tunes.Event, ...]:
    """The tune without all that a charter would not follow: in each bar, of the channels that play there, only the
    most interesting one is left."""
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
    hearing = hear(recording.samples)
    grid = Grid((Segment(0.0, recording.start, recording.bpm),), beats_per_bar)
    places = slots(grid, len(recording.samples) / RATE - 0.5, division)
    heights: dict[int, float] = {}
    for beat, height in recording.notes:
        slot = round(beat * division)
        if abs(beat * division - slot) < 0.2 and 0 <= slot < len(places):
            heights[slot] = max(height, heights.get(slot, height))
    chosen = np.array(sorted(heights), dtype=np.int64)
    drums = {piece: np.zeros(len(places), dtype=bool) for piece in PIECES} if recording.hits else {}
    for beat, note in recording.hits:
        slot = round(beat * division)
        if note in PIECE_OF and abs(beat * division - slot) < 0.2 and 0 <= slot < len(places):
            drums[PIECE_OF[note]][slot] = True
    steps = np.diff([heights[slot] for slot in chosen.tolist()])
    first = riffs.alike(hearing, places)
    return Song(
        name=recording.name,
        slots=places,
        sound_columns=features(hearing, places),
        slot_columns=played_features(hearing, places, first),
        played=np.isin(np.arange(len(places)), chosen),
        move_columns=move_features(hearing, places.times[chosen], places.beats[chosen]) if recording.charted else {},
        moves=np.sign(steps).astype(np.int64) + 1,
        drums=drums,
        first=first,
        people=recording.songs,
        weight=weight,
    )


def trained(
    songs: Sequence[Song],
    columns: Callable[[Song], Columns],
    truth: Callable[[Song], NDArray[Any]],
    weight: Callable[[Song], float],
    rounds: int,
) -> tuple[HistGradientBoostingClassifier, list[str]]:
    names = list(columns(songs[0]))
    rows = np.concatenate([np.stack([columns(song)[name] for name in names], axis=1) for song in songs])
    weights = np.concatenate([np.full(len(truth(song)), weight(song)) for song in songs])
    model = HistGradientBoostingClassifier(
        max_iter=rounds, learning_rate=0.08, max_leaf_nodes=8, max_features=0.3, min_samples_leaf=60,
        l2_regularization=5.0, early_stopping=False, random_state=0,
    )  # fmt: skip
    with threadpool_limits(1):  # so that sums are made in one order
        model.fit(rows, np.concatenate([truth(song) for song in songs]), sample_weight=weights)
    return model, names


def played_model(songs: Sequence[Song]) -> tuple[HistGradientBoostingClassifier, list[str]]:
    return trained(songs, lambda song: song.slot_columns, lambda song: song.played, lambda song: song.weight, 150)


def moves_model(songs: Sequence[Song]) -> tuple[HistGradientBoostingClassifier, list[str]]:
    """Learned from people alone: they move over five frets otherwise than notes move in pitch."""
    charted = [song for song in songs if song.move_columns]
    return trained(charted, lambda song: song.move_columns, lambda song: song.moves, lambda song: 1.0, 80)


def drum_model(songs: Sequence[Song], piece: str) -> tuple[HistGradientBoostingClassifier, list[str]]:
    drummed = [song for song in songs if song.drums]
    return trained(drummed, lambda song: song.sound_columns, lambda song: song.drums[piece], lambda song: 1.0, 60)


def as_arrays(name: str, model: HistGradientBoostingClassifier, features: list[str]) -> dict[str, NDArray[Any]]:
    """A model as the arrays that `boosted.load` reads."""
    arrays: dict[str, NDArray[Any]] = {
        f"{name}_features": np.array(features),
        f"{name}_start": np.asarray(model._baseline_prediction, np.float32).ravel(),
    }
    for kind in range(model.n_trees_per_iteration_):
        base = 0
        parts: dict[str, list[NDArray[Any]]] = {}
        for stage in model._predictors:
            nodes = stage[kind].nodes
            leaf, own = nodes["is_leaf"].astype(bool), np.arange(len(nodes))
            for field, values in (
                ("feature", np.where(leaf, 0, nodes["feature_idx"]).astype(np.int16)),
                ("threshold", np.where(leaf, 0, nodes["num_threshold"]).astype(np.float32)),
                ("left", (np.where(leaf, own, nodes["left"]) + base).astype(np.int32)),
                ("right", (np.where(leaf, own, nodes["right"]) + base).astype(np.int32)),
                ("value", np.where(leaf, nodes["value"], 0).astype(np.float32)),
                ("roots", np.array([base], dtype=np.int32)),
            ):
                parts.setdefault(field, []).append(values)
            base += len(nodes)
        arrays |= {f"{name}_{kind}_{field}": np.concatenate(values) for field, values in parts.items()}
    return arrays


def check(songs: Sequence[Song], label: str) -> None:
    """Onset F (50 ms) and agreement of moves for each human song, learned from all that holds nothing of it."""
    left_out = [song for song in songs if "/" not in song.name]
    with ProcessPoolExecutor(PROCESSES) as pool:
        scores = list(pool.map(partial(score, songs), left_out))
    for song, (f, moves) in zip(left_out, scores, strict=True):
        print(f"{label:8} {song.name:24} onsets F {f:.3f}  moves {moves:.3f}", flush=True)
    mean = np.mean(scores, axis=0)
    print(f"{label:8} {'mean':24} onsets F {mean[0]:.3f}  moves {mean[1]:.3f}", flush=True)


def score(songs: Sequence[Song], song: Song) -> tuple[float, float]:
    others = [other for other in songs if song.name not in other.people]
    model, names = played_model(others)
    chances = model.predict_proba(np.stack([song.slot_columns[name] for name in names], axis=1))[:, 1]
    chances = repeated(chances, song.slots, song.first)
    truth, times = song.slots.times[song.played], song.slots.times
    f = mir_eval.onset.f_measure(truth, times[chances >= LIKELY], window=0.05)[0]
    model, names = moves_model(others)
    guessed = model.predict(np.stack([song.move_columns[name] for name in names], axis=1))
    return f, float(np.mean(guessed == song.moves))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--cache", type=Path, default=Path("build/tunes"))
    parser.add_argument("--check", action="store_true", help="also leave each human song out and judge it")
    arguments = parser.parse_args()
    arrays: dict[str, NDArray[Any]] = {"version": np.array(boosted.VERSION)}
    known: dict[str, list[Song]] = {}
    for label, on_stem in (("in_mix", False), ("on_stem", True)):
        songs = [*human_songs(on_stem), *plain_songs(on_stem), *synthetic_songs(on_stem, arguments.cache)]
        songs += mashed_songs(on_stem, arguments.cache)
        arrays |= as_arrays(f"played_{label}", *played_model(songs))
        arrays |= as_arrays(f"moves_{label}", *moves_model(songs))
        if not on_stem:
            for piece in PIECES:
                arrays |= as_arrays(piece, *drum_model(songs, piece))
        known[label] = songs
    np.savez_compressed(boosted.FILE, allow_pickle=False, **arrays)
    if arguments.check:
        for label, songs in known.items():
            check(songs, label)


if __name__ == "__main__":
    main()
