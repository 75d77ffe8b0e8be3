"""song.ini: read as games read it, and edited without touching any other line.

Python's configparser would drop comments, choke on `%` and on keys given twice, and take `k : v` for a pair.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from davproxy.errors import BadIni
from davproxy.formats import song_fields
from davproxy.formats.encoding import UTF8, Encoding, clean, detect

MAX_BYTES = 1024 * 1024
"""Far above any real song.ini."""


@dataclass(frozen=True, slots=True)
class SongIni:
    """One file.

    `lines` are its lines with their newlines, nothing left out, so that `render` gives the same bytes again. `pairs`
    holds what games read in [song]: keys in lower case, values as written; of a key given twice the last counts.
    `bad_lines` are those that no game understands. Without a [song] section, `has_song` is false and `pairs` empty.
    """

    lines: tuple[str, ...]
    encoding: Encoding
    pairs: Mapping[str, str]
    bad_lines: tuple[str, ...]
    has_song: bool


@lru_cache(maxsize=16)  # a song's is asked for by its row, and by those who judge it
def parse(data: bytes) -> SongIni:
    """The song.ini in `data`. Raises BadIni only for a file far too large to be one."""
    if len(data) > MAX_BYTES:
        raise BadIni(f"This song.ini is larger than {MAX_BYTES >> 20} MiB, so it is not a song.ini.")
    encoding = detect(data)
    return _of(encoding.decode(data), encoding)


def pairs_of(data: bytes | None) -> Mapping[str, str]:
    """The pairs of the song.ini in `data`; none where there is no file, or one far too large to be a song.ini."""
    try:
        return parse(data).pairs if data is not None else {}
    except BadIni:
        return {}


def create(pairs: Mapping[str, song_fields.Value]) -> SongIni:
    """A new file: UTF-8, CRLF, `key = value`."""
    return edit(_of("[song]\r\n", UTF8), pairs)


def of_pairs(pairs: Mapping[str, str]) -> SongIni:
    """What an .sng holds instead of a song.ini, as one: nothing is checked or put into another form."""
    return _of("[song]\r\n" + "".join(f"{key} = {' '.join(value.split())}\r\n" for key, value in pairs.items()), UTF8)


def render(ini: SongIni) -> bytes:
    """The bytes of the file."""
    return ini.encoding.encode("".join(ini.lines))


def edit(ini: SongIni, changes: Mapping[str, song_fields.Value | None]) -> SongIni:
    """`ini` with some values changed, and with None taken out; every other line stays as it is.

    A field known under an older name (`frets`) keeps that name. New keys come at the end of [song]. A file in an
    encoding that lacks a new character becomes UTF-8. Raises BadIni, naming the field, for a key or value that games
    would not understand.
    """
    lines = list(ini.lines)
    for key, value in changes.items():
        name = _checked(key)
        if value is None:
            _remove(lines, name)
        else:
            _set(lines, name, song_fields.written(name, value))
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
    """Place, section in lower case, and stripped text of each line but blanks and comments; headings included."""
    section = ""
    for place, raw in enumerate(lines):
        line = raw.strip()
        if line and line[0] not in ";#":
            if line[0] == "[" and line[-1] == "]":
                section = line[1:-1].strip().lower()
            yield place, section, line


def _places(lines: Sequence[str]) -> dict[str, list[int]]:
    """Where each key of [song] stands."""
    places: dict[str, list[int]] = {}
    for place, section, line in _walk(lines):
        if section == "song" and line[0] != "[" and "=" in line:
            places.setdefault(clean(line.partition("=")[0].strip().lower()), []).append(place)
    return places


def _names(name: str) -> tuple[str, ...]:
    """`name` and its older names."""
    return (name, *song_fields.FIELDS[name].aliases) if name in song_fields.FIELDS else (name,)


def _remove(lines: list[str], name: str) -> None:
    places = _places(lines)
    for place in sorted((place for key in _names(name) for place in places.get(key, ())), reverse=True):
        del lines[place]


def _set(lines: list[str], name: str, value: str) -> None:
    places = _places(lines)
    for key in _names(name):
        if key in places:
            place = places[key][-1]
            before, equals, after = lines[place].partition("=")
            if after.strip() != value:
                gap = after[: len(after) - len(after.lstrip(" \t"))]
                lines[place] = f"{before}{equals}{gap}{value}{_line_break(after)}"
            return
    _append(lines, f"{name} = {value}")


def _append(lines: list[str], line: str) -> None:
    """`line` as the last one of [song], which is made if it is missing."""
    new = (_line_break(lines[0]) if lines else "") or "\r\n"
    last = max((place for place, section, _ in _walk(lines) if section == "song"), default=None)
    if last is None:
        last = len(lines)
        lines.append(f"[song]{new}")
    for place in (last - 1, last):
        if 0 <= place < len(lines) and not lines[place].endswith("\n"):
            lines[place] += new
    lines.insert(last + 1, f"{line}{new}")


def _line_break(line: str) -> str:
    return "\r\n" if line.endswith("\r\n") else "\n" if line.endswith("\n") else ""


def _checked(key: str) -> str:
    name = key.strip().lower()
    if not name or name[0] in "[;#" or any(character in name for character in "=\r\n"):
        raise BadIni(f"“{key[:40]}” cannot be the name of a field in song.ini.")
    return name


def _survives(text: str, encoding: Encoding) -> bool:
    """Whether `text` written in `encoding` reads as the same again."""
    try:
        data = encoding.encode(text)
    except UnicodeEncodeError:
        return False
    return detect(data) == encoding and encoding.decode(data) == text
