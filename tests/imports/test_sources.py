"""Which files and folders are sources, and that their jobs are queued with the change that brings them."""

from pathlib import Path

import pytest

from davproxy.imports.imports import Imports
from davproxy.imports.sources import Sources
from davproxy.index import Index
from davproxy.jobs import Jobs
from davproxy.library import Cache, Library
from davproxy.model import Entry, JobState
from davproxy.remote.local.folder import Folder
from davproxy.settings import Settings
from tests.imports.conftest import House, song


@pytest.mark.parametrize(
    "path",
    [
        "/Drop/pack.zip", "/Drop/no extension", "/Drop/song.sng",
        "/Songs/pack.rar", "/Songs/Artist/pack.ZIP", "/Backgrounds/pack.zip", "/Colors/pack.7z", "/Highways/x/pack.tgz",
        "/Generate/take.mp3", "/Generate/album.zip",
    ],
)  # fmt: skip
def test_a_file_is_a_source_by_its_folder_and_extension(path: str, home: House) -> None:
    assert Sources(home.settings, home.library).is_source(Entry(path, is_folder=False, size=1))


@pytest.mark.parametrize(
    "path",
    [
        "/Drop/pack.zip.part", "/Drop/a.crdownload", "/Drop/pack.zip.error.txt", "/Drop/.DS_Store", "/Drop/._pack.zip",
        "/Drop/Folder/song.ogg", "/Drop/Pack/inner.7z", "/Drop/Pack/song.sng",
        "/Songs/Artist/song.sng", "/Songs/A/notes.chart", "/Backgrounds/image.png",
        "/Generate/take.ogg.options.json", "/Generate/Stems/drums.ogg", "/Generate/readme.txt", "/Generate/song.sng",
        "/Setlists/pack.zip", "/Scores/pack.zip",
    ],
)  # fmt: skip
def test_other_files_are_no_sources(path: str, home: House) -> None:
    assert not Sources(home.settings, home.library).is_source(Entry(path, is_folder=False, size=1))


@pytest.mark.parametrize(
    ("path", "is_lyrics"),
    [("/Generate/x.LRC", True), ("/Generate/._x.lrc", False), ("/Generate/x.txt", False), ("/Generate/a/x.lrc", False)],
)
def test_which_files_are_lyrics_that_wait(path: str, is_lyrics: bool, home: House) -> None:
    assert Sources(home.settings, home.library).is_lyrics(Entry(path, is_folder=False, size=1)) == is_lyrics


def test_empty_files_and_folders_are_no_source_files(home: House) -> None:
    sources = Sources(home.settings, home.library)
    assert not sources.is_source(Entry("/Drop/pack.zip", is_folder=False, size=0))
    assert not sources.is_source(Entry("/Drop/pack.zip", is_folder=True))


def test_an_archive_inside_a_song_is_no_source(home: House) -> None:
    home.put_folder("/Songs/The Testers/One", song("One"))
    archive = Entry("/Songs/The Testers/One/extras/more.zip", is_folder=False, size=1)
    assert not Sources(home.settings, home.library).is_source(archive)


@pytest.mark.parametrize(
    ("path", "is_folder", "folder"),
    [
        ("/Drop/Folder", True, "/Drop/Folder"),
        ("/Drop/Folder/deep/song.ini", False, "/Drop/Folder"),
        ("/Drop/Folder/pack.zip", False, "/Drop/Folder"),
        ("/Generate/Stems/drums.ogg", False, "/Generate/Stems"),
        ("/Drop/file.txt", False, None),
        ("/Drop/Folder/.DS_Store", False, None),
        ("/Songs/Folder", True, None),
    ],
)
def test_the_folder_that_may_be_a_source_as_a_whole(
    path: str, is_folder: bool, folder: str | None, home: House
) -> None:
    assert Sources(home.settings, home.library).folder_of(Entry(path, is_folder=is_folder, size=1)) == folder


@pytest.mark.parametrize(
    ("files", "complete"),
    [
        ({"song.ini": b"x", "notes.chart": b"x", "song.ogg": b"x"}, True),
        ({"deep/er/notes.mid": b"x", "deep/er/guitar.opus": b"x"}, True),
        ({"pack.ZIP": b"x"}, True),
        ({"song.ini": b"x", "notes.chart": b"x"}, False),
        ({"song.ini": b"x", "notes.chart": b"x", "song.ogg": b""}, False),
        ({"one.chart": b"x", "one.ogg": b"x"}, False),
        ({"readme.txt": b"x", "._junk": b"x"}, False),
    ],
)
def test_a_folder_is_a_source_with_any_file_and_complete_with_a_song(
    files: dict[str, bytes], complete: bool, home: House
) -> None:
    home.imports.close()
    home.put_folder("/Drop/Folder", files)
    sources = Sources(home.settings, home.library)
    assert sources.is_source_folder("/Drop/Folder")
    assert sources.is_complete("/Drop/Folder") is complete


def test_a_folder_with_nothing_but_junk_is_no_source(home: House) -> None:
    home.put_folder("/Drop/Folder", {".DS_Store": b"x", "deep/._x": b"x"})
    assert not Sources(home.settings, home.library).is_source_folder("/Drop/Folder")


def test_the_job_is_queued_before_the_write_returns(tmp_path: Path) -> None:
    settings = Settings.read({"TEMP_DIR": str(tmp_path / "temp")}, tmp_path / "none")
    remote, index = Folder(tmp_path / "remote", settings.folders), Index(tmp_path / "index.db")
    remote.connect()
    library = Library(remote, index, Cache(tmp_path / "cache", 1 << 20), settings.upload_limit)
    library.updates.mark_complete()
    imports = Imports(settings, library, Jobs(index))  # jobs that are never started, so nothing runs
    imports.attach()
    library.tree.write("/Drop/pack.zip", b"anything")
    job = imports.job_for("/Drop/pack.zip")
    assert job is not None
    assert (job.kind, job.state) == ("import", JobState.WAITING)
    imports.close()
    index.close()
    remote.close()
