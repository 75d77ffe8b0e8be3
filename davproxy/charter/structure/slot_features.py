"""Features of each slot for the models, from onset strength, level and the constant-Q spectrum.

A feature is a named column, (slots,), float32. Names and order are those that `models/notes.npz` was trained with.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from davproxy.charter.signal.features import BANDS, TONE_RATE, Array, Features, attacks_at, pool
from davproxy.charter.signal.spectrum import FRAME_RATE
from davproxy.charter.structure.slots import REPEATS, Slots, moving_mean, rank, shift

GROUPS = {"low": slice(0, 2), "middle": slice(2, 5), "high": slice(5, BANDS)}  # of bands
WIDE = 16  # beats around a slot, over which the mean onset strength is taken
FROM_220_HZ = 24  # semitones above the lowest
Columns = dict[str, NDArray[Any]]


def slot_features(features: Features, slots: Slots) -> dict[str, Array]:
    """All these features of each slot, by name: (slots,) each, float32."""
    attacks = attacks_at(features, slots.times)
    usual = np.stack([moving_mean(band, WIDE * slots.division) for band in attacks]) + 0.02
    columns = _attack_columns(features, slots, attacks, usual)
    columns |= _level_columns(features, slots, attacks, usual)
    columns |= _tone_columns(features, slots)
    columns |= _place_columns(slots)
    repeated = {
        "attack": columns["attack"],
        "tone": columns["tone_fresh"],
        **{name: attacks[bands].mean(axis=0) for name, bands in GROUPS.items()},
    }
    columns |= _repeat_columns(repeated, slots)
    columns |= _share_columns({name: repeated[name] for name in ("attack", "tone", "middle")}, slots)
    return {name: np.asarray(column, dtype=np.float32) for name, column in columns.items()}


def _attack_columns(features: Features, slots: Slots, attacks: Array, usual: Array) -> Columns:
    """Onset strength relative to its surroundings, the song and the neighbours. `attacks` are (BANDS, slots), and
    `usual` is their moving mean around each slot, of the same shape."""
    wide = WIDE * slots.division
    total = attacks.mean(axis=0)
    attack = total / (moving_mean(total, wide) + 0.02)
    columns = {f"attack_{band}": attacks[band] / usual[band] for band in range(BANDS)}
    columns |= {
        "attack": attack,
        "attack_sharp": pool(features.attacks, FRAME_RATE, slots.times, -0.012, 0.012, "max").mean(axis=0)
        / (moving_mean(total, wide) + 0.02),
        "attack_of_song": total / (float(total.mean()) + 1e-6),
        "attack_rank": rank(total),
        "attack_peak": attack - np.maximum(shift(attack, 1), shift(attack, -1)),
    }
    for distance in (1, 2, 3, 4):
        columns[f"attack_before_{distance}"] = shift(attack, distance)
        columns[f"attack_after_{distance}"] = shift(attack, -distance)
    return columns


def _level_columns(features: Features, slots: Slots, attacks: Array, usual: Array) -> Columns:
    """The level after each slot, its rise there, and its ratio to the level of the bar and of the song."""
    columns: Columns = {}
    length = float(np.median(slots.lengths))
    after = pool(features.levels, FRAME_RATE, slots.times, 0.012, 0.8 * length, "mean")
    before = pool(features.levels, FRAME_RATE, slots.times, -0.8 * length, -0.012, "mean")
    for name, bands in GROUPS.items():
        columns[f"level_{name}"] = after[bands].mean(axis=0)
        columns[f"rise_{name}"] = (after - before)[bands].mean(axis=0)
        columns[f"attack_{name}"] = attacks[bands].mean(axis=0) / usual[bands].mean(axis=0)
    level = after.mean(axis=0)
    columns["level_rank"] = rank(level)
    columns["level_of_bar"] = moving_mean(level, slots.per_bar) / (float(level.mean()) + 1e-6)
    columns["level_of_loud"] = level / (float(np.percentile(level, 90)) + 1e-6)
    return columns


def _tone_columns(features: Features, slots: Slots) -> Columns:
    """The cosine of the tones before and after each slot, the share of them that is new after it, and the strongest new
    tone from 220 Hz up."""
    step = max(0.9 * float(np.median(slots.lengths)), 1 / TONE_RATE)
    after = pool(features.tones, TONE_RATE, slots.times, 0.02, step, "mean")
    before = pool(features.tones, TONE_RATE, slots.times, -step, -0.02, "mean")
    lengths = np.linalg.norm(after, axis=0) * np.linalg.norm(before, axis=0)
    new = np.maximum(after - before, 0.0)
    fresh = new.sum(axis=0) / (after.sum(axis=0) + 1e-3)
    return {
        "tone_likeness": (after * before).sum(axis=0) / (lengths + 1e-6),
        "tone_fresh": fresh,
        "tone_fresh_local": fresh / (moving_mean(fresh, WIDE * slots.division) + 0.01),
        "tone_strongest": new[FROM_220_HZ:].max(axis=0),
    }


def _place_columns(slots: Slots) -> Columns:
    """The position of each slot in its beat and bar, and the length of both."""
    number = np.arange(len(slots))
    return {
        "in_beat": np.asarray((number % slots.division) / slots.division),
        "in_bar": np.asarray((number // slots.division) % slots.beats_per_bar),
        "slot_seconds": slots.lengths,
        "beat_seconds": slots.lengths * slots.division,
    }


def _repeat_columns(repeated: Columns, slots: Slots) -> Columns:
    """The values of `repeated` at the same slot of other bars and of other beats."""
    bar = slots.per_bar
    columns: Columns = {}
    for name, row in repeated.items():
        columns[f"repeat_{name}"] = np.mean([shift(row, bars * bar) for bars in REPEATS], axis=0)
        columns[f"next_bar_{name}"] = (shift(row, bar) + shift(row, -bar)) / 2
    attack = repeated["attack"]
    columns["repeat_beat"] = np.mean([shift(attack, beats * slots.division) for beats in (-2, -1, 1, 2)], axis=0)
    return columns


def _share_columns(rows: Columns, slots: Slots) -> Columns:
    """The shares of each row on beats, on half beats and between eighths, in the four bars around each slot."""
    in_beat = np.arange(len(slots)) % slots.division / slots.division
    places = {"on_beat": in_beat == 0, "on_half": in_beat == 0.5, "between": slots.between_eighths}
    width = 4 * slots.per_bar
    columns: Columns = {}
    for name, row in rows.items():
        mean = moving_mean(row, width) + 0.01
        for place, mask in places.items():
            share = moving_mean(row * mask, width) / np.maximum(moving_mean(mask.astype(float), width), 1e-6)
            columns[f"{name}_{place}"] = share / mean
    return columns
