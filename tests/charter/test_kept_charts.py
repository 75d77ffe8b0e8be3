"""The charts of four real songs, byte for byte: a change of the charter that should not change charts keeps these.

The kind of processor decides in which order sums are added, and a note close to a threshold then falls on the other
side of it. So each chart is made in a child that uses what every x86-64 processor since 2013 has.
A change that is meant to change charts renews the sums: `python -m tests.charter.test_kept_charts` prints the table.
"""

import hashlib
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
import soundfile
from threadpoolctl import threadpool_info

from davproxy.charter.generate import generate
from davproxy.charter.options import Options
from davproxy.charter.signal import audio

SONGS = Path("/usr/share/games/fretsonfire/data/songs/sectoid")
KERNELS = "Haswell"
"""Those of OpenBLAS that need no more than AVX2."""
PINNED = {
    "OPENBLAS_CORETYPE": KERNELS,
    "OPENBLAS_NUM_THREADS": "1",
    "NPY_DISABLE_CPU_FEATURES": "X86_V4 AVX512_ICL AVX512_SPR",
}
STEMS = ("song.ogg", "guitar.ogg")
KEPT = {
    ("Escape from chaosland", False): "8514248274a1a1391a7059a5609a042ee28d9accb817c8a625ff114f8f92b5d3",
    ("Escape from chaosland", True): "abf6ea05ac279fb2413aaefa660c6d642b57c4e8d231b7bee88c18406da82f65",
    ("Feelings", False): "f8e754efe988c594aa635a28951036a83e16655027b581c52e1ae9b6b154b0b6",
    ("Feelings", True): "6b91a7e4e426a12978469b7c275dd2fdd2b336b6da712fab7db0fd97bca03c31",
    ("Metal madness", False): "35375a6e46266a8c47d6656f4d29353e6fc43fd11a3b72aab64545af06e3ffcd",
    ("Metal madness", True): "062ac7984ec31b949d0e92680bb539b1b86eaf2024c8be7ee4868177228ab2bd",
    ("War of freedom", False): "bd655ac41e9ee27dd10235ebc72fe48af1008c55e87115df6531c9a361ae988b",
    ("War of freedom", True): "05d9409eee27b3bd437a48ca00bb46a9246913f66d729ab227fea1c6c95ed3dd",
}


def kernels() -> set[str]:
    """The kernels that OpenBLAS uses in this process."""
    return {library["architecture"] for library in threadpool_info() if library["internal_api"] == "openblas"}


def notes_sum(folder: Path, on_stem: bool, scratch: Path) -> str:
    """The SHA-256 of the notes.chart made from the stems in `folder`, or from one file in which they are mixed."""
    sources = [folder / stem for stem in STEMS]
    if not on_stem:
        mixed = audio.mix([audio.load(source) for source in sources])
        sources = [scratch / "mix.wav"]
        soundfile.write(sources[0], mixed.samples, audio.RATE, subtype="FLOAT")
    made = generate(sources, scratch / "song", Options(name=f"Band - {folder.name}"))
    return hashlib.sha256((made.folder / "notes.chart").read_bytes()).hexdigest()


def pinned_sums() -> dict[tuple[str, bool], str]:
    """The `notes_sum` of each song of KEPT, from a child that uses KERNELS; empty where the processor lacks them."""
    program = [sys.executable, "-m", "tests.charter.test_kept_charts", "child"]
    printed = subprocess.run(
        program, env={**os.environ, **PINNED}, check=True, stdout=subprocess.PIPE, text=True
    ).stdout
    return dict(zip(KEPT, printed.split(), strict=False))


@pytest.mark.slow
@pytest.mark.skipif(not SONGS.exists(), reason="needs the Debian package fretsonfire-songs-sectoid")
def test_the_charts_of_real_songs_stay_as_they_are() -> None:
    found = pinned_sums()
    if not found:
        pytest.skip("needs an x86-64 processor with AVX2")
    assert found == KEPT


def _print_sums() -> None:
    if kernels() != {KERNELS}:
        return
    for name, on_stem in KEPT:
        with tempfile.TemporaryDirectory() as scratch:
            print(notes_sum(SONGS / name, on_stem, Path(scratch)))


if __name__ == "__main__":
    if sys.argv[1:] == ["child"]:
        _print_sums()
    else:
        for (name, on_stem), found in pinned_sums().items():
            print(f'    ("{name}", {on_stem}): "{found}",')
