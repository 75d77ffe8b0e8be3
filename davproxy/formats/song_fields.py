"""The standard fields of song.ini: name, type, default, and how games read and write a value.

The fields are those of github.com/TheNathannator/GuitarGame_ChartFormats, song-ini; the defaults are Clone Hero's.
`pairs` are the keys of a song.ini or an .sng in lower case, with their values as written.
"""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from davproxy.errors import BadIni


class Kind(StrEnum):
    """The type of a field."""

    TEXT = "text"
    NUMBER = "number"
    FLAG = "flag"


class Group(StrEnum):
    """The subject of a field; the editor shows one block for each."""

    SONG = "song"
    DIFFICULTY = "difficulty"
    PLAYBACK = "playback"
    CHART = "chart"


Value = str | int | bool


@dataclass(frozen=True, slots=True)
class Field:
    """One standard field.

    `default` is what games assume where the field is missing. `unit` is `ms`, `ticks` or empty. `aliases` are older
    names, which are read where the field itself is missing. Numbers are between `lowest` and `highest`.
    """

    name: str
    kind: Kind
    group: Group
    label: str
    default: Value
    unit: str = ""
    aliases: tuple[str, ...] = ()
    lowest: int = -(2**31)
    highest: int = 2**31 - 1


def _text(name: str, label: str, default: str = "", group: Group = Group.SONG, *aliases: str) -> Field:
    return Field(name, Kind.TEXT, group, label, default, aliases=aliases)


def _number(name: str, label: str, group: Group, default: int = -1, unit: str = "", *aliases: str) -> Field:
    return Field(name, Kind.NUMBER, group, label, default, unit, aliases)


def _flag(name: str, label: str, group: Group, default: bool = False) -> Field:
    return Field(name, Kind.FLAG, group, label, default)


def _intensity(name: str, label: str) -> Field:
    return _number(name, label, Group.DIFFICULTY)


_TABLE = (
    _text("name", "Title", "Unknown Name"),
    _text("artist", "Artist", "Unknown Artist"),
    _text("album", "Album", "Unknown Album"),
    _text("genre", "Genre", "Unknown Genre"),
    _text("year", "Year", "Unknown Year"),
    _text("charter", "Charter", "Unknown Charter", Group.SONG, "frets"),
    _number("album_track", "Track in the album", Group.SONG, 16000, "", "track"),
    _text("playlist", "Playlist"),
    _text("sub_playlist", "Playlist inside it"),
    _number("playlist_track", "Track in the playlist", Group.SONG, 16000),
    _text("icon", "Icon"),
    _text("loading_phrase", "Loading phrase"),
    _text("rating", "Rating"),
    _intensity("diff_band", "Band"),
    _intensity("diff_guitar", "Guitar"),
    _intensity("diff_guitar_coop", "Guitar co-op"),
    _intensity("diff_rhythm", "Rhythm guitar"),
    _intensity("diff_bass", "Bass"),
    _intensity("diff_drums", "Drums"),
    _intensity("diff_drums_real", "Pro drums"),
    _intensity("diff_keys", "Keys"),
    _intensity("diff_guitarghl", "Six-fret guitar"),
    _intensity("diff_guitar_coop_ghl", "Six-fret guitar co-op"),
    _intensity("diff_rhythm_ghl", "Six-fret rhythm guitar"),
    _intensity("diff_bassghl", "Six-fret bass"),
    _intensity("diff_vocals", "Vocals"),
    _number("song_length", "Length", Group.PLAYBACK, 0, "ms"),
    _number("preview_start_time", "Preview starts at", Group.PLAYBACK, -1, "ms"),
    _number("preview_end_time", "Preview ends at", Group.PLAYBACK, -1, "ms"),
    _number("delay", "Delay of the chart", Group.PLAYBACK, 0, "ms"),
    _text("background", "Background picture", group=Group.PLAYBACK),
    _text("cover", "Cover picture", group=Group.PLAYBACK),
    _text("video", "Video", group=Group.PLAYBACK),
    _number("video_start_time", "Video starts at", Group.PLAYBACK, 0, "ms"),
    _number("video_end_time", "Video ends at", Group.PLAYBACK, -1, "ms"),
    _flag("video_loop", "Video repeats", Group.PLAYBACK),
    _flag("lyrics", "Has lyrics", Group.PLAYBACK),
    _flag("modchart", "Modchart", Group.PLAYBACK),
    _flag("end_events", "Ends at its end event", Group.PLAYBACK, True),
    _number("hopo_frequency", "Hammer-on threshold", Group.CHART, 0, "ticks", "hopofreq"),
    _flag("eighthnote_hopo", "Eighth notes hammer on", Group.CHART),
    _number("multiplier_note", "Star power note", Group.CHART, 0, "", "star_power_note"),
    _number("sustain_cutoff_threshold", "Shortest sustain", Group.CHART, -1, "ticks"),
    _number("chord_snap_threshold", "Chord snap", Group.CHART, 0, "ticks"),
    _flag("five_lane_drums", "Five-lane drums", Group.CHART),
    _flag("pro_drums", "Pro drums", Group.CHART),
)
FIELDS: Mapping[str, Field] = {field.name: field for field in _TABLE}
"""Every standard field by name, in the order in which an editor shows them."""
ALIASES: Mapping[str, str] = {alias: field.name for field in _TABLE for alias in field.aliases}
"""Older name of a field to its name today."""
REQUIRED = ("name", "artist", "album", "genre", "year", "charter")
"""Fields that every song should have."""
IDENTITY_KEYS = (
    "hopo_frequency", "eighthnote_hopo", "multiplier_note", "sustain_cutoff_threshold", "chord_snap_threshold",
    "five_lane_drums", "pro_drums",
)  # fmt: skip
"""Fields that change how the notes play. The public index makes them part of a chart's identity."""

_LEADING_NUMBER = re.compile(r"[ \t]*([+-]?[0-9]{1,15}(?:\.[0-9]{0,15})?)")
_FLAGS = {"true": True, "1": True, "false": False, "0": False}


def raw_text(pairs: Mapping[str, str], name: str) -> str:
    """A text field as written; empty where it is missing, as games also read `0` and `-1`."""
    for key in (name, *FIELDS[name].aliases):
        value = pairs.get(key, "").strip()
        if value not in ("", "0", "-1"):
            return value
    return ""


def text(pairs: Mapping[str, str], name: str) -> str:
    """A text field as written, or its default."""
    return raw_text(pairs, name) or str(FIELDS[name].default)


def number(pairs: Mapping[str, str], name: str) -> int:
    """A number field; a value that is no number counts as missing."""
    field = FIELDS[name]
    for key in (name, *field.aliases):
        match = _LEADING_NUMBER.match(pairs.get(key, ""))
        if match and (value := round(float(match[1]))) != -1:
            return min(max(value, field.lowest), field.highest)
    return int(field.default)


def flag(pairs: Mapping[str, str], name: str) -> bool:
    """A flag; a value that is neither true nor false counts as missing."""
    field = FIELDS[name]
    for key in (name, *field.aliases):
        value = _FLAGS.get(pairs.get(key, "").strip().lower())
        if value is not None:
            return value
    return bool(field.default)


def hopo_threshold(pairs: Mapping[str, str], resolution: int) -> int:
    """The ticks within which a note is a hammer-on by itself; 0 for the game's default."""
    return number(pairs, "hopo_frequency") or (resolution // 2 if flag(pairs, "eighthnote_hopo") else 0)


def value(pairs: Mapping[str, str], name: str) -> Value:
    """A standard field in its own type, or its default."""
    match FIELDS[name].kind:
        case Kind.TEXT:
            return text(pairs, name)
        case Kind.NUMBER:
            return number(pairs, name)
        case Kind.FLAG:
            return flag(pairs, name)


def to_text(name: str, given: Value | float) -> str:
    """`given` as written in song.ini. Raises BadIni, which names the field, where games would not understand it.

    A fraction is rounded where games read whole numbers: seconds times 1000 are rarely whole.
    """
    field = FIELDS.get(ALIASES.get(name, name))
    if isinstance(given, bool):
        given = "True" if given else "False"
    elif isinstance(given, float) and (given.is_integer() or _is_number(field, given)):
        given = round(given)
    line = str(given).strip()
    if "\n" in line or "\r" in line:
        raise BadIni(f"{name}: a value must stay on one line.")
    if field is None or field.kind is Kind.TEXT or not line:
        return line
    if field.kind is Kind.FLAG:
        if line.lower() not in _FLAGS:
            raise BadIni(f"{name}: must be True or False, not “{line[:40]}”.")
        return "True" if _FLAGS[line.lower()] else "False"
    if not re.fullmatch(r"[+-]?[0-9]{1,10}", line) or not field.lowest <= int(line) <= field.highest:
        raise BadIni(f"{name}: must be a whole number, not “{line[:40]}”.")
    return str(int(line))


def _is_number(field: Field | None, given: float) -> bool:
    return field is not None and field.kind is Kind.NUMBER and math.isfinite(given)
