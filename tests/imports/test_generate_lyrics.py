"""Lyrics of audio that arrives in /Generate: which of them are in its chart, and which files stay."""

import zipfile
from pathlib import Path

import pytest

from davproxy.coordination import InProcess
from davproxy.formats import notes_chart
from davproxy.imports.claim import Changed
from davproxy.imports.generate_songs import generate_songs
from davproxy.imports.lyrics_beside import ALONE, LyricsBeside
from davproxy.jobs import Run
from davproxy.library.unlisted_etags import in_doubt
from davproxy.model import Job, JobState
from davproxy.shared_records import SharedRecords
from tests.charter.music import recording
from tests.imports.archives import zip_of
from tests.imports.conftest import House, house
from tests.imports.remotes import open_folder
from tests.waiting import wait_until

pytestmark = pytest.mark.slow

AUDIO = ("ogg", "mp3", "wav")


@pytest.fixture(scope="module")
def audio(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A quarter of a minute of a small band."""
    return recording(tmp_path_factory.mktemp("audio") / "take.ogg", bars=8).read_bytes()


LRC = b"[00:03.00]Hear the band\n[00:06.00]play"
WORDS = ["Hear", "the", "band", "play"]


def sung(home: House, path: str) -> list[str]:
    """The words of the song at `path` in the library."""
    chart = notes_chart.parse(home.library.tree.read(f"{path}/notes.chart"))
    return [event.text for event in chart.lyrics]


@pytest.mark.parametrize("order", [("x.lrc", "x.ogg"), ("x.ogg", "x.lrc")])
def test_lyrics_beside_audio_are_in_its_chart_in_whatever_order_they_come(
    order: tuple[str, str], audio: bytes, home: House
) -> None:
    content = {"x.lrc": LRC, "x.ogg": audio}
    for name in order:
        home.put(f"/Generate/{name}", content[name])
    wait_until(lambda: home.tree("/Generate") == {})
    assert home.jobs.wait_until_idle(30)
    job = home.imports.job_for("/Generate/x.ogg")
    assert job is not None
    assert job.result is not None
    assert sung(home, job.result["songs"][0]["path"]) == WORDS
    assert home.library.songs.get(job.result["songs"][0]["id"]).has_lyrics


def test_lyrics_that_come_while_audio_is_charted_are_noticed(tmp_path: Path, home: House) -> None:
    home.run_import("/Generate/x.ogg", b"no audio, so it stays")
    beside = LyricsBeside(home.library, home.library.tree.stat("/Generate/x.ogg"), AUDIO)
    beside.fetch(tmp_path)
    assert not beside.changed()
    home.put("/Generate/x.lrc", LRC)
    assert beside.changed() == {"x.lrc"}
    beside.fetch(tmp_path)
    assert not beside.changed()
    assert (tmp_path / "x.lrc").read_bytes() == LRC


def test_audio_goes_on_without_lyrics_that_were_deleted_elsewhere(audio: bytes, home: House) -> None:
    home.put("/Generate/x.lrc", LRC)
    home.remote.delete("/Generate/x.lrc")
    job = home.run_import("/Generate/x.ogg", audio)
    assert job.state is JobState.DONE, job.error
    assert job.result is not None
    assert job.result["songs"][0]["chart"]["remarks"] == []
    assert sung(home, job.result["songs"][0]["path"]) == []
    assert home.tree("/Generate") == {}


def test_lyrics_whose_recording_came_are_not_called_alone(home: House) -> None:
    home.put("/Generate/x.lrc", LRC)
    note = "/Generate/x.lrc.error.txt"
    wait_until(lambda: home.library.tree.find(note) is not None)
    home.run_import("/Generate/x.ogg", b"no audio, so it stays")
    assert home.library.tree.find(note) is None


def test_lyrics_in_doubt_that_stayed_as_they_were_have_not_changed(tmp_path: Path, home: House) -> None:
    home.put_folder("/Generate", {"x.ogg": b"no audio", "x.lrc": LRC})
    beside = LyricsBeside(home.library, home.library.tree.stat("/Generate/x.ogg"), AUDIO)
    beside.fetch(tmp_path)
    home.index.entries.put([in_doubt(home.library.tree.stat("/Generate/x.lrc"))])
    assert not beside.changed()


def test_lyrics_alone_wait_and_say_so(audio: bytes, home: House) -> None:
    home.put("/Generate/x.lrc", LRC)
    note = "/Generate/x.lrc.error.txt"
    wait_until(lambda: home.library.tree.find(note) is not None)
    assert ALONE in home.library.tree.read(note).decode()
    job = home.run_import("/Generate/x.ogg", audio)
    assert job.result is not None
    assert sung(home, job.result["songs"][0]["path"]) == WORDS
    assert home.tree("/Generate") == {}


def test_text_without_times_stays_where_it_is(audio: bytes, home: House) -> None:
    home.put("/Generate/x.txt", b"Hear the band\nplay")
    job = home.run_import("/Generate/x.ogg", audio)
    assert job.result is not None
    assert "x.txt: No line in it has a time" in job.result["songs"][0]["chart"]["remarks"][0]
    assert home.tree("/Generate").keys() == {"x.txt"}


def test_each_recording_of_an_archive_has_its_own_lyrics(audio: bytes, tmp_path: Path, home: House) -> None:
    other = recording(tmp_path / "other.ogg", bpm=120.0, bars=8).read_bytes()
    files = {"a/One.ogg": audio, "a/One.lrc": LRC, "b/Two.ogg": other, "b/words.lrc": LRC, "c/lone.lrc": LRC}
    job = home.run_import("/Generate/album.zip", zip_of(files, method=zipfile.ZIP_STORED))
    assert job.state is JobState.DONE, job.error
    assert job.result is not None
    assert [sung(home, made["path"]) for made in job.result["songs"]] == [WORDS, WORDS]
    assert [left["path"] for left in job.result["skipped"]] == ["c/lone.lrc"]
    assert home.tree("/Generate") == {}


def test_lyrics_of_options_go_before_those_beside_and_can_be_declined(audio: bytes, home: House) -> None:
    home.put("/Generate/x.lrc", LRC)
    home.imports.prepare("/Generate/x.ogg", {"lyrics": "[00:04.00]Chosen words"})
    job = home.run_import("/Generate/x.ogg", audio)
    assert job.result is not None
    assert sung(home, job.result["songs"][0]["path"]) == ["Chosen", "words"]
    assert home.tree("/Generate").keys() == {"x.lrc"}, "nothing of it is in the chart"
    home.put("/Generate/y.lrc", LRC)
    home.imports.prepare("/Generate/y.ogg", {"with_lyrics": False})
    job = home.run_import("/Generate/y.ogg", audio)
    assert job.result is not None
    assert sung(home, job.result["songs"][0]["path"]) == []
    assert "y.lrc" in home.tree("/Generate")


def test_lyrics_that_all_come_after_the_recording_stay(audio: bytes, home: House) -> None:
    home.put("/Generate/x.lrc", b"[10:00.00]Far too late")
    job = home.run_import("/Generate/x.ogg", audio)
    assert job.state is JobState.DONE, job.error
    assert home.tree("/Generate").keys() == {"x.lrc"}


@pytest.mark.parametrize("name", ["x.lrc", "y.lrc"])
def test_a_folder_whose_lyrics_change_while_it_is_charted_is_charted_again(
    name: str, audio: bytes, tmp_path: Path
) -> None:
    with house(tmp_path, open_folder(tmp_path), debounce_seconds=600) as home:
        home.put_folder("/Generate/Band", {"x.ogg": audio, "x.lrc": LRC})

        def store(job: Job) -> Job:
            if job.step == "decode":
                home.put(f"/Generate/Band/{name}", b"[00:04.00]Corrected words")
            return job

        run = Run(Job("1", "generate", ""), store, SharedRecords(home.index.jobs, InProcess()))
        with pytest.raises(Changed):
            generate_songs(run, home.library.tree.stat("/Generate/Band"), home.settings, home.library)
        assert home.tree("/Generate").keys() == {f"Band/{each}" for each in {"x.ogg", "x.lrc", name}}
        assert home.tree("/Songs") == {}
