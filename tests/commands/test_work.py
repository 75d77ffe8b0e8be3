"""`import`, `generate` and `sync`: in the library opened here, and in the server that runs; `check` of the library."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from zipfile import ZipFile

import numpy as np
import pytest
import soundfile

from tests.commands.conftest import CHART, INI, Run, Served

pytestmark = pytest.mark.slow


def archive(file: Path, title: str = "Feelings") -> None:
    with ZipFile(file, "w") as packing:
        packing.writestr("song/song.ini", INI.replace(b"Feelings", title.encode()))
        packing.writestr("song/notes.chart", CHART.replace(b"768", str(768 + len(title)).encode()))
        packing.writestr("song/song.ogg", b"OggS" + bytes(100))


@pytest.fixture(params=["here", "there"])
def work(request: pytest.FixtureRequest, run: Run, served: Callable[..., Served]) -> Run:
    """`run`, with and without a server that runs with the same settings."""
    port = served().port if request.param == "there" else "1"
    return lambda *arguments: run(*arguments, APP_PORT=port)


@pytest.mark.slow
def test_archives_become_songs_and_stay_where_they_are(work: Run, tmp_path: Path) -> None:
    archive(tmp_path / "one.zip")
    archive(tmp_path / "twö & 2.zip", "Storm")
    done = work("import", "one.zip", "twö & 2.zip")
    assert (done.returncode, done.stderr) == (0, "")
    titles = sorted(path.rpartition("/")[2].partition("_")[0] for path in done.stdout.splitlines())
    assert titles == ["Feelings", "Storm"]
    assert all((tmp_path / "library" / line[1:] / "notes.chart").exists() for line in done.stdout.splitlines())
    assert (tmp_path / "one.zip").exists()
    assert list((tmp_path / "library" / "Drop").iterdir()) == []
    again = work("import", "one.zip")
    assert (again.returncode, again.stdout) == (0, "")
    assert "already" in again.stderr
    synced = work("sync")
    assert (synced.returncode, synced.stdout.split(",")[0]) == (0, "synced: 2")
    checked = work("check")
    assert checked.returncode == 0
    assert checked.stdout.splitlines()[-1].startswith("2 songs: 0 refused")


def test_songs_that_vanish_at_once_are_kept_until_a_purge(work: Run, tmp_path: Path) -> None:
    songs = [tmp_path / "library" / "Songs" / str(number) for number in range(6)]
    for song in songs:
        song.mkdir(parents=True)
        (song / "song.ini").write_bytes(INI)
        (song / "notes.chart").write_bytes(CHART)
    assert work("sync").stdout.startswith("synced: 6")
    for song in songs[:3]:
        shutil.rmtree(song)
    kept = work("sync")
    assert (kept.returncode, kept.stdout[:9]) == (1, "synced: 6")
    assert "davproxy sync --purge" in kept.stderr
    purged = work("sync", "--purge")
    assert (purged.returncode, purged.stderr) == (0, "")
    assert purged.stdout.startswith("synced: 3, added: 0, changed: 0, purged: 3,")


def test_what_is_no_archive_is_reported_and_is_exit_code_1(work: Run, tmp_path: Path) -> None:
    archive(tmp_path / "good.zip")
    (tmp_path / "bad.zip").write_text("no archive")
    done = work("import", "bad.zip", "good.zip")
    assert done.returncode == 1
    assert "bad.zip" in done.stderr
    assert len(done.stdout.splitlines()) == 1


def clicks(seconds: float = 12.0, rate: int = 22050) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    """Plucked tones at 120 beats a minute."""
    time = np.arange(int(seconds * rate)) / rate
    beat = time % 0.25
    pitch = 220 * 2 ** ((time // 0.25 % 8) / 12)
    return (0.5 * np.exp(-12 * beat) * np.sin(2 * np.pi * pitch * time)).astype(np.float32)


def stems(folder: Path, named: str) -> None:
    """The guitar and the silent vocals of one song; `named` has a place for the stem."""
    folder.mkdir(exist_ok=True)
    for stem, samples in ("Guitar", clicks()), ("Vocals", 0 * clicks()):
        soundfile.write(folder / named.format(stem), samples, 22050)


@pytest.mark.slow
def test_audio_becomes_a_song_folder(run: Run, tmp_path: Path) -> None:
    stems(tmp_path, "Ann - One ({}).wav")
    (tmp_path / "Ann - One.lrc").write_text("[00:05.00]Hear me")
    (tmp_path / "text.mp3").write_text("no audio")
    done = run("generate", "--output", "out", "--plot", "Ann - One (Guitar).wav", "text.mp3", "Ann - One (Vocals).wav")
    assert done.returncode == 1
    assert "text.mp3" in done.stderr
    assert done.stdout == "out/Ann - One\n"
    names = {file.name for file in (tmp_path / "out" / "Ann - One").iterdir()}
    assert {"song.ini", "notes.chart", "album.png", "plot.png"} <= names
    assert {name.partition(".")[0] for name in names} >= {"guitar", "vocals"}
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["Ann - One"]
    assert "lyric Hear" in (tmp_path / "out" / "Ann - One" / "notes.chart").read_text()
    checked = run("check", "out")
    assert checked.returncode == 0


@pytest.mark.slow
def test_a_chart_is_corrected(work: Run, tmp_path: Path) -> None:
    soundfile.write(tmp_path / "Ann - One.wav", clicks(), 22050)
    done = work("generate", "--beats-per-bar", "3", "--mute", "0:02-0:5.5", "Ann - One.wav")
    assert (done.returncode, done.stderr) == (0, "")
    kept = json.loads((tmp_path / "library" / done.stdout.strip()[1:] / "chart-options.json").read_text())
    assert kept["correction"] == {"beats_per_bar": 3, "muted": [[2.0, 5.5]]}
    wrong = work("generate", "--mute", "2", "Ann - One.wav")
    assert wrong.returncode == 2
    assert "no range" in wrong.stderr
    slow = work("generate", "--bpm", "3", "Ann - One.wav")
    assert slow.returncode == 1
    assert "bpm: must be 0, or from 20 to 400" in slow.stderr


@pytest.mark.slow
def test_a_folder_of_stems_becomes_a_song_of_the_library(work: Run, tmp_path: Path) -> None:
    stems(tmp_path / "Ann - One", "{}.wav")
    (tmp_path / "Ann - One" / "words.lrc").write_text("[00:05.00]Hear me")
    shutil.copytree(tmp_path / "Ann - One", tmp_path / "copies" / "Ann - One")
    (tmp_path / "Empty").mkdir()
    done = work("generate", "Ann - One", "Empty", "copies/Ann - One")
    assert done.returncode == 1
    assert "Empty: There is no audio." in done.stderr
    assert "is in the library already" in done.stderr
    assert done.stdout.startswith("/Songs/Ann/One_")
    assert len(done.stdout.splitlines()) == 1
    assert "lyric Hear" in (tmp_path / "library" / done.stdout[1:-1] / "notes.chart").read_text()


def test_lyrics_beside_a_recording_go_into_the_library_with_it(work: Run, tmp_path: Path) -> None:
    soundfile.write(tmp_path / "Ann - One.wav", clicks(), 22050)
    (tmp_path / "Ann - One.lrc").write_text("[00:05.00]Hear me")
    done = work("generate", "Ann - One.wav")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("/Songs/Ann/One_")
    assert "lyric Hear" in (tmp_path / "library" / done.stdout[1:-1] / "notes.chart").read_text()
