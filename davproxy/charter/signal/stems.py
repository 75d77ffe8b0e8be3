"""The audio of one song: a single recording, or stems named as games name them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from davproxy.charter.signal.audio import Audio, load, mix
from davproxy.errors import BadAudio
from davproxy.formats import identify

LEAD, DRUMS = "guitar", "drums"
AUDIBLE = 1e-3  # largest sample of a stem in which something is played


@dataclass(frozen=True, eq=False)
class Stems:
    """Files and decoded audio by stem, in the order of identify.STEMS. A single recording is the stem `song`."""

    paths: Mapping[str, Path]
    audio: Mapping[str, Audio]

    @property
    def name(self) -> str:
        """The name of the recording's file, or of the folder that holds the stems."""
        first = next(iter(self.paths.values()))
        return first.stem if len(self.paths) == 1 else first.resolve().parent.name

    @property
    def remarks(self) -> list[str]:
        """What is missing or damaged of each file."""
        return [f"{self.paths[stem].name}: {remark}" for stem, audio in self.audio.items() for remark in audio.remarks]

    @cached_property
    def mix(self) -> Audio:
        """All music together; a stem that holds none (crowd, preview) only counts where it is the only one."""
        music = [stem for stem in self.audio if stem not in identify.NO_MUSIC_STEMS] or list(self.audio)
        return mix([self.audio[stem] for stem in music])

    @property
    def lead(self) -> Audio | None:
        """The stem of the lead guitar, if it has one that is not silent."""
        lead = self.audio.get(LEAD)
        return lead if lead is not None and bool(np.abs(lead.samples).max() > AUDIBLE) else None

    @property
    def drums(self) -> Audio | None:
        """The stems of the drums together, if there are any."""
        kit = [audio for stem, audio in self.audio.items() if stem.startswith(DRUMS)]
        return mix(kit) if kit else None


def read_stems(sources: Sequence[Path]) -> Stems:
    """Decode the files of one song. Raises BadAudio, or TooLarge (`load`)."""
    paths = _by_stem(sources)
    return Stems(paths, {stem: load(path) for stem, path in paths.items()})


def _by_stem(sources: Sequence[Path]) -> dict[str, Path]:
    if not sources:
        raise BadAudio("There is no audio to chart.")
    if len(sources) == 1:
        return {"song": sources[0]}
    found: dict[str, Path] = {}
    for source in sources:
        stem = source.stem.lower()
        if stem not in identify.STEMS:
            raise BadAudio(
                f"{source.name} is no stem that games know. Give one song at a time, or stems named guitar, drums, "
                "bass, vocals, keys and song."
            )
        if stem in found:
            raise BadAudio(f"There are two files for {stem}: keep one of them.")
        found[stem] = source
    return {stem: found[stem] for stem in identify.STEMS if stem in found}
