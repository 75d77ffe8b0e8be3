"""What files are, by name and by content."""

import gzip
import hashlib
import io
import lzma
import tarfile
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from davproxy.formats.identify import (
    ARCHIVES,
    SNIFF_BYTES,
    STEMS,
    Content,
    FileKind,
    content,
    file_kind,
    identity,
    is_playable,
    is_song,
    notes_file,
    split,
)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("notes.chart", FileKind.NOTES),
        ("Notes.MID", FileKind.NOTES),
        ("song.ini", FileKind.INI),
        ("song.ogg", FileKind.AUDIO),
        ("drums_4.opus", FileKind.AUDIO),
        ("other.ogg", FileKind.OTHER),
        ("song.flac", FileKind.OTHER),
        ("album.jpg", FileKind.ART),
        ("background.png", FileKind.BACKGROUND),
        ("highway.png", FileKind.HIGHWAY),
        ("video.webm", FileKind.VIDEO),
        ("notes", FileKind.OTHER),
        (".ogg", FileKind.OTHER),
    ],
)
def test_files_are_known_by_name(name: str, kind: FileKind) -> None:
    assert file_kind(name) is kind


@pytest.mark.parametrize(
    ("names", "song"),
    [
        (["song.ini"], True),
        (["notes.chart", "song.ogg"], True),
        (["notes.chart"], False),
        (["song.ogg", "readme.txt"], False),
        ([], False),
    ],
)
def test_a_song_has_an_ini_or_notes_and_audio(names: list[str], song: bool) -> None:
    assert is_song(names) is song


@pytest.mark.parametrize(
    ("sizes", "found"),
    [
        ({"notes.chart": 9, "notes.mid": 9}, "notes.mid"),
        ({"notes.chart": 9, "Notes.mid": 9}, "notes.chart"),
        ({"NOTES.CHART": 9}, "NOTES.CHART"),
        ({"notes.chart": 9, "notes.mid": 0}, "notes.chart"),
        ({"Notes.chart": 9, "notes.chart": 0}, "Notes.chart"),
        ({"notes.chart": 0, "notes.mid": 0}, "notes.mid"),
        ({"song.ogg": 9}, None),
    ],
)
def test_games_prefer_notes_mid_and_the_right_case(sizes: dict[str, int], found: str | None) -> None:
    assert notes_file(sizes) == found


@pytest.mark.parametrize(
    ("names", "playable"),
    [
        (["notes.chart", "song.ini"], True),
        (["Notes.MID", "Song.OGG"], True),
        (["song.ini", "song.ogg"], False),
        (["notes.chart", "album.png"], False),
    ],
)
def test_a_song_that_can_be_played_has_notes(names: list[str], playable: bool) -> None:
    assert is_playable(names) is playable


def tar() -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("song.ini"))
    return file.getvalue()


def zipped() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("song.ini", "")
    return file.getvalue()


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (zipped(), Content.ZIP),
        (tar(), Content.TAR),
        (gzip.compress(b"x"), Content.GZIP),
        (lzma.compress(b"x"), Content.XZ),
        (b"Rar!\x1a\x07\x01\x00", Content.RAR),
        (b"RIFF\0\0\0\0WAVEfmt ", Content.WAV),
        (b"RIFF\0\0\0\0AVI LIST", Content.AVI),
        (b"\xff\xfb\x90\x00", Content.MP3),
        (b"\xff\xf1\x50\x80", Content.UNKNOWN),
        (b"\xff\xd8\xff\xe0", Content.JPEG),
        (b"\0\0\0\x20ftypM4A ", Content.MP4),
        (b"[song]", Content.UNKNOWN),
        (b"", Content.UNKNOWN),
    ],
    ids=lambda value: value.name if isinstance(value, Content) else "",
)
def test_contents_are_known_whatever_the_name(data: bytes, kind: Content) -> None:
    assert content(data) is kind


@given(st.binary(max_size=600))
def test_any_bytes_are_some_content_by_their_start(data: bytes) -> None:
    assert content(data) is content(data[:SNIFF_BYTES])


@given(st.text(max_size=20), st.sampled_from(["", "notes.", "song.", "album.", ".ogg", ".mid"]), st.booleans())
def test_any_name_is_of_a_kind_that_its_case_does_not_change(text: str, known: str, before: bool) -> None:
    name = known + text if before else text + known
    stem, extension = split(name)
    assert name.lower() in (stem, f"{stem}.{extension}")
    if name.isascii():
        assert file_kind(name) is file_kind(name.upper())


def test_archives_are_what_holds_songs() -> None:
    assert Content.RAR in ARCHIVES
    assert Content.OGG not in ARCHIVES


def test_the_identity_is_the_md5_of_the_notes_as_they_are() -> None:
    assert identity(b"notes") == hashlib.md5(b"notes").hexdigest()


def test_stems_are_lower_case() -> None:
    assert [stem.lower() for stem in STEMS] == list(STEMS)
