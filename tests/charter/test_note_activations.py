"""Notes are found where they sound, also where one window of the network meets the next."""

import hashlib

import numpy as np
import pytest
from numpy.typing import NDArray

from davproxy.charter.signal.audio import RATE
from davproxy.charter.signal.note_activations import ACTIVATION_RATE, LOWEST_KEY, MODEL, note_activations
from tests.charter.music import pluck

SECONDS = 0.27  # of a note: its starts lie anywhere in the windows
PITCHES = (52, 64, 57, 69, 60, 55, 67, 62) * 6
PUBLISHED = "2c3c1d144bfa61ad236e92e169c13535c880469a12a047d4e73451f2c059a0ec"  # nmp.onnx of basic-pitch 0.4.0


def test_the_network_is_the_published_file_with_its_licence_beside_it() -> None:
    assert hashlib.sha256(MODEL.read_bytes()).hexdigest() == PUBLISHED
    assert "Apache License" in MODEL.with_name("nmp.LICENSE.txt").read_text("utf-8")
    assert "Spotify AB" in MODEL.with_name("nmp.NOTICE.txt").read_text("utf-8")


def plucks() -> NDArray[np.float32]:
    return np.concatenate([pluck(pitch, SECONDS) for pitch in PITCHES]).astype(np.float32)


def test_each_key_begins_where_it_is_struck() -> None:
    found = note_activations(plucks())
    for note, pitch in enumerate(PITCHES):
        at = note * int(SECONDS * RATE) / RATE * ACTIVATION_RATE
        near = found.onsets[pitch - LOWEST_KEY, max(round(at) - 8, 0) : round(at) + 9]
        assert near.max() > 0.3, note
        assert abs(int(near.argmax()) + max(round(at) - 8, 0) - at) <= 3, note


def test_what_sounds_is_the_key_and_its_pitch() -> None:
    found = note_activations(plucks())
    middles = np.round((np.arange(len(PITCHES)) + 0.4) * int(SECONDS * RATE) / RATE * ACTIVATION_RATE).astype(int)
    assert (found.notes[:, middles].argmax(axis=0) + LOWEST_KEY).tolist() == list(PITCHES)
    assert np.abs(found.contours[:, middles].argmax(axis=0) / 3 - (np.array(PITCHES) - LOWEST_KEY)).max() <= 2 / 3


@pytest.mark.parametrize("samples", [0, 1, 255, 256, 43843, 43844, 43845, 36352, 36353])
def test_every_length_has_its_columns(samples: int) -> None:
    found = note_activations(np.zeros(samples, dtype=np.float32))
    for rows in (found.onsets, found.notes, found.contours):
        assert rows.shape[1] == 1 + samples // 256
        assert np.isfinite(rows).all()
