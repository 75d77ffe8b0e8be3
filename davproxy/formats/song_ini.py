"""song.ini: read as games read it, and edited without a change to any other line.

The format is documented in github.com/TheNathannator/GuitarGame_ChartFormats, song-ini. Python's configparser does not
fit: it drops comments, fails on `%` and on repeated keys, and reads `k : v` as a pair.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from davproxy.errors import BadIni
from davproxy.formats import song_fields
from davproxy.formats.encoding import UTF8, Encoding, clean, detect

MAX_BYTES = 1024 * 1024
"""Bytes, far above any real song.ini."""


@dataclass(frozen=True, slots=True)
class SongIni:
    """One file.

    `lines` are all its lines with their newlines, so that `render` returns the same bytes. `pairs` are what games read
    in [song]: keys in lower case, values as written; of a repeated key the last one counts. `bad_lines` are those that
    no game understands. Without a [song] section, `has_song` is false and `pairs` is empty.
    """

    lines: tuple[str, ...]
    encoding: Encoding
    pairs: Mapping[str, str]
    bad_lines: tuple[str, ...]
    has_song: bool


@lru_cache(maxsize=16)  # the row of a song and its rules read the same file
def parse(data: bytes) -> SongIni:
    """The song.ini in `data`. Raises BadIni only for a file larger than MAX_BYTES."""
    if len(data) > MAX_BYTES:
        raise BadIni(f"This song.ini is larger than {MAX_BYTES >> 20} MiB, so it is not a song.ini.")
    encoding = detect(data)
    return _of(encoding.decode(data), encoding)


def pairs_of(data: bytes | None) -> Mapping[str, str]:
    """The pairs of the song.ini in `data`; none where there is no file, or one larger than MAX_BYTES."""
    try:
        return parse(data).pairs if data is not None else {}
    except BadIni:
        return {}


def create(pairs: Mapping[str, song_fields.Value]) -> SongIni:
    """A new file: UTF-8, CRLF, `key = value`."""
    return edit(_of("[song]\r\n", UTF8), pairs)


def of_pairs(pairs: Mapping[str, str]) -> SongIni:
    """A song.ini with the pairs of an .sng. Values are not checked or converted."""
    return _of("[song]\r\n" + "".join(f"{key} = {' '.join(value.split())}\r\n" for key, value in pairs.items()), UTF8)


def of_text(text: str, encoding: Encoding) -> SongIni:
    """The file with this text, in an encoding that has all of its characters."""
    return _of(text, encoding)


def render(ini: SongIni) -> bytes:
    """The bytes of the file."""
    return ini.encoding.encode("".join(ini.lines))


def edit(ini: SongIni, changes: Mapping[str, song_fields.Value | float | None]) -> SongIni:
    """`ini` with some values changed; None removes a key. Every other line stays as it is.

    A field that is there under an older name (`frets`) keeps that name, whichever of its names is given. New keys are
    added at the end of [song]. A file whose encoding lacks a new character becomes UTF-8. Raises BadIni, which names
    the field, for a key or value that games would not understand.
    """
    lines = list(ini.lines)
    for key, value in changes.items():
        name = _key_name(key)
        if value is None:
            _remove(lines, name)
        else:
            _set(lines, song_fields.ALIASES.get(name, name), song_fields.to_text(name, value))
    text = "".join(lines)
    return _of(text, ini.encoding) if _survives(text, ini.encoding) else _of(clean(text), UTF8)


def _of(text: str, encoding: Encoding) -> SongIni:
    *ended, rest = text.split("\n")
    lines = [f"{line}\n" for line in ended]
    if rest:
        lines.append(rest)
    pairs: dict[str, str] = {}
    bad = []
    has_song = False
    for _, section, line in _walk(lines):
        if line[0] == "[" and line[-1] == "]":
            has_song = has_song or section == "song"
        elif line[0] == "[" or "=" not in line:
            bad.append(clean(line))
        elif section == "song":
            key, _, value = line.partition("=")
            pairs[clean(key.strip().lower())] = clean(value.strip())
    return SongIni(tuple(lines), encoding, pairs, tuple(bad), has_song)


def _walk(lines: Sequence[str]) -> Iterator[tuple[int, str, str]]:
    """(index, section in lower case, stripped text) of each line, headings included, but comments and empty ones."""
    section = ""
    for index, raw in enumerate(lines):
        line = raw.strip()
        if line and line[0] not in ";#":
            if line[0] == "[" and line[-1] == "]":
                section = line[1:-1].strip().lower()
            yield index, section, line


def _indexes(lines: Sequence[str]) -> dict[str, list[int]]:
    """The indexes of the lines of each key in [song]."""
    indexes: dict[str, list[int]] = {}
    for index, section, line in _walk(lines):
        if section == "song" and line[0] != "[" and "=" in line:
            indexes.setdefault(clean(line.partition("=")[0].strip().lower()), []).append(index)
    return indexes


def _names(name: str) -> tuple[str, ...]:
    """`name` and its older names."""
    return (name, *song_fields.FIELDS[name].aliases) if name in song_fields.FIELDS else (name,)


def _remove(lines: list[str], name: str) -> None:
    indexes = _indexes(lines)
    for index in sorted((index for key in _names(name) for index in indexes.get(key, ())), reverse=True):
        del lines[index]


def _set(lines: list[str], name: str, value: str) -> None:
    indexes = _indexes(lines)
    for key in _names(name):
        if key in indexes:
            index = indexes[key][-1]
            before, equals, after = lines[index].partition("=")
            if after.strip() != value:
                gap = after[: len(after) - len(after.lstrip(" \t"))]
                lines[index] = f"{before}{equals}{gap}{value}{_line_break(after)}"
            return
    _append(lines, f"{name} = {value}")


def _append(lines: list[str], line: str) -> None:
    """Insert `line` at the end of [song], which is added if it is missing."""
    new = (_line_break(lines[0]) if lines else "") or "\r\n"
    last = max((index for index, section, _ in _walk(lines) if section == "song"), default=None)
    if last is None:
        last = len(lines)
        lines.append(f"[song]{new}")
    for index in (last - 1, last):
        if 0 <= index < len(lines) and not lines[index].endswith("\n"):
            lines[index] += new
    lines.insert(last + 1, f"{line}{new}")


def _line_break(line: str) -> str:
    return "\r\n" if line.endswith("\r\n") else "\n" if line.endswith("\n") else ""


def _key_name(key: str) -> str:
    """`key` in the form of `SongIni.pairs`. Raises BadIni where it cannot be the key of a line."""
    name = key.strip().lower()
    if not name or name[0] in "[;#" or any(character in name for character in "=\r\n"):
        raise BadIni(f"“{key[:40]}” cannot be the name of a field in song.ini.")
    return name


def _survives(text: str, encoding: Encoding) -> bool:
    """Whether `text`, written in `encoding`, is read back unchanged."""
    try:
        data = encoding.encode(text)
    except UnicodeEncodeError:
        return False
    return detect(data) == encoding and encoding.decode(data) == text
