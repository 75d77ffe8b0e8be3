"""What a person types into the search: words, and tokens such as `artist:abba year:1990-1999 -keys length:>5m`.

A token that is not understood is searched for as words, so that no text is an error.
"""

import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from davproxy.formats.chart import Instrument
from davproxy.index.features import DIFFICULTIES, FEATURES, INSTRUMENTS
from davproxy.model import FAVOURITES

Condition = tuple[str, tuple[object, ...]]
"""A condition of SQL on the songs table, and its values."""

_TOKEN = re.compile(r'(?P<minus>-?)(?:(?P<key>\w+):)?(?P<value>(?:[<>]=?|=)?(?:"[^"]*"|[^\s"]+))')
_RANGE = re.compile(r"(?P<from>[^-]*)-(?P<to>[^-]*)")
_COMPARED = re.compile(r"(?P<how>[<>]=?|=)(?P<value>.+)")
_INTENSITY = re.compile(r"(?P<instrument>\w+?)(?P<range>[<>=].+)?")
_LENGTHS = {"ms": 1, "s": 1_000, "m": 60_000, "min": 60_000, "h": 3_600_000}
_AGES = {"h": 3_600, "d": 86_400, "w": 7 * 86_400, "m": 30 * 86_400, "y": 365 * 86_400}
_MINUTE = 60
"""Ages are counted from the last full minute, so that the songs that match can be kept that long."""
_FTS = ("title", "artist", "album", "genre", "charter")
_FEATURES = {name.rstrip("s"): feature for name, feature in FEATURES.items()}
HASHES = "(songs.identity, songs.sha1)"
"""What a song's scores and marks are found by."""
PLAYS = f"coalesce((SELECT sum(plays) FROM scores WHERE hash IN {HASHES}), 0)"
STARS = f"coalesce((SELECT max(stars) FROM scores WHERE hash IN {HASHES}), 0)"
_OF_PLAYERS = {
    "plays": f"EXISTS (SELECT 1 FROM scores WHERE hash IN {HASHES})",
    "fc": f"EXISTS (SELECT 1 FROM scores WHERE hash IN {HASHES} AND full_combo)",
    "star": f"EXISTS (SELECT 1 FROM marks WHERE hash IN {HASHES} AND kind = 'list' AND name = '{FAVOURITES}')",
}
_METADATA = {"playlist": "playlist", "source": "icon", "icon": "icon"}


@dataclass(frozen=True, slots=True)
class Search:
    """A search text that was read: the words for the full text, FTS5 queries of single columns, and conditions."""

    words: str
    columns: tuple[str, ...]
    conditions: tuple[Condition, ...]

    def match(self, words: str) -> str:
        """The FTS5 query for the columns and `words`, which is a query for the words; empty if there are neither."""
        return " AND ".join([*([f"({words})"] if words else []), *self.columns])


def parse(text: str) -> Search:
    """Read a search text."""
    words: list[str] = []
    columns: list[str] = []
    conditions: list[Condition] = []
    for token in _TOKEN.finditer(text):
        value = token["value"].replace('"', "")
        if token["key"] is None:
            condition = _instrument(value) if token["minus"] else None
        else:
            key = token["key"].lower()
            if key in _FTS and not token["minus"] and (column := matching(value, key)):
                columns.append(column)  # full text finds all at once: SQLite would look up each song for a condition
                continue
            read = _READERS.get(key)
            condition = read(value) if read and value else None
        if condition is None:
            words.append(token[0])
        elif token["minus"]:
            conditions.append((f"NOT coalesce({condition[0]}, 0)", condition[1]))
        else:
            conditions.append(condition)
    return Search(" ".join(words) if columns or conditions else text, tuple(columns), tuple(conditions))


def matching(words: str, columns: str = "") -> str:
    """The FTS5 query for words: all of them, each as the beginning of a word, in any column or in `columns`."""
    found = " ".join(f'"{word}"*' for word in re.findall(r"\w+", words))
    return f"{columns} : ({found})" if found and columns else found


def _text(column: str) -> Callable[[str], Condition | None]:
    def read(value: str) -> Condition | None:
        if match := matching(value, column):
            return "songs.id IN (SELECT rowid FROM songs_fts WHERE songs_fts MATCH ?)", (match,)
        return f"instr(songs.{column}, ?) > 0", (value,)

    return read


def _range(expression: str, number: Callable[[str], float]) -> Callable[[str], Condition | None]:
    """Reads `5`, `>5`, `<=5` and `2-5` as a condition on `expression`."""

    def read(value: str) -> Condition | None:
        try:
            bounds = list(_bounds(value, number))
        except (ValueError, OverflowError):
            return None
        return " AND ".join(f"{expression} {how} ?" for how, _ in bounds), tuple(limit for _, limit in bounds)

    return read


def _bounds(value: str, number: Callable[[str], float]) -> Iterator[tuple[str, float]]:
    """(operator, number) of each bound of a range. Raises ValueError."""
    if compared := _COMPARED.fullmatch(value):
        yield compared["how"], number(compared["value"])
    elif (span := _RANGE.fullmatch(value)) and (span["from"] or span["to"]):
        if span["from"]:
            yield ">=", number(span["from"])
        if span["to"]:
            yield "<=", number(span["to"])
    else:
        yield "=", number(value)


def _whole(text: str) -> float:
    if not re.fullmatch(r"\d{1,9}(\.\d{1,9})?", text):
        raise ValueError(text)
    return float(text)


def _milliseconds(text: str) -> float:
    """`5m`, `90s`, `3:30`, or seconds."""
    if clock := re.fullmatch(r"(\d{1,4}):(\d{2})", text):
        return (int(clock[1]) * 60 + int(clock[2])) * 1000
    return _with_unit(text, _LENGTHS, "s")


def _with_unit(text: str, units: dict[str, int], usual: str) -> float:
    found = re.fullmatch(r"(\d{1,9}(?:\.\d{1,9})?)([a-z]*)", text.lower())
    if found is None or (found[2] and found[2] not in units):
        raise ValueError(text)
    return float(found[1]) * units[found[2] or usual]


def _added_condition(value: str) -> Condition | None:
    """`<30d`: within the last 30 days; `>1y`: longer ago."""
    compared = _COMPARED.fullmatch(value)
    try:
        age = _with_unit(compared["value"] if compared else value, _AGES, "d")
    except ValueError:
        return None
    how = "<" if compared and compared["how"].startswith(">") else ">="
    return f"+songs.created_at {how} ?", (time.time() // _MINUTE * _MINUTE - age,)


def _instrument(value: str) -> Condition | None:
    bit = INSTRUMENTS.get(value.lower())
    return ("songs.features & ? <> 0", (bit,)) if bit else None


def _difficulty(value: str) -> Condition | None:
    bit = DIFFICULTIES.get(value.lower())
    return ("songs.features & ? <> 0", (bit,)) if bit else None


def _intensity(value: str) -> Condition | None:
    """`guitar>=5`: the intensity that song.ini gives an instrument."""
    found = _INTENSITY.fullmatch(value)
    if found is None or found["instrument"].lower() not in {*Instrument, "vocals", "band"}:
        return None
    # Found in the text as the index writes it: json_extract takes twice as long.
    key = f"'\"{found['instrument'].lower()}\": '"
    at = f"nullif(instr(songs.instruments, {key}), 0)"
    return _range(f"CAST(substr(songs.instruments, {at} + length({key})) AS INTEGER)", _whole)(found["range"] or ">=0")


def _has(value: str) -> Condition | None:
    """`video,lyrics`: all of them."""
    conditions: list[str] = []
    features = 0
    for each in value.lower().split(","):
        feature = _FEATURES.get(each.rstrip("s"), 0)
        features |= feature
        if not feature and each not in _OF_PLAYERS:
            return None
        if not feature:
            conditions.append(_OF_PLAYERS[each])
    return " AND ".join(["songs.features & ? = ?", *conditions]), (features, features)


def _mark(kind: str) -> Callable[[str], Condition | None]:
    """The songs with a tag, or in a list, of this name; a `*` at its end takes all that begin so."""
    marked = f"SELECT hash FROM marks WHERE kind = '{kind}' AND name"

    def read(value: str) -> Condition | None:
        if value.endswith("*"):
            return _with_hash(f"{marked} LIKE ? ESCAPE '\\'", re.sub(r"([\\%_])", r"\\\1", value[:-1]) + "%")
        return _with_hash(f"{marked} = ? COLLATE NOCASE", value)

    return read


def _with_hash(hashes: str, value: object) -> Condition:
    """The songs whose notes have a hash that the query `hashes` gives for `value`."""
    return f"songs.identity IN ({hashes}) OR songs.sha1 IN ({hashes})", (value, value)


def _metadata(key: str) -> Callable[[str], Condition | None]:
    return lambda value: (
        f"instr(lower(coalesce(json_extract(songs.metadata, '$.{key}'), '')), ?) > 0",
        (value.lower(),),
    )


# A + keeps SQLite from the index of one column, whose matches are wide rows: `songs_by_filters` has all columns.
_READERS: dict[str, Callable[[str], Condition | None]] = {
    **{column: _text(column) for column in _FTS},
    **{token: _metadata(key) for token, key in _METADATA.items()},
    "year": _range("CAST(songs.year AS INTEGER)", _whole),
    "length": _range("+songs.length", _milliseconds),
    "nps": _range("songs.nps", _whole),
    "added": _added_condition,
    "plays": _range(PLAYS, _whole),
    "stars": _range(STARS, _whole),
    "tag": _mark("tag"),
    "list": _mark("list"),
    "instrument": _instrument,
    "difficulty": _difficulty,
    "diff": _intensity,
    "has": _has,
}
