"""The scores that Clone Hero keeps: scoredata.bin, scoresext.bin and scorestats.json.

Clone Hero does not document them; this is what version 1.1 writes. Both .bin files are little-endian and begin with a
date as a number and the number of charts. scoredata.bin has for each chart the 16 bytes of its MD5, one byte with the
number of rows, and three with that of plays. A row is the variant in two bytes, difficulty, percent and full combo in
one each, the speed in percent in two, stars in one, four bytes of flags, and the score in four, without the bonus for
clean play. scoresext.bin has for each chart its MD5 and the number of rows; a row is the variant in two bytes, full
combo in one, the score as the game shows it in four, and four bytes of nothing.

There is no checksum. What is out of bounds, cut off, or longer than its counts say is refused.
"""

import json
import re
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from davproxy.errors import BadInput
from davproxy.formats.encoding import clean, detect

MAX_BYTES = 4 * 1024 * 1024
"""Bytes of a file, far above those of any player: 100,000 charts. Parsed, they take 15 times the memory."""
SHOWN_VARIANT = 0
"""The rows whose scores compare with each other. 8 has another scale."""
_VARIANTS = (SHOWN_VARIANT, 8)
_START = struct.Struct("<II")
_DATA_MAGIC, _EXTRA_MAGIC = 20211009, 20251011
_FORMER = re.compile(rb" [0-9A-Fa-f]{32}")
_CHART = struct.Struct("<16sB")
_ROW = struct.Struct("<HBBBHBII")
_EXTRA_ROW = struct.Struct("<HBII")
_PLAYS_BYTES = 3
_LONGEST_TEXT = 200
_CUT_OFF = "This file is cut off. Copy it again while the game is closed."
_DAMAGED = "This file is damaged. Copy it again while the game is closed."
TORN = "scoredata.bin and scoresext.bin are of different moments. Copy both again while the game is closed."


@dataclass(frozen=True, slots=True)
class Row:
    """The best play of one variant. `difficulty` is 0 (Easy) to 3 (Expert), `speed` in percent."""

    variant: int
    difficulty: int
    percent: int
    full_combo: bool
    speed: int
    stars: int
    score: int


@dataclass(frozen=True, slots=True)
class PlayedChart:
    """A chart by the MD5 of its notes file, in lower case, with how often it was played, and its best plays."""

    identity: str
    plays: int
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class LastPlay:
    """What scorestats.json says of the last play. `when` is the text that the game wrote."""

    identity: str
    title: str
    artist: str
    when: str
    score: int
    stars: int
    full_combo: bool
    instrument: str


def parse(data: bytes) -> tuple[PlayedChart, ...]:
    """The charts of a scoredata.bin. Raises BadInput for anything but a whole one."""
    count = _count(data, _DATA_MAGIC, "scoredata.bin")
    charts: list[PlayedChart] = []
    at = _START.size
    for _ in range(count):
        digest, rows = _unpack(_CHART, data, at)
        at += _CHART.size
        plays = int.from_bytes(_slice(data, at, _PLAYS_BYTES), "little")
        at += _PLAYS_BYTES
        charts.append(PlayedChart(digest.hex(), plays, tuple(_rows(data, at, rows))))
        at += rows * _ROW.size
    _check_end(data, at, [chart.identity for chart in charts])
    return tuple(charts)


def with_shown_scores(charts: tuple[PlayedChart, ...], data: bytes) -> tuple[PlayedChart, ...]:
    """`charts` with the scores that the game shows, from the scoresext.bin beside them.

    Raises BadInput for anything but a whole file, and for one that does not belong to `charts`.
    """
    count = _count(data, _EXTRA_MAGIC, "scoresext.bin")
    shown: dict[str, dict[int, int]] = {}
    at = _START.size
    for _ in range(count):
        digest, rows = _unpack(_CHART, data, at)
        at += _CHART.size
        scores: dict[int, int] = {}
        for _ in range(rows):
            variant, full_combo, score, _nothing = _unpack(_EXTRA_ROW, data, at)
            at += _EXTRA_ROW.size
            if variant not in _VARIANTS or full_combo > 1 or variant in scores:
                raise BadInput(_DAMAGED)
            scores[variant] = score
        shown[digest.hex()] = scores
    _check_end(data, at, list(shown), count)
    if {chart.identity: {row.variant for row in chart.rows} for chart in charts} != {
        identity: set(scores) for identity, scores in shown.items()
    }:
        raise BadInput(TORN)
    return tuple(
        replace(chart, rows=tuple(replace(row, score=shown[chart.identity][row.variant]) for row in chart.rows))
        for chart in charts
    )


def parse_last_play(data: bytes) -> LastPlay:
    """The play that a scorestats.json tells of. Raises BadInput."""
    try:
        content = json.loads(detect(data).decode(data)) if len(data) <= MAX_BYTES else None
    except (ValueError, RecursionError):
        content = None
    if not isinstance(content, dict) or not isinstance(content.get("checksum"), str):
        raise BadInput("This is not a scorestats.json of Clone Hero.")
    identity = content["checksum"].lower()
    players = [each for each in _list_of(content.get("players")) if isinstance(each, dict)]
    best: Mapping[str, Any] = max(players, key=lambda each: _number(each.get("score")), default={})
    if len(identity) != 32 or not set(identity) <= set("0123456789abcdef"):
        raise BadInput(_DAMAGED)
    return LastPlay(
        identity,
        _text(content.get("song_name")),
        _text(content.get("artist_name")),
        _text(content.get("score_timestamp")),
        _number(best.get("score")) or _number(content.get("band_score")),
        min(6, _number(best.get("stars")) or _number(content.get("band_stars"))),
        bool(best.get("is_fc")),
        _text(best.get("instrument")),
    )


def _rows(data: bytes, at: int, count: int) -> Iterator[Row]:
    variants: set[int] = set()
    for offset in range(at, at + count * _ROW.size, _ROW.size):
        variant, difficulty, percent, full_combo, speed, stars, _flags, score = _unpack(_ROW, data, offset)
        if variant not in _VARIANTS or difficulty > 3 or percent > 100 or full_combo > 1 or stars > 6:
            raise BadInput(_DAMAGED)
        if variant in variants or not speed:
            raise BadInput(_DAMAGED)
        variants.add(variant)
        yield Row(variant, difficulty, percent, bool(full_combo), speed, stars, score)


def _count(data: bytes, magic: int, name: str) -> int:
    """The number of charts that the first bytes give."""
    if len(data) > MAX_BYTES:
        raise BadInput(f"This is far too large for a {name}.")
    if _FORMER.search(data, 0, 64):
        raise BadInput(
            "This is a scores.bin of an older Clone Hero. Start Clone Hero 1.1 once: it writes scoredata.bin."
        )
    if len(data) < _START.size:
        raise BadInput(_CUT_OFF if data[:4] == magic.to_bytes(4, "little")[: len(data)] else f"This is no {name}.")
    first, count = _START.unpack_from(data)
    if first != magic:
        raise BadInput(f"This is no {name} of Clone Hero 1.1.")
    return int(count)


def _check_end(data: bytes, at: int, identities: list[str], count: int | None = None) -> None:
    """Raise BadInput unless the charts use up the file, and each comes once."""
    if at != len(data) or len(set(identities)) != (len(identities) if count is None else count):
        raise BadInput(_DAMAGED)


def _unpack(layout: struct.Struct, data: bytes, at: int) -> tuple[Any, ...]:
    if at + layout.size > len(data):
        raise BadInput(_CUT_OFF)
    return layout.unpack_from(data, at)


def _slice(data: bytes, at: int, length: int) -> bytes:
    if at + length > len(data):
        raise BadInput(_CUT_OFF)
    return data[at : at + length]


def _list_of(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _text(value: object) -> str:
    """`value` as a text that can be stored; JSON can hold half of a surrogate pair, and values of any length."""
    return clean(value)[:_LONGEST_TEXT] if isinstance(value, str) else ""


def _number(value: object) -> int:
    """`value`, if it is a number that a score can be; else 0."""
    return int(value) if isinstance(value, (int, float)) and 0 <= value < 2**53 else 0
