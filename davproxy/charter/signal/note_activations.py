"""Note activations of a small convolutional network: Basic Pitch (Bittner et al., "A lightweight instrument-agnostic
model for polyphonic note transcription and multipitch estimation", ICASSP 2022).

`models/nmp.onnx` is the network as its authors published it in basic-pitch 0.4.0 (Apache-2.0; licence and notice stand
beside it).
"""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from davproxy.charter.signal.audio import RATE

MODEL = Path(__file__).parents[1] / "models" / "nmp.onnx"
ONSETS, NOTES, CONTOURS = (f"StatefulPartitionedCall:{output}" for output in (2, 1, 0))  # the network's outputs
HOP = 256
ACTIVATION_RATE = RATE / HOP  # frames a second
LOWEST_KEY = 21  # MIDI number of the first row: A0, the lowest key of a piano
CONTOUR_BINS = 3  # rows of `contours` in a semitone
WINDOW = 43844  # samples of one input of the network
EDGE, KEPT = 15, 142  # of a window's 172 frames: those dropped at its start for lack of context, and those kept
BATCH = 8  # windows


@dataclass(frozen=True)
class NoteActivations:
    """Probabilities from 0 to 1, float16, ACTIVATION_RATE frames a second.

    `onsets` and `notes` are (88, frames): that the note of a semitone begins, and that it sounds, from LOWEST_KEY up.
    `contours` is (264, frames): that a pitch sounds, CONTOUR_BINS rows a semitone.
    """

    onsets: NDArray[np.float16]
    notes: NDArray[np.float16]
    contours: NDArray[np.float16]


def note_activations(samples: NDArray[np.float32]) -> NoteActivations:
    """The activations of a mono signal at RATE, (samples,), float32: 1 + samples // HOP frames, from overlapping
    windows."""
    frames = 1 + len(samples) // HOP
    windows = -(-frames // KEPT)
    padded = np.pad(samples, (EDGE * HOP, windows * KEPT * HOP + WINDOW))
    every = np.lib.stride_tricks.sliding_window_view(padded, WINDOW)[:: KEPT * HOP][:windows]
    network = _network()
    name = network.get_inputs()[0].name
    parts: list[list[NDArray[np.float16]]] = [[], [], []]
    for first in range(0, windows, BATCH):
        outputs = network.run([ONSETS, NOTES, CONTOURS], {name: every[first : first + BATCH, :, None]})
        for part, output in zip(parts, outputs, strict=True):
            part.append(output[:, EDGE : EDGE + KEPT].reshape(-1, output.shape[2]).astype(np.float16))
    return NoteActivations(*(np.concatenate(part)[:frames].T for part in parts))


@cache
def _network() -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1  # reproducible sums; leaves time to the server
    return onnxruntime.InferenceSession(str(MODEL), options, providers=["CPUExecutionProvider"])
