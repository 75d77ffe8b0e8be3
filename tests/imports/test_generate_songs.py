"""Audio that arrives in /Generate: from the file to a charted song in the library."""

import io
import time
import zipfile
from pathlib import Path

import pytest
import soundfile
from PIL import Image

from davproxy.errors import BadInput
from davproxy.formats import notes_chart, rules, song_ini
from davproxy.imports.generate_songs import audio_sets
from davproxy.model import JobState
from tests.charter.music import RATE, band, recording
from tests.imports.archives import zip_of
from tests.imports.conftest import House, wait_for

pytestmark = pytest.mark.slow

AUDIO = ("ogg", "mp3", "wav")


@pytest.fixture(scope="module")
def audio(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A quarter of a minute of a small band."""
    return recording(tmp_path_factory.mktemp("audio") / "take.ogg", bars=8).read_bytes()


def test_audio_becomes_a_song_and_is_removed(audio: bytes, home: House) -> None:
    job = home.run_import("/Generate/Some Band - Some Title.ogg", audio)
    assert job.state is JobState.DONE, job.error
    assert job.result is not None
    [made] = job.result["songs"]
    assert (made["title"], made["artist"]) == ("Some Title", "Some Band")
    assert made["chart"]["seconds"] == pytest.approx(home.library.songs.get(made["id"]).length / 1000, abs=0.1)
    heard = made["chart"]["seconds"] - made["chart"]["lead_in"]
    assert made["chart"]["beats"] == pytest.approx(made["chart"]["bpm"] / 60 * heard, rel=0.1)
    assert (made["chart"]["meter"], made["chart"]["remarks"]) == ("4/4", [])
    assert made["chart"]["confidence"] > 0.5
    assert made["chart"]["lead_in"] > 0
    tracks = (home.library.songs.get(made["id"]).chart or {})["tracks"]
    guitar = {track["difficulty"]: track["notes"] for track in tracks if track["instrument"] == "guitar"}
    assert made["chart"]["notes"] == guitar
    files = home.tree(made["path"])
    ini, notes = (home.library.tree.read(f"{made['path']}/{name}") for name in ("song.ini", "notes.chart"))
    assert rules.check_song(files, ini, notes) == []
    assert home.tree("/Generate") == {}
    assert home.leftovers() == []
    again = home.run_import("/Generate/Some Band - Some Title.ogg", audio)
    assert again.result is not None
    assert [(found["path"], found["id"]) for found in again.result["duplicates"]] == [(made["path"], made["id"])]


@pytest.mark.slow
def test_options_are_stored_beside_the_audio_and_applied(audio: bytes, home: House) -> None:
    art = io.BytesIO()
    Image.new("RGB", (900, 600), "red").save(art, "PNG")
    options = {
        "title": "Chosen",
        "artist": "Chooser",
        "year": "1999",
        "difficulties": ["expert", "easy"],
        "drums": False,
    }
    home.imports.prepare("/Generate/x.ogg", options | {"art": art.getvalue()})
    assert home.library.tree.stat("/Generate/x.ogg.options.json")
    job = home.run_import("/Generate/x.ogg", audio)
    assert job.state is JobState.DONE, job.error
    assert job.title == "Chart Chosen"
    assert job.result is not None
    assert set(job.result["songs"][0]["chart"]["notes"]) == {"expert", "easy"}
    path = job.result["songs"][0]["path"]
    assert path.startswith("/Songs/Chooser/Chosen_")
    pairs = song_ini.parse(home.library.tree.read(path + "/song.ini")).pairs
    assert (pairs["name"], pairs["year"]) == ("Chosen", "1999")
    chart = notes_chart.parse(home.library.tree.read(path + "/notes.chart"))
    assert {(track.instrument, track.difficulty) for track in chart.tracks} == {
        ("guitar", "expert"),
        ("guitar", "easy"),
    }
    with Image.open(io.BytesIO(home.library.tree.read(path + "/album.png"))) as shown:
        assert (shown.size, shown.getpixel((5, 5))) == ((512, 512), (255, 0, 0))
    assert home.tree("/Generate") == {}


def test_a_song_can_go_without_album_art(audio: bytes, home: House) -> None:
    home.imports.prepare("/Generate/x.ogg", {"cover": False})
    job = home.run_import("/Generate/x.ogg", audio)
    assert job.result is not None
    assert not [name for name in home.tree(job.result["songs"][0]["path"]) if name.startswith("album")]


@pytest.mark.parametrize(
    "options",
    [
        {"titel": "x"},
        {"with_lyrics": 3},
        {"difficulties": ["extreme"]},
        {"art": b"no picture"},
        {"drums": "maybe"},
        {"cover": 3},
    ],
)
def test_a_wrong_option_is_named(options: dict[str, object], home: House) -> None:
    with pytest.raises(BadInput, match=r"titel|difficulties|picture|drums|cover|with_lyrics"):
        home.imports.prepare("/Generate/x.ogg", options)
    assert home.tree("/Generate") == {}


def test_options_for_audio_that_never_came_are_removed(home: House) -> None:
    home.imports.prepare("/Generate/never.ogg", {"title": "Never"})
    home.imports.prepare("/Generate/soon.ogg", {"title": "Soon"})
    home.library.tree.set_modified("/Generate/never.ogg.options.json", time.time() - 7 * 3600)
    home.imports.recover()
    assert set(home.tree("/Generate")) == {"soon.ogg.options.json"}


@pytest.mark.slow
def test_a_folder_of_stems_is_one_song(tmp_path: Path, home: House) -> None:
    for stem, samples in band(128.0, 8).items():
        soundfile.write(tmp_path / f"{stem}.ogg", samples, RATE)
    home.put_folder("/Generate/Band - Title", {file.name: file.read_bytes() for file in tmp_path.glob("*.ogg")})
    wait_for(home, "/Generate/Band - Title")
    job = home.imports.job_for("/Generate/Band - Title")
    assert job is not None
    assert job.state is JobState.DONE, job.error
    assert job.result is not None
    [made] = job.result["songs"]
    assert (made["title"], made["artist"]) == ("Title", "Band")
    assert {"guitar.ogg", "drums.ogg"} <= {name.replace(".opus", ".ogg") for name in home.tree(made["path"])}
    assert home.tree("/Generate") == {}


@pytest.mark.slow
def test_an_archive_of_recordings_becomes_as_many_songs(audio: bytes, home: House) -> None:
    content = zip_of({"a/One.ogg": audio, "a/readme.txt": b"x", "b/broken.mp3": b"none"}, method=zipfile.ZIP_STORED)
    job = home.run_import("/Generate/album.zip", content)
    assert job.state is JobState.DONE, job.error
    assert job.result is not None
    assert [made["title"] for made in job.result["songs"]] == ["One"]
    assert [left["path"] for left in job.result["failed"]] == ["b/broken.mp3"]
    assert [left["path"] for left in job.result["skipped"]] == ["a/readme.txt"]
    assert set(home.tree("/Generate")) == {"album.zip", "album.zip.error.txt"}


def test_what_cannot_be_charted_stays_with_the_reason(home: House) -> None:
    job = home.run_import("/Generate/noise.mp3", b"this is no audio at all" * 100)
    assert job.state is JobState.FAILED
    assert set(home.tree("/Generate")) == {"noise.mp3", "noise.mp3.error.txt"}
    assert str(job.error) in home.library.tree.read("/Generate/noise.mp3.error.txt").decode()
    assert home.leftovers() == []


def test_tags_are_read_without_storing_anything(audio: bytes, home: House) -> None:
    assert home.imports.read_tags("Some Band - Some Title.ogg", audio[:4000])["artist"] == "Some Band"
    assert home.leftovers() == []


@pytest.mark.parametrize(
    ("files", "sets"),
    [
        (["x.ogg"], [["x.ogg"]]),
        (["a/guitar.ogg", "a/Drums.OGG", "a/song.ini"], [["a/guitar.ogg", "a/Drums.OGG"]]),
        (["a/guitar.ogg", "a/other.ogg"], [["a/guitar.ogg", "a/other.ogg"]]),
        (["a/guitar.ogg", "a/take 2.ogg"], [["a/guitar.ogg"], ["a/take 2.ogg"]]),
        (
            ["a/X - Guitar.wav", "a/X - Drums.wav", "a/Y - Bass.wav"],
            [["a/X - Guitar.wav", "a/X - Drums.wav"], ["a/Y - Bass.wav"]],
        ),
        (["a/song.ogg", "b/song.ogg", "notes.txt"], [["a/song.ogg"], ["b/song.ogg"]]),
    ],
)
def test_which_files_are_one_song(files: list[str], sets: list[list[str]]) -> None:
    assert audio_sets(files, AUDIO) == sets
