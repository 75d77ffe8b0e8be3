"""The audio of one song: a single recording, or stems named as games name them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from davproxy.charter.signal.audio import AUDIBLE, Audio, load, mix
from davproxy.errors import BadAudio
from davproxy.formats import identify, stem_names

LEAD, DRUMS, VOCALS = "guitar", "drums", "vocals"


@dataclass(frozen=True, eq=False)
class Stems:
    """Files and decoded audio by stem, in the order of `identify.STEMS`. A single recording is the stem `song`. Files
    that are `left_out` hold only what the others do."""

    paths: Mapping[str, Path]
    audio: Mapping[str, Audio]
    left_out: Sequence[Path] = ()

    @property
    def name(self) -> str:
        """The name of the recording's file, or of the folder that holds the stems."""
        first = next(iter(self.paths.values()))
        if len(self.paths) == 1:
            return first.stem
        return stem_names.split_stem(first.name)[0] or first.resolve().parent.name

    @property
    def remarks(self) -> list[str]:
        """What is missing or damaged of each file, and which is left out."""
        heard = [f"{self.paths[stem].name}: {remark}" for stem, audio in self.audio.items() for remark in audio.remarks]
        return heard + [f"{path.name}: It is left out, since it is a mix of the other stems." for path in self.left_out]

    @cached_property
    def mix(self) -> Audio:
        """The sum of all stems with music. Stems without music (crowd, preview) count only if there is no other."""
        music = [stem for stem in self.audio if stem not in identify.NO_MUSIC_STEMS] or list(self.audio)
        return mix([self.audio[stem] for stem in music])

    @property
    def lead(self) -> Audio | None:
        """The stem of the lead guitar; None if there is none or it is silent."""
        return self.audible(LEAD)

    def audible(self, stem: str) -> Audio | None:
        """The audio of a stem; None if there is none or it is silent."""
        audio = self.audio.get(stem)
        return audio if audio is not None and is_audible(audio) else None

    @property
    def drums(self) -> Audio | None:
        """The sum of the stems of the drums; None if there are none."""
        return self._sum_of(DRUMS)

    @property
    def vocals(self) -> Audio | None:
        """The sum of the stems of voices; None if there are none or they are silent."""
        voices = self._sum_of(VOCALS)
        return voices if voices is not None and is_audible(voices) else None

    def _sum_of(self, kind: str) -> Audio | None:
        """The sum of the stems whose names begin with `kind`."""
        found = [audio for stem, audio in self.audio.items() if stem.startswith(kind)]
        return mix(found) if found else None


def is_audible(audio: Audio) -> bool:
    """Whether it is louder than dither, or than the noise of a codec."""
    return bool(np.abs(audio.samples).max() > AUDIBLE)


def read_stems(sources: Sequence[Path], silence: float = 0.0) -> Stems:
    """Decode the files of one song, each without the `silence` with which it begins, in seconds. Raises BadAudio, or
    TooLarge (`load`)."""
    paths = _by_stem(sources)
    left_out = [source for source in sources if source not in paths.values()]
    audio = {stem: load(path).without_start(silence) for stem, path in paths.items()}
    return Stems(paths, audio, left_out)


def _by_stem(sources: Sequence[Path]) -> dict[str, Path]:
    if not sources:
        raise BadAudio("There is no audio to chart.")
    if len(sources) == 1:
        return {"song": sources[0]}
    found = stem_names.stems_of([source.name for source in sources])
    if found is None:
        stems = [(source.name, stem_names.split_stem(source.name)) for source in sources]
        if unknown := [name for name, (_, stem) in stems if not stem]:
            raise BadAudio(
                f"{unknown[0]} is no stem that games know. Give one song at a time, or stems named guitar, drums, "
                "bass, vocals, keys and song."
            )
        raise BadAudio("There are two files for one stem, or stems of more than one song: keep those of one song.")
    by_name = {source.name: source for source in sources}
    return {stem: by_name[found[stem]] for stem in identify.STEMS if stem in found}
