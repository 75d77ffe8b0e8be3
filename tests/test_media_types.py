"""Media types by file name."""

import pytest

from davproxy.formats import identify
from davproxy.media_types import UNKNOWN, media_type


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/Songs/A/song.ini", "text/plain; charset=utf-8"),
        ("notes.chart", "text/plain; charset=utf-8"),
        ("notes.mid", "audio/midi"),
        ("Song.OGG", "audio/ogg"),
        ("song.opus", "audio/ogg"),
        ("song.mp3", "audio/mpeg"),
        ("song.wav", "audio/wav"),
        ("album.jpg", "image/jpeg"),
        ("album.png", "image/png"),
        ("video.webm", "video/webm"),
        ("pack.zip", "application/zip"),
        ("one.sng", UNKNOWN),
        ("README", UNKNOWN),
        ("/Songs/v1.0/README", UNKNOWN),
        ("", UNKNOWN),
        ("name.", UNKNOWN),
        ("what.is a type?", UNKNOWN),
    ],
)
def test_the_extension_decides(path: str, expected: str) -> None:
    assert media_type(path) == expected


@pytest.mark.parametrize("extension", [*identify.AUDIO_EXTENSIONS, *identify.IMAGE_EXTENSIONS])
def test_every_kind_of_audio_and_picture_in_a_song_has_one(extension: str) -> None:
    assert media_type(f"song.{extension}").partition("/")[0] in ("audio", "image")
