"""A song.ini put right without a change to what it says: written as UTF-8, or given the heading of its section."""

import re

from davproxy.errors import BadIni
from davproxy.formats import song_fields, song_ini
from davproxy.formats.encoding import UTF8, named
from davproxy.formats.song_ini import SongIni

HEADING = "[song]"
_LETTERS = re.compile(r"[a-z]+")
_SHORTER = {"song"[:at] + "song"[at + 1 :] for at in range(4)}


def encoding_to_repair(data: bytes) -> str | None:
    """The codec of a song.ini that is not UTF-8 and can be; None where there is nothing to do, or something is lost."""
    if data.isascii():
        return None
    ini = song_ini.parse(data)
    codec = ini.encoding.codec
    if codec == UTF8.codec:
        return None
    after = song_ini.parse(song_ini.render(in_encoding(ini, UTF8.codec)))
    is_whole = after.encoding == UTF8 and after.pairs == ini.pairs
    return codec if is_whole and song_ini.render(in_encoding(after, codec)) == data else None


def in_encoding(ini: SongIni, codec: str) -> SongIni:
    """The same text in another encoding. Raises BadIni where that lacks a character."""
    text = "".join(ini.lines)
    try:
        named(codec).encode(text)
    except UnicodeEncodeError as error:
        raise BadIni(f"What song.ini says now cannot be written as {codec}.") from error
    return song_ini.of_text(text, named(codec))


def heading_to_repair(ini: SongIni) -> str | None:
    """The line that should be [song], empty where there is none; None where it is not sure, or not needed.

    A heading of any name is taken for it if it is the only one, because games read nothing from such a file. A file
    whose fields scores depend on would become another song to games, so it is left alone.
    """
    if ini.has_song:
        return None
    headings = [line.strip() for line in ini.lines if _is_heading(line)]
    alike = [line for line in headings if _is_misspelt(line)] if len(headings) > 1 else headings
    if len(alike) > 1 or (headings and not alike):
        return None
    old = alike[0] if alike else ""
    pairs = with_heading(ini, old, HEADING).pairs
    is_meant = any(song_fields.raw_text(pairs, key) for key in ("name", "artist", "charter"))
    changes = any(song_fields.value(pairs, key) != song_fields.value({}, key) for key in song_fields.IDENTITY_KEYS)
    return old if is_meant and not changes else None


def with_heading(ini: SongIni, old: str, new: str) -> SongIni:
    """`ini` with the line `old` as `new`. An empty `old` inserts the line as the first, an empty `new` removes it.

    Raises BadIni where there is no such line.
    """
    lines = list(ini.lines)
    if not old:
        ending = "\r\n" if not lines or lines[0].endswith("\r\n") else "\n"
        return song_ini.of_text("".join([f"{new}{ending}", *lines]), ini.encoding)
    at = next((number for number, line in enumerate(lines) if line.strip() == old), None)
    if at is None:
        raise BadIni(f"song.ini has no line “{old[:40]}” any more.")
    lines[at : at + 1] = [lines[at].replace(old, new)] if new else []
    return song_ini.of_text("".join(lines), ini.encoding)


def _is_heading(line: str) -> bool:
    text = line.strip()
    return text.startswith("[") or (text.endswith("]") and "=" not in text and not text.startswith((";", "#")))


def _is_misspelt(line: str) -> bool:
    """Whether a heading is one letter or its brackets away from [song]."""
    word = "".join(_LETTERS.findall(line.lower()))
    longer = any(word[:at] + word[at + 1 :] == "song" for at in range(len(word)))
    return word == "song" or longer or word in _SHORTER
