"""The charts of four real songs, two of them from stems, byte for byte.

A change of the charter that should not change charts keeps these.
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
    ("Escape from chaosland", False): "6435a9a0f9c46e30fa2acc646bf39ba345c139d2f4c48d910ec683228b0fb0a5",
    ("Feelings", True): "b60730b62aa8a10eac7051b3b7c00c3a0c27f4c88f149e8e42e915baf1299be9",
    ("Metal madness", False): "fddea668aee013a0c4dcef6f672f6dd26c0f2059f24dc4ffcefa95fab48746b2",
    ("War of freedom", True): "f2452d77eb618c2895287323f5747f68d0fd16c90b6f0f8c1436a019c923ce53",
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
