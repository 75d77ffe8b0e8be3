"""The slots of the grid, where notes may lie, and what is heard at each of them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from davproxy.charter.signal.features import BANDS, TONE_FRAMES, Array, Hearing, around, attacks_at
from davproxy.charter.signal.onset_strength import FRAMES, Flux
from davproxy.charter.timing.grid import Grid

STRAIGHT, TRIPLET = 4, 3  # slots in a beat
REPEATS = (-4, -2, -1, 1, 2, 4)  # bars away, where music likes to repeat itself
GROUPS = {"low": slice(0, 2), "middle": slice(2, 5), "high": slice(5, BANDS)}  # of bands


@dataclass(frozen=True)
class Slots:
    """Every slot from a bar line on: its beat and its time in seconds. `division` slots make a beat."""

    beats: NDArray[np.float64]
    times: NDArray[np.float64]
    division: int
    beats_per_bar: int

    @property
    def per_bar(self) -> int:
        return self.division * self.beats_per_bar

    @property
    def lengths(self) -> NDArray[np.float64]:
        """Seconds from each slot to the next."""
        return np.asarray(np.gradient(self.times))

    @property
    def between_eighths(self) -> NDArray[np.bool_]:
        """Which slots lie on no eighth; in thirds, on no beat."""
        return np.asarray(np.arange(len(self)) * 2 % self.division != 0)

    def __len__(self) -> int:
        return len(self.beats)


def slots(grid: Grid, seconds: float, division: int) -> Slots:
    """The slots of whole bars, from the grid's first bar line until `seconds`."""
    bars = max(int(float(grid.beat(seconds)) // grid.beats_per_bar), 1)
    beats = np.arange(bars * grid.beats_per_bar * division) / division
    return Slots(beats, grid.time(beats), division, grid.beats_per_bar)


def division(grid: Grid, flux: Flux) -> int:
    """Whether beats fall into quarters or thirds: where between the beats is more attack?"""
    beats = grid.beats(0.0, flux.seconds)[:-1]

    def attack(*fractions: float) -> float:
        times = grid.time(np.add.outer(np.array(fractions), beats).ravel())
        columns = np.clip(np.round(times * FRAMES).astype(int), 0, flux.whole.size - 1)
        return float(np.mean(flux.whole[columns])) if columns.size else 0.0

    halves, quarters, thirds = attack(1 / 2), attack(1 / 4, 3 / 4), attack(1 / 3, 2 / 3)
    return TRIPLET if thirds > 1.25 * max(halves, quarters) else STRAIGHT


def features(hearing: Hearing, slots: Slots) -> dict[str, Array]:
    """One column of numbers for each slot, by name: what the trained trees look at."""
    bar, division = slots.per_bar, slots.division
    wide = 16 * division
    attacks = attacks_at(hearing, slots.times)
    usual = np.stack([moving_mean(band, wide) for band in attacks]) + 0.02
    total = attacks.mean(axis=0)
    attack = total / (moving_mean(total, wide) + 0.02)
    columns = {f"attack_{band}": attacks[band] / usual[band] for band in range(BANDS)}
    columns |= {
        "attack": attack,
        "attack_sharp": around(hearing.attacks, FRAMES, slots.times, -0.012, 0.012, "max").mean(axis=0)
        / (moving_mean(total, wide) + 0.02),
        "attack_of_song": total / (float(total.mean()) + 1e-6),
        "attack_rank": rank(total),
        "attack_peak": attack - np.maximum(moved(attack, 1), moved(attack, -1)),
    }
    for distance in (1, 2, 3, 4):
        columns[f"attack_before_{distance}"] = moved(attack, distance)
        columns[f"attack_after_{distance}"] = moved(attack, -distance)

    length = float(np.median(slots.lengths))
    after = around(hearing.levels, FRAMES, slots.times, 0.012, 0.8 * length, "mean")
    before = around(hearing.levels, FRAMES, slots.times, -0.8 * length, -0.012, "mean")
    for name, bands in GROUPS.items():
        columns[f"level_{name}"] = after[bands].mean(axis=0)
        columns[f"rise_{name}"] = (after - before)[bands].mean(axis=0)
        columns[f"attack_{name}"] = attacks[bands].mean(axis=0) / usual[bands].mean(axis=0)
    level = after.mean(axis=0)
    columns["level_rank"] = rank(level)
    columns["level_of_bar"] = moving_mean(level, bar) / (float(level.mean()) + 1e-6)
    columns["level_of_loud"] = level / (float(np.percentile(level, 90)) + 1e-6)

    change, fresh, strongest = _tone_changes(hearing, slots.times, length)
    columns["tone_likeness"] = change
    columns["tone_fresh"] = fresh
    columns["tone_fresh_local"] = fresh / (moving_mean(fresh, wide) + 0.01)
    columns["tone_strongest"] = strongest

    place = np.arange(len(slots))
    in_beat = (place % division) / division
    columns["in_beat"] = in_beat
    columns["in_bar"] = (place // division) % slots.beats_per_bar
    columns["slot_seconds"] = slots.lengths
    columns["beat_seconds"] = slots.lengths * division

    repeated = {
        "attack": attack,
        "tone": fresh,
        **{name: attacks[bands].mean(axis=0) for name, bands in GROUPS.items()},
    }
    for name, row in repeated.items():
        columns[f"repeat_{name}"] = np.mean([moved(row, bars * bar) for bars in REPEATS], axis=0)
        columns[f"next_bar_{name}"] = (moved(row, bar) + moved(row, -bar)) / 2
    columns["repeat_beat"] = np.mean([moved(attack, beats * division) for beats in (-2, -1, 1, 2)], axis=0)

    for name in ("attack", "tone", "middle"):
        row = repeated[name]
        mean = moving_mean(row, 4 * bar) + 0.01
        for place_name, mask in (
            ("on_beat", in_beat == 0),
            ("on_half", in_beat == 0.5),
            ("between", slots.between_eighths),
        ):
            share = moving_mean(row * mask, 4 * bar) / np.maximum(moving_mean(mask.astype(float), 4 * bar), 1e-6)
            columns[f"{name}_{place_name}"] = share / mean
    return {name: np.asarray(column, dtype=np.float32) for name, column in columns.items()}


def _tone_changes(hearing: Hearing, times: NDArray[np.float64], length: float) -> tuple[Array, Array, Array]:
    """How alike the tones before and after each time are (cosine), the share that is new after it, and the
    strongest new tone from 220 Hz up."""
    step = max(0.9 * length, 1 / TONE_FRAMES)
    after = around(hearing.tones, TONE_FRAMES, times, 0.02, step, "mean")
    before = around(hearing.tones, TONE_FRAMES, times, -step, -0.02, "mean")
    lengths = np.linalg.norm(after, axis=0) * np.linalg.norm(before, axis=0)
    fresh = np.maximum(after - before, 0.0)
    return (
        (after * before).sum(axis=0) / (lengths + 1e-6),
        fresh.sum(axis=0) / (after.sum(axis=0) + 1e-3),
        fresh[24:].max(axis=0),
    )


def moving_mean(row: Array, width: int) -> Array:
    """Mean of `width` neighbours; at both ends the edge goes on."""
    padded = np.pad(row.astype(np.float64), (width // 2, width - 1 - width // 2), mode="edge")
    total = np.concatenate([[0.0], np.cumsum(padded)])
    return np.asarray((total[width:] - total[:-width]) / width)


def moved(row: Array, distance: int) -> Array:
    """`row` that many slots later, zero where nothing is known."""
    result = np.zeros_like(row)
    if abs(distance) >= len(row):
        return result
    if distance > 0:
        result[distance:] = row[:-distance]
    elif distance < 0:
        result[:distance] = row[-distance:]
    return result


def rank(row: Array) -> Array:
    """The place of each value in the song, from 0 (least) to 1."""
    return np.asarray(np.argsort(np.argsort(row, kind="stable"), kind="stable") / len(row))
