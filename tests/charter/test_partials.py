"""Partials tell strings from drums."""

import numpy as np
from numpy.typing import NDArray

from davproxy.charter.notes.partials import partial_features
from davproxy.charter.signal.audio import RATE
from davproxy.charter.signal.features import spectral_features
from davproxy.charter.structure.repetition import first_alike
from davproxy.charter.structure.slot_features import slot_features
from davproxy.charter.structure.slots import Slots, grid_slots
from davproxy.charter.timing.grid import Grid, Segment

BPM, BEATS = 120.0, 64


def places() -> Slots:
    return grid_slots(Grid((Segment(0.0, 0.0, BPM),)), BEATS * 60 / BPM, 2)


def music() -> NDArray[np.float32]:
    """A drum on every eighth, and a new note of a string on every fourth of them."""
    length = int(60 / BPM / 2 * RATE)
    time = np.arange(4 * length) / RATE
    noise = np.random.default_rng(0)
    parts = []
    for number in range(BEATS // 2):
        pitch = 110 * 2 ** ((0, 3, 7, 5)[number % 4] / 12)
        string = sum(np.sin(2 * np.pi * pitch * n * time) / n for n in range(1, 12)) * np.exp(-time)
        drum = noise.normal(size=length) * np.exp(-np.arange(length) / RATE * 60)
        parts.append(0.2 * string + np.tile(drum, 4) * 0.3)
    return np.concatenate(parts).astype(np.float32)


def test_a_note_shows_where_a_string_begins_and_not_where_a_drum_does() -> None:
    features, eighths = spectral_features(music()), places()
    columns = partial_features(features, eighths, first_alike(features, eighths), slot_features(features, eighths))
    inside = np.arange(8, len(eighths) - 8)
    notes, drums = inside[inside % 4 == 0], inside[inside % 4 == 2]
    for name in ("fresh", "begun", "top"):
        assert columns[name][notes].min() > columns[name][drums].max(), name
    assert columns["likeness"][notes].max() < columns["likeness"][drums].min()


def test_silence_gives_finite_numbers() -> None:
    features, eighths = spectral_features(np.zeros(BEATS * RATE // 2, dtype=np.float32)), places()
    columns = partial_features(features, eighths, first_alike(features, eighths), slot_features(features, eighths))
    assert all(np.isfinite(column).all() and len(column) == len(eighths) for column in columns.values())
