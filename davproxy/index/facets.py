"""What the songs that match a query have in common, counted: artists, genres, instruments, features."""

from array import array
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from heapq import nlargest, nsmallest
from itertools import compress
from typing import Any, TypeVar

from davproxy.index.conditions import TEXT_FIELDS
from davproxy.index.database import Database
from davproxy.index.features import DIFFICULTIES, FEATURES, INSTRUMENTS, Feature
from davproxy.index.matches import FEW, Matches, among_ids
from davproxy.index.search import Search
from davproxy.index.until_commit import UntilCommit
from davproxy.model import SongQuery

_BITS: Mapping[str, Mapping[str, int]] = {"instrument": INSTRUMENTS, "difficulty": DIFFICULTIES, "has": FEATURES}
"""What is counted by the bits of the songs' features."""
_KEPT = 8
"""Answers that are kept until the next commit."""

_COLUMNS = ("id", *TEXT_FIELDS, "features")
_SEPARATOR = "char(31)"
"""ASCII's unit separator, as SQL."""

Answer = TypeVar("Answer")

Columns = dict[str, Sequence[Any]]
"""Values of songs by the column, all in the same order."""

Counts = list[tuple[str, int]]
"""Values with their numbers of songs, most first."""


@dataclass(frozen=True, slots=True)
class SongFacets:
    """How many songs match, and how many of them have each value of a field: artist, album, genre, year, charter,
    instrument, difficulty, and what they `have`; `distinct` is how many values a field has in all.

    The values of a field that the query filters by are counted without that filter, so that another can be chosen.
    """

    total: int
    values: Mapping[str, Counts]
    distinct: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Name:
    """A value of a field, its number of songs, and one of them that has album art; 0 if none has."""

    value: str
    songs: int
    cover: int


class _Library:
    """The values of all songs, and how many songs have each."""

    def __init__(self, columns: Columns) -> None:
        self.columns = columns

    @cached_property
    def counted(self) -> dict[str, Counter[str]]:
        """The number of songs by the value of each column but the ids."""
        return {name: Counter(self.columns[name]) for name in (*TEXT_FIELDS, "features")}


class Facets:
    """Counts the values of columns, which are read once until the next commit where many songs match."""

    def __init__(self, database: Database, matches: Matches) -> None:
        self._database, self._matches = database, matches
        self._all = UntilCommit[None, _Library](database, 1)
        self._answers = UntilCommit[tuple[object, ...], Any](database, _KEPT)

    def of(self, query: SongQuery, search: Search, match: str, most: int) -> SongFacets:
        """The facets of a query, `most` values of each field; `match` is the FTS5 query for the words of `search`."""
        return self._cached_answer(most, query, match, lambda: self._count(query, search, match, most))

    def names(self, field: str, query: SongQuery, search: Search, match: str, key: Callable[[str], str]) -> list[Name]:
        """The values of one of TEXT_FIELDS in the songs that match, in the order of their sort keys."""

        def answer() -> list[Name]:
            names = self._names(field, query, search, match)
            return sorted(names, key=lambda name: (key(name.value), name.value))

        return self._cached_answer(field, query, match, answer)

    def _cached_answer(self, kind: object, query: SongQuery, match: str, answer: Callable[[], Answer]) -> Answer:
        """The answer, cached until the next commit. The page and the order of the query do not matter."""
        unordered = replace(query, sort="title", order="asc", limit=0, offset=0)
        found: Answer = self._answers.get((kind, unordered, match), lambda _key: answer())
        return found

    def _count(self, query: SongQuery, search: Search, match: str, most: int) -> SongFacets:
        total, counted = self._counted((*TEXT_FIELDS, "features"), query, search, match)
        values: dict[str, Counts] = {}
        distinct: dict[str, int] = {}
        for field in (*TEXT_FIELDS, *_BITS):
            name = "features" if field in _BITS else field
            column = counted[name]
            if getattr(query, field, ""):
                column = self._counted((name,), _without(field, query), search, match)[1][name]
            counts = _of_bits(column, _BITS[field]) if field in _BITS else _of_texts(column)
            distinct[field] = len(counts)
            values[field] = _most(counts, most)
        return SongFacets(total, values, distinct)

    def _names(self, field: str, query: SongQuery, search: Search, match: str) -> list[Name]:
        if field not in TEXT_FIELDS:
            raise ValueError(f"{field} is not a field to group by")
        _, found = self._columns((field, "features", "id"), self._matches.of(query, search, match))
        songs = zip(found[field], found["features"], found["id"], strict=True)
        covers = {value: int(id) for value, features, id in songs if int(features) & Feature.ART}
        names: dict[str, Name] = {}
        for value, number in Counter(found[field]).most_common():
            before = names.setdefault(_fold_case(value), Name(value, 0, 0))
            cover = before.cover or covers.get(value, 0)
            names[_fold_case(value)] = Name(before.value, before.songs + number, cover)
        names.pop("", None)
        return list(names.values())

    def _counted(
        self, names: tuple[str, ...], query: SongQuery, search: Search, match: str
    ) -> tuple[int, dict[str, Counter[str]]]:
        """The number of songs that match, and of those that have each value of each column.

        Where most match, the others are counted and taken from all: the fewer songs take less time.
        """
        matches = self._matches.of(query, search, match)
        if matches is None:
            library = self._library()
            return len(library.columns["id"]), library.counted
        if len(matches) > FEW:
            library = self._library()
            others = [id not in matches for id in library.columns["id"]]
            if 2 * sum(others) < len(others):
                return len(others) - sum(others), {
                    name: library.counted[name] - Counter(compress(library.columns[name], others)) for name in names
                }
        total, found = self._columns(names, matches)
        return total, {name: Counter(found[name]) for name in names}

    def _columns(self, names: tuple[str, ...], matches: frozenset[int] | None) -> tuple[int, Columns]:
        """The number of `matches`, and their values in each column; None for all songs."""
        if matches is not None and len(matches) <= FEW:
            among, ids = among_ids(matches)
            return len(matches), self._read(names, f"WHERE {among}", ids)
        every = self._library().columns
        if matches is None:
            return len(every["id"]), {name: every[name] for name in names}
        chosen = bytes(map(matches.__contains__, every["id"]))
        return sum(chosen), {name: list(compress(every[name], chosen)) for name in names}

    def _library(self) -> _Library:
        return self._all.get(None, lambda _: _Library(self._read_all()))

    def _read_all(self) -> Columns:
        found = self._read(_COLUMNS, "INDEXED BY songs_by_facets")
        once: dict[str, str] = {}  # most values are those of many songs: each takes memory once
        columns = {name: list(map(once.setdefault, found[name], found[name])) for name in _COLUMNS}
        return {**columns, "id": array("q", map(int, found["id"]))}

    def _read(self, names: tuple[str, ...], which: str, *values: object) -> Columns:
        """The values of songs in each column.

        SQLite joins each column to one text: a row for each song of a large library would take four times as long.
        """
        for value in ("{0}", f"replace({{0}}, {_SEPARATOR}, ' ')"):  # nearly no song has the separator in its texts
            joined = ", ".join(f"group_concat({value.format(name)}, {_SEPARATOR})" for name in names)
            [(total, *texts)] = self._database.rows(f"SELECT count(*), {joined} FROM songs {which}", values)
            found = [text.split("\x1f") if total else [] for text in texts]
            if all(len(column) == total for column in found):
                break
        return dict(zip(names, found, strict=True))


def _without(field: str, query: SongQuery) -> SongQuery:
    """`query` without its filter by `field`."""
    return SongQuery(**asdict(query) | {field: ""})


def _of_texts(counted: Counter[str]) -> dict[str, int]:
    """The number of each text, however the case of its letters differs; in the commonest spelling."""
    folded = _fold_case("\x1f".join(counted)).split("\x1f")
    if len(set(folded)) == len(folded):
        songs: dict[str, int] = dict(counted)
    else:
        songs = {}
        spelling: dict[str, str] = {}
        for value, number in counted.most_common():
            spelled = spelling.setdefault(_fold_case(value), value)
            songs[spelled] = songs.get(spelled, 0) + number
    songs.pop("", None)
    return songs


def _most(counts: Mapping[str, int], most: int) -> Counts:
    """The `most` largest counts, equals by their value. Most albums have few songs: equals are compared by value alone,
    which is quick."""
    least = min(nlargest(most, counts.values()), default=0)
    larger = [each for each in counts.items() if each[1] > least]
    larger.sort(key=lambda each: (-each[1], each[0]))
    equal = nsmallest(most - len(larger), (value for value, number in counts.items() if number == least))
    return larger + [(value, least) for value in equal]


def _of_bits(column: Mapping[str, int], bits: Mapping[str, int]) -> dict[str, int]:
    """The number of each bit that is there, by its name; `column` counts numbers that are texts."""
    counted = [(int(features), number) for features, number in column.items()]
    songs = {str(name): sum(number for features, number in counted if features & bit) for name, bit in bits.items()}
    return {name: number for name, number in songs.items() if number}


def _fold_case(text: str) -> str:
    """`text` as SQLite's NOCASE compares it: the case of ASCII letters does not matter."""
    return text.lower() if text.isascii() else text.encode().lower().decode()
