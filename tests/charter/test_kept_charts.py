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
    ("Escape from chaosland", False): "05e40e12c94a81c458a9c2f23e79cab550e8be71dea3caf024907d91e8121601",
    ("Escape from chaosland", True): "a328fad3fd8df7241e6103392e35cd04803adf33d073ebc792ca8d106da35c2c",
    ("Feelings", False): "26c393ff98409a0b03dac33b0c6eaa71917bbbb68421a1ef467e1907760b5415",
    ("Feelings", True): "048f6f5072b6811083876a933689d3eaf7f92f630c81572aa3610f918b145650",
    ("Metal madness", False): "11d4fd654e790904ec6242c864f300d03c8536556fa14193ce73c1a4227a82bf",
    ("Metal madness", True): "e8e1ccb9a5fd77e50a8d6791beb7cb8186bf3a81e5f4a0c9da9775b607da8cdb",
    ("War of freedom", False): "96f2a93658555234043d358da3aaf555182c0172941850b0d458273fe1abd129",
    ("War of freedom", True): "47d1941325bff79d46ae6689ce2e8ad6db7289dc9f6a7b8bdb5d79cf1491419d",
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


def pinned_sum(name: str, on_stem: bool) -> str:
    """The `notes_sum` of the song `name`, from a child that uses KERNELS; empty where the processor lacks them."""
    program = [sys.executable, "-m", "tests.charter.test_kept_charts", name, "stem" if on_stem else "mix"]
    environment = {**os.environ, **PINNED}
    return subprocess.run(program, env=environment, check=True, stdout=subprocess.PIPE, text=True).stdout.strip()


@pytest.mark.slow
@pytest.mark.skipif(not SONGS.exists(), reason="needs the Debian package fretsonfire-songs-sectoid")
@pytest.mark.parametrize(("name", "on_stem"), KEPT, ids=lambda value: value if isinstance(value, str) else None)
def test_the_chart_of_a_real_song_stays_as_it_is(name: str, on_stem: bool) -> None:
    found = pinned_sum(name, on_stem)
    if not found:
        pytest.skip("needs an x86-64 processor with AVX2")
    assert found == KEPT[name, on_stem]


if __name__ == "__main__":
    if sys.argv[1:]:
        name, form = sys.argv[1:]
        with tempfile.TemporaryDirectory() as scratch:
            print(notes_sum(SONGS / name, form == "stem", Path(scratch)) if kernels() == {KERNELS} else "")
    else:
        for name, on_stem in KEPT:
            print(f'    ("{name}", {on_stem}): "{pinned_sum(name, on_stem)}",', flush=True)
