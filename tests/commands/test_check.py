"""`check`: songs on the disk."""

from pathlib import Path

import pytest

from davproxy.formats import sng
from tests.commands.conftest import Run

pytestmark = pytest.mark.slow

CHART = b"[Song]\n{\n  Resolution = 192\n}\n[SyncTrack]\n{\n  0 = B 120000\n}\n[ExpertSingle]\n{\n  768 = N 0 0\n}\n"
INI = b"[song]\nname = Feelings\nartist = Sectoid\n"


def make(folder: Path, **files: bytes) -> None:
    folder.mkdir(parents=True)
    for name, content in files.items():
        (folder / name.replace("_", ".")).write_bytes(content)


def test_good_and_refused_songs_at_any_depth(run: Run, tmp_path: Path) -> None:
    make(tmp_path / "songs" / "a" / "good", song_ini=INI, notes_chart=CHART, song_ogg=b"OggS")
    make(tmp_path / "songs" / "bad [x]", song_ini=INI, song_ogg=b"OggS")
    (tmp_path / "songs" / "packed.sng").write_bytes(
        sng.render({"name": "Packed"}, {"notes.chart": CHART, "song.ogg": b"OggS"}, bytes(range(16)))
    )
    (tmp_path / "songs" / "broken.sng").write_bytes(b"SNGPKG")
    done = run("check", "songs")
    assert done.returncode == 1
    assert "songs/bad [x]\n  refused" in done.stdout
    assert "songs/broken.sng\n  refused" in done.stdout
    assert done.stdout.splitlines()[-1].startswith("4 songs: 2 refused")
    quiet = run("check", "--quiet", "songs")
    assert "good" not in quiet.stdout
    assert "bad" in quiet.stdout


def test_a_good_song_is_exit_code_0(run: Run, tmp_path: Path) -> None:
    make(tmp_path / "song", song_ini=INI, notes_chart=CHART, song_ogg=b"OggS")
    done = run("check", "song")
    assert (done.returncode, done.stderr) == (0, "")


def test_no_song_and_no_folder(run: Run, tmp_path: Path) -> None:
    assert run("check", str(tmp_path)).returncode == 1
    assert run("check", "missing").returncode == 2
