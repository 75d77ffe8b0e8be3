"""The charts of four real songs, byte for byte: a change of the charter that should not change charts keeps these.

The bytes depend on the processor: its kind decides in which order OpenBLAS adds, and a note close to a threshold then
falls on the other side of it. So the sums hold for KERNELS, and are skipped elsewhere. A change that is meant to change
charts renews them: `python -m tests.charter.test_kept_charts` prints the table.
"""

import hashlib
import tempfile
from pathlib import Path

import pytest
import soundfile
from threadpoolctl import threadpool_info

from davproxy.charter.generate import generate
from davproxy.charter.options import Options
from davproxy.charter.signal import audio

SONGS = Path("/usr/share/games/fretsonfire/data/songs/sectoid")
KERNELS = "SkylakeX"  # of OpenBLAS: a processor with AVX-512
STEMS = ("song.ogg", "guitar.ogg")
KEPT = {
    ("Escape from chaosland", False): "05e40e12c94a81c458a9c2f23e79cab550e8be71dea3caf024907d91e8121601",
    ("Escape from chaosland", True): "2b407cd4c523b9689434fcf510a99286384a2c0ab1a707c6764182851ee50993",
    ("Feelings", False): "a261f34d00ff7bfb549c62f364cf69f621c2a3eef33052a5eb9864fb70286fd0",
    ("Feelings", True): "3610404e2f623cbe6cbbbf78a06bfa7b854d5b91744215a9585495857e4f0b25",
    ("Metal madness", False): "dafc46c6196d2a5d3b6ff814b8a4e5df30f9b637496e33e32e15f777a84eebf1",
    ("Metal madness", True): "b181568937c65415c2b3699d34b325bbae1129e3757e2464762fc371f411c229",
    ("War of freedom", False): "7e0cce4eb50ac8353939baa39f37b3c97668ff680c09ed22dd02ef537c71e137",
    ("War of freedom", True): "f23ca56ba1ff6d7a199f9e809ec0f12b56754c7d80eb340283fb6118cd1b85ea",
}

here = {library["architecture"] for library in threadpool_info() if library["internal_api"] == "openblas"}
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not SONGS.exists(), reason="needs the Debian package fretsonfire-songs-sectoid"),
    pytest.mark.skipif(here != {KERNELS}, reason=f"needs the kernels {KERNELS} of OpenBLAS"),
]


def notes_sum(folder: Path, on_stem: bool, scratch: Path) -> str:
    """The SHA-256 of the notes.chart made from the stems in `folder`, or from one file in which they are mixed."""
    sources = [folder / stem for stem in STEMS]
    if not on_stem:
        mixed = audio.mix([audio.load(source) for source in sources])
        sources = [scratch / "mix.wav"]
        soundfile.write(sources[0], mixed.samples, audio.RATE, subtype="FLOAT")
    made = generate(sources, scratch / "song", Options(name=f"Band - {folder.name}"))
    return hashlib.sha256((made.folder / "notes.chart").read_bytes()).hexdigest()


@pytest.mark.parametrize(("name", "on_stem"), KEPT, ids=lambda value: value if isinstance(value, str) else None)
def test_the_chart_of_a_real_song_stays_as_it_is(name: str, on_stem: bool, tmp_path: Path) -> None:
    assert notes_sum(SONGS / name, on_stem, tmp_path) == KEPT[name, on_stem]


if __name__ == "__main__":
    for name, on_stem in KEPT:
        with tempfile.TemporaryDirectory() as scratch:
            print(f'    ("{name}", {on_stem}): "{notes_sum(SONGS / name, on_stem, Path(scratch))}",')
