"""What files are: by name inside a song folder, by content anywhere; and the identity of a song.

Names of files are those that Clone Hero reads, as github.com/Geomitron/scan-chart checks them.
"""

import hashlib
from collections.abc import Iterable, Mapping
from enum import StrEnum
from functools import lru_cache

MID_NAME, CHART_NAME = "notes.mid", "notes.chart"
NOTES_NAMES = (MID_NAME, CHART_NAME)
"""Notes files. Where both exist, games read the first."""
INI_NAME = "song.ini"
AUDIO_EXTENSIONS = ("ogg", "mp3", "wav", "opus")
"""Audio that Clone Hero plays on every system."""
OTHER_AUDIO_EXTENSIONS = ("flac", "m4a", "aac", "wma", "aiff", "aif")
"""Audio that no game plays."""
STEMS = (
    "song", "guitar", "bass", "rhythm", "keys", "vocals", "vocals_1", "vocals_2", "drums", "drums_1", "drums_2",
    "drums_3", "drums_4", "crowd", "preview",
)  # fmt: skip
"""Names of audio files, without extension."""
NO_MUSIC_STEMS = ("crowd", "preview")
"""Stems that alone do not make a song playable."""
IMAGE_EXTENSIONS = ("jpg", "jpeg", "png")
ART_NAMES = tuple(f"album.{extension}" for extension in IMAGE_EXTENSIONS)
VIDEO_EXTENSIONS = ("mp4", "avi", "webm", "vp8", "ogv", "mpeg")
LINUX_VIDEO_EXTENSIONS = ("webm", "vp8", "ogv")
"""Those of VIDEO_EXTENSIONS that the games also play on Linux."""


class FileKind(StrEnum):
    """The use of a file in a song folder."""

    NOTES = "notes"
    INI = "ini"
    AUDIO = "audio"
    ART = "art"
    VIDEO = "video"
    BACKGROUND = "background"
    HIGHWAY = "highway"
    OTHER = "other"


class Content(StrEnum):
    """The type of a file's content."""

    ZIP = "zip"
    RAR = "rar"
    SEVEN_ZIP = "7z"
    TAR = "tar"
    GZIP = "gz"
    BZIP2 = "bz2"
    XZ = "xz"
    ZSTD = "zst"
    SNG = "sng"
    MIDI = "mid"
    OGG = "ogg"
    MP3 = "mp3"
    WAV = "wav"
    FLAC = "flac"
    AIFF = "aiff"
    MP4 = "mp4"
    MATROSKA = "webm"
    AVI = "avi"
    PNG = "png"
    JPEG = "jpeg"
    UNKNOWN = ""


_SIGNATURES = (
    (0, b"PK\x03\x04", Content.ZIP),
    (0, b"PK\x05\x06", Content.ZIP),
    (0, b"PK\x07\x08", Content.ZIP),
    (0, b"Rar!\x1a\x07", Content.RAR),
    (0, b"7z\xbc\xaf\x27\x1c", Content.SEVEN_ZIP),
    (0, b"\x1f\x8b", Content.GZIP),
    (0, b"BZh", Content.BZIP2),
    (0, b"\xfd7zXZ\x00", Content.XZ),
    (0, b"\x28\xb5\x2f\xfd", Content.ZSTD),
    (0, b"SNGPKG", Content.SNG),
    (0, b"MThd", Content.MIDI),
    (0, b"OggS", Content.OGG),
    (0, b"ID3", Content.MP3),
    (8, b"WAVE", Content.WAV),
    (8, b"AVI ", Content.AVI),
    (0, b"fLaC", Content.FLAC),
    (8, b"AIFF", Content.AIFF),
    (8, b"AIFC", Content.AIFF),
    (4, b"ftyp", Content.MP4),
    (0, b"\x1a\x45\xdf\xa3", Content.MATROSKA),
    (0, b"\x89PNG\r\n\x1a\n", Content.PNG),
    (0, b"\xff\xd8\xff", Content.JPEG),
    (257, b"ustar", Content.TAR),
)
_EXTENSIONS = {
    Content.MP3: "mp3", Content.WAV: "wav", Content.PNG: "png", Content.JPEG: "jpg", Content.MP4: "mp4",
    Content.AVI: "avi",
}  # fmt: skip
SNIFF_BYTES = 512
"""How many bytes of a file's start `content` needs."""
ARCHIVES = frozenset(
    {Content.ZIP, Content.RAR, Content.SEVEN_ZIP, Content.TAR, Content.GZIP, Content.BZIP2, Content.XZ, Content.ZSTD}
    | {Content.SNG}
)
"""Types of content that can hold songs."""


@lru_cache(maxsize=4096)
def split(name: str) -> tuple[str, str]:
    """(stem, extension) of a file name in lower case, the extension without the dot."""
    stem, dot, extension = name.lower().rpartition(".")
    return (stem, extension) if dot else (extension, "")


@lru_cache(maxsize=4096)
def file_kind(name: str) -> FileKind:
    """The use of a file called `name`, in any case."""
    stem, extension = split(name)
    if name.lower() in NOTES_NAMES:
        return FileKind.NOTES
    if name.lower() == INI_NAME:
        return FileKind.INI
    if extension in AUDIO_EXTENSIONS and stem in STEMS:
        return FileKind.AUDIO
    if extension in IMAGE_EXTENSIONS and stem in ("album", "background", "highway"):
        return FileKind.ART if stem == "album" else FileKind(stem)
    if extension in VIDEO_EXTENSIONS and stem == "video":
        return FileKind.VIDEO
    return FileKind.OTHER


def is_song(names: Iterable[str]) -> bool:
    """Whether a folder with files of these names is a song: it has a song.ini, or notes and audio."""
    kinds = {file_kind(name) for name in names}
    return FileKind.INI in kinds or {FileKind.NOTES, FileKind.AUDIO} <= kinds


def is_music(name: str) -> bool:
    """Whether a file called `name` is audio that can make a song playable, in any case."""
    return file_kind(name) is FileKind.AUDIO and split(name)[0] not in NO_MUSIC_STEMS


def is_playable(names: Iterable[str]) -> bool:
    """Whether a folder with files of these names has notes, and a song.ini or audio that makes it a song."""
    kinds = {file_kind(name) for name in names}
    return FileKind.NOTES in kinds and bool(kinds & {FileKind.INI, FileKind.AUDIO})


def notes_file(sizes: Mapping[str, int]) -> str | None:
    """The file with a song's notes, of files name to size in bytes.

    A file with content comes before an empty one, a lower-case name before others, notes.mid before notes.chart.
    """

    def rank(name: str) -> tuple[bool, bool, int]:
        return sizes[name] == 0, name not in NOTES_NAMES, NOTES_NAMES.index(name.lower())

    return min((name for name in sizes if name.lower() in NOTES_NAMES), key=rank, default=None)


def content(start: bytes) -> Content:
    """The type of a file that starts with these SNIFF_BYTES."""
    for offset, signature, kind in _SIGNATURES:
        if start.startswith(signature, offset):
            return kind
    if len(start) > 1 and start[0] == 0xFF and start[1] & 0xE0 == 0xE0 and start[1] & 0x06:
        return Content.MP3  # an MPEG audio frame without tags; layer 0 is AAC
    return Content.TAR if _is_old_tar(start) else Content.UNKNOWN


def extension_of(start: bytes) -> str:
    """The extension, without the dot, of the audio, picture or video that starts with these SNIFF_BYTES, as games use
    it; empty where no game plays or shows such a file, or where it is not sure."""
    kind, head = content(start), start[:64]
    if kind is Content.OGG:
        return "opus" if b"OpusHead" in head else "ogg" if b"\x01vorbis" in head else ""
    if kind is Content.MATROSKA:
        return "webm" if b"webm" in head else ""
    return _EXTENSIONS.get(kind, "")


def _is_old_tar(start: bytes) -> bool:
    """Whether this is the header of a tar without a signature: with its checksum, which counts itself as blanks."""
    checksum = start[148:156].strip(b" \0")
    if len(start) < SNIFF_BYTES or not checksum or checksum.strip(b"01234567"):
        return False
    return int(checksum, 8) == sum(start[:148]) + 8 * 32 + sum(start[156:SNIFF_BYTES])


def sha1(notes: bytes) -> str:
    """The id by which YARG knows a song: the SHA-1 of the raw notes file, 40 hex digits in lower case."""
    return hashlib.sha1(notes, usedforsecurity=False).hexdigest()


def identity(notes: bytes) -> str:
    """The id by which Clone Hero stores scores: the MD5 of the raw notes file, 32 hex digits in lower case."""
    return hashlib.md5(notes, usedforsecurity=False).hexdigest()
