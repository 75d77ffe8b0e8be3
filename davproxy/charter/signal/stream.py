"""A file that is decoded block by block; the type that all readers return.

The length of a recording is that of its decoded samples: headers of some formats only estimate it.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from davproxy.errors import BadAudio

Block = NDArray[np.float32]

BLOCK = 1 << 16  # frames decoded at a time, so that a long file is never in memory at its own rate
LOUDEST = 8.0  # absolute value of a sample, so that sums stay finite
RATES = range(8000, 192001)  # frames a second that Ogg Vorbis can hold
USUAL_RATE = 44100  # Hz, for a file with any other rate


@dataclass
class Stream:
    """An open file. `blocks` are (frames, 1 or 2), float32, `rate` frames a second, finite and within LOUDEST.

    `channels` is the number that the file has; more than two are mixed down. `format` is ogg, opus, mp3, flac, wav,
    aiff or the name of another codec. `remarks` say what is missing or damaged; they are complete once the blocks are
    read.
    """

    rate: int
    channels: int
    format: str
    blocks: Iterator[Block]
    remarks: list[str] = field(default_factory=list)


Reader = Callable[[Path], AbstractContextManager[Stream]]
"""Opens a file as a stream. Opening it and reading its blocks raise BadAudio."""


def undecodable(path: Path) -> BadAudio:
    return BadAudio(
        f"{path.name} cannot be decoded. It is damaged, incomplete or no audio: copy or download it again, or save it "
        "as mp3, ogg, opus, flac or wav."
    )


def finite(block: NDArray[Any]) -> Block:
    """The block as float32, with NaN and infinite samples as silence, and all others clipped to LOUDEST."""
    whole = np.nan_to_num(block, nan=0.0, posinf=0.0, neginf=0.0)
    return np.asarray(np.clip(whole, -LOUDEST, LOUDEST), dtype=np.float32)


def mix_down(block: Block) -> Block:
    """The block with at most two channels. More are mixed down to left and right, (frames, 2), from the usual order:
    left, right, centre, low, surround left, surround right … (about the weights of ITU-R BS.775, without the low
    channel)."""
    if block.shape[1] <= 2:
        return block
    centre = block[:, 2:3] * 0.7
    sides = [block[:, 4 + side :: 2].sum(axis=1, keepdims=True) * 0.7 for side in (0, 1)]
    mixed = np.concatenate([block[:, 0:1] + centre + sides[0], block[:, 1:2] + centre + sides[1]], axis=1)
    return np.asarray(mixed * 0.6)
