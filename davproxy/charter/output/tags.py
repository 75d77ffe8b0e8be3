"""The tags and the cover of audio files; missing tags come from the file name."""

import base64
import re
import struct
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import mutagen
from mutagen.flac import Picture
from mutagen.id3 import ID3

from davproxy.charter.output import info_list
from davproxy.charter.output.encodings import decode_tags
from davproxy.formats import lrc

BROKEN = (mutagen.MutagenError, OSError, ValueError, LookupError, EOFError, struct.error)
FRAMES = {"title": "TIT2", "artist": "TPE1", "album": "TALB", "genre": "TCON", "date": "TDRC", "tracknumber": "TRCK"}
"""The frame of ID3 by the name of a text."""
TEXTS = tuple(FRAMES)
LYRICS = ("lyrics", "syncedlyrics", "unsyncedlyrics", "\xa9lyr")
"""Names of lyrics in Vorbis comments and MP4."""

DECORATION = re.compile(
    r"\s*[(\[](?:(?:the\s+)?(?:official|lyrics?|music|audio|visuali[sz]er|hd|hq|uhd|4k|full|with|video|clip|\d{3,4}p)\b"
    r"[\s/|,-]*)+[)\]]"
    r"|\s*\[(?=[^\]]*(?:[\d_-]|(?-i:[a-z][A-Z])))[\w-]{11}\]$"
    r"|\s+(?:hd|hq|uhd|4k|\d{3,4}p)$",
    re.IGNORECASE,
)
"""Additions of downloads to a title: "(Official Video)", the id of a video in brackets, "4K"."""


@dataclass(frozen=True)
class Tags:
    """The tags of a song. Each but the title may be empty. `cover` are the bytes of a picture, `lyrics` have lines."""

    title: str
    artist: str = ""
    album: str = ""
    genre: str = ""
    year: str = ""
    track: str = ""
    cover: bytes = b""
    lyrics: str = ""


def read(sources: Sequence[Path], name: str) -> Tags:
    """Each tag from the first of `sources` that has it. If none has, `name` ("Artist - Title") gives title and
    artist."""
    artist, title = from_name(name)
    texts: dict[str, str] = {}
    cover, lyrics = b"", ""
    for source in sources:
        for key, value in _texts(source).items():
            texts.setdefault(key, value)
        file = _open(source, easy=False)
        cover, lyrics = cover or _cover(file), lyrics or _lyrics(file)
    year = re.search(r"\d{4}", texts.get("date", ""))
    track = re.match(r"0*([1-9]\d{0,3})\b", texts.get("tracknumber", ""))  # "03/12"
    return Tags(
        title=strip_additions(texts.get("title", title)),
        artist=texts.get("artist", artist),
        album=texts.get("album", ""),
        genre=texts.get("genre", ""),
        year=year[0] if year else "",
        track=track[1] if track else "",
        cover=cover,
        lyrics=lyrics,
    )


def from_name(name: str) -> tuple[str, str]:
    """(artist, title) from a file name: `03 - Artist - Title`, `Artist_-_Title` or `Title`. The artist may be empty."""
    text = re.sub(r"\s+", " ", name.replace("_", " ")).strip()
    text = re.sub(r"^\d{1,3}(?:\s*[.)]|\s+-)\s+(?=\S)", "", text)
    artist, dash, title = text.partition(" - ")
    if not dash or not artist.strip() or not title.strip():
        return "", strip_additions(text) or "Untitled"
    return artist.strip(), strip_additions(title.strip())


def strip_additions(title: str) -> str:
    """A title without the additions of downloads; unchanged if nothing else would be left."""
    before, short = "", title
    while short != before:
        before, short = short, DECORATION.sub("", short).strip()
    return short or title


def _open(source: Path, easy: bool) -> Any:
    """The file as mutagen reads it; None if it cannot, and then the file has no tags."""
    try:
        return mutagen.File(source, easy=easy)
    except BROKEN:
        return None


def _texts(source: Path) -> dict[str, str]:
    file = _open(source, easy=True)
    found = _wav_texts(source) if source.suffix.lower() == ".wav" else {}
    for key in TEXTS:
        try:
            values = _values(file.tags, key) if file is not None and file.tags else None
        except (KeyError, ValueError):
            continue
        if values and isinstance(values, list):
            found[key] = ", ".join(map(str, values if key == "artist" else values[:1]))
    texts = {key: re.sub(r"[\x00-\x1f\x7f]+", " ", text).strip()[:200] for key, text in decode_tags(found).items()}
    return {key: text for key, text in texts.items() if text}


def _values(found: Any, key: str) -> Any:
    """The values of a text; mutagen has those of ID3 in a WAV file by their frames alone."""
    has_frames = isinstance(found, ID3)
    return getattr(found.get(FRAMES[key]), "text", None) if has_frames else found.get(key)


def _wav_texts(source: Path) -> dict[str, str]:
    """The texts of a WAV file, which mutagen does not read, as Latin-1."""
    try:
        with source.open("rb") as file:
            return info_list.read(file)
    except OSError:
        return {}


def _lyrics(file: Any) -> str:
    """The text of the lyrics in ID3 (USLT), Vorbis comments or MP4; of several, the first with times."""
    tags: Any = getattr(file, "tags", None)
    found = list[str]()
    if hasattr(tags, "getall"):
        found = [str(frame.text) for frame in tags.getall("USLT")]
    elif hasattr(tags, "get"):
        for key in LYRICS:
            with suppress(*BROKEN, TypeError):  # a key that this kind of tags cannot have
                found += [str(text) for text in tags.get(key) or []]
    return next((text for text in found if lrc.parse_text(text)), "")


def _cover(file: Any) -> bytes:
    """The embedded picture of ID3, FLAC, Vorbis comments or MP4; of several, the front cover."""
    if file is None:
        return b""
    pictures: list[tuple[bool, bytes]] = [(p.type == 3, p.data) for p in getattr(file, "pictures", [])]
    tags = file.tags
    if tags is None:
        tags = {}
    if hasattr(tags, "getall"):
        pictures += [(p.type == 3, p.data) for p in tags.getall("APIC")]
    elif hasattr(tags, "get"):
        for text in tags.get("metadata_block_picture", []) or []:
            try:
                picture = Picture(base64.b64decode(text))  # type: ignore[no-untyped-call]
            except BROKEN:
                continue
            pictures.append((picture.type == 3, picture.data))
        pictures += [(True, bytes(data)) for data in tags.get("covr", []) or []]
    return max(pictures, key=lambda picture: picture[0], default=(False, b""))[1]
