"""Rules for the files of a song."""

import pytest

from davproxy.formats.rules import folder
from davproxy.formats.rules.problem import Severity
from tests.formats.rules.songs import FILES

REFUSED, ERROR, WARNING = Severity.REFUSED, Severity.ERROR, Severity.WARNING


def without(*names: str) -> dict[str, int]:
    return {name: size for name, size in FILES.items() if name not in names}


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        (FILES, []),
        (FILES | {"readme.txt": 5}, []),
        (without("song.ini"), [("noMetadata", ERROR)]),
        (without("song.ini", "notes.chart") | {"notes.mid": 9}, [("noMetadata", REFUSED)]),
        (FILES | {"desktop.ini": 5, "Thumbs.db": 5, "._song.ogg": 5}, []),
        (FILES | {"other.ini": 5}, [("invalidIni", WARNING), ("multipleIniFiles", WARNING)]),
        (without("notes.chart"), [("noChart", REFUSED)]),
        (without("notes.chart") | {"Notes.chart": 9}, [("invalidChart", WARNING), ("noChart", REFUSED)]),
        (without("notes.chart") | {"song.chart": 9}, [("invalidChart", WARNING), ("noChart", REFUSED)]),
        (FILES | {"Notes.chart": 9}, [("nameClash", REFUSED), ("invalidChart", WARNING)]),
        (FILES | {"notes.mid": 9}, [("multipleChart", WARNING)]),
        (FILES | {"notes.chart": 0}, [("badChart", REFUSED)]),
        (FILES | {"notes.mid": 0}, [("multipleChart", WARNING), ("badChart", REFUSED)]),
        (FILES | {"notes.mid": 9, "notes.chart": 0}, [("multipleChart", WARNING), ("badChart", WARNING)]),
        (FILES | {"extras/notes.mid": 0, "extras/Song.flac": 5, "extras/album.png": 0}, []),
        (without("song.ogg"), [("noAudio", REFUSED)]),
        (without("song.ogg") | {"preview.ogg": 9, "crowd.ogg": 9}, [("noAudio", REFUSED)]),
        (without("song.ogg") | {"Song.ogg": 9}, [("invalidAudio", WARNING), ("noAudio", REFUSED)]),
        (without("song.ogg") | {"music.mp3": 9}, [("invalidAudio", WARNING), ("noAudio", REFUSED)]),
        (without("song.ogg") | {"song.flac": 9}, [("invalidAudio", WARNING), ("noAudio", REFUSED)]),
        (FILES | {"song.ogg": 0}, [("badAudio", ERROR), ("noAudio", REFUSED)]),
        (FILES | {"guitar.ogg": 0}, [("badAudio", ERROR)]),
        (FILES | {"song.mp3": 9}, [("multipleAudio", WARNING)]),
        (without("album.jpg"), [("noAlbumArt", WARNING)]),
        (FILES | {"album.png": 9}, [("multipleAlbumArt", WARNING)]),
        (FILES | {"album.jpg": 0}, [("badAlbumArt", WARNING)]),
        (FILES | {"video.webm": 9}, []),
        (FILES | {"video.mp4": 9}, [("badVideo", WARNING)]),
        (FILES | {"video.webm": 9, "video.ogv": 9}, [("multipleVideo", WARNING)]),
    ],
)
def test_files_are_judged(files: dict[str, int], expected: list[tuple[str, Severity]]) -> None:
    assert [(problem.code, problem.severity) for problem in folder.check(files, packed=False)] == expected


def test_a_packed_song_needs_no_song_ini() -> None:
    assert folder.check(without("song.ini"), packed=True) == []


def test_names_in_a_packed_song_may_be_in_capitals() -> None:
    assert folder.check({"Notes.Chart": 9, "SONG.OGG": 9, "Album.PNG": 9}, packed=True) == []
    (problem,) = folder.check(FILES | {"Notes.Chart": 9}, packed=True)
    assert (problem.code, problem.severity) == ("nameClash", REFUSED)


def test_a_path_too_long_for_windows_is_refused() -> None:
    assert folder.check(FILES, packed=False, path="/Songs/" + "x" * 230) == []
    (problem,) = folder.check(FILES, packed=False, path="/Songs/" + "x" * 245)
    assert (problem.code, problem.severity) == ("pathTooLong", REFUSED)
