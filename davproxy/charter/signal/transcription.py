"""Note activations of a small convolutional network: Basic Pitch (Bittner et al., ICASSP 2022).

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
STARTS, KEYS, PITCHES = (f"StatefulPartitionedCall:{output}" for output in (2, 1, 0))  # the network's outputs
HOP = 256
KEY_FRAMES = RATE / HOP  # columns a second of all that it hears
LOWEST_KEY = 21  # MIDI number of the first row: A0, the lowest key of a piano
PITCH_BINS = 3  # rows of `pitches` in a semitone
WINDOW = 43844  # samples that the network hears at once
EDGE, KEPT = 15, 142  # of a window's 172 frames: those at its start that know too little of what was, those that count
BATCH = 8  # windows


@dataclass(frozen=True)
class Transcription:
    """Chances from 0 to 1, KEY_FRAMES columns a second: that a key begins (`starts`) or sounds (`keys`), one row a
    semitone from LOWEST_KEY up; and that a pitch sounds (`pitches`), PITCH_BINS rows a semitone."""

    starts: NDArray[np.float16]
    keys: NDArray[np.float16]
    pitches: NDArray[np.float16]


def transcribe(samples: NDArray[np.float32]) -> Transcription:
    """What sounds in a mono signal at RATE."""
    frames = 1 + len(samples) // HOP
    windows = -(-frames // KEPT)
    padded = np.pad(samples, (EDGE * HOP, windows * KEPT * HOP + WINDOW))
    every = np.lib.stride_tricks.sliding_window_view(padded, WINDOW)[:: KEPT * HOP][:windows]
    network = _network()
    name = network.get_inputs()[0].name
    heard: list[list[NDArray[np.float16]]] = [[], [], []]
    for first in range(0, windows, BATCH):
        outputs = network.run([STARTS, KEYS, PITCHES], {name: every[first : first + BATCH, :, None]})
        for parts, output in zip(heard, outputs, strict=True):
            parts.append(output[:, EDGE : EDGE + KEPT].reshape(-1, output.shape[2]).astype(np.float16))
    return Transcription(*(np.concatenate(parts)[:frames].T for parts in heard))


@cache
def _network() -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1  # sums in one order, and room for the server
    return onnxruntime.InferenceSession(str(MODEL), options, providers=["CPUExecutionProvider"])
