"""The pattern of song folders: the path below /Songs of a song, by its fields."""

import re
from collections.abc import Mapping

from davproxy import paths
from davproxy.formats import rich_text, song_fields
from davproxy.setting_types import PATTERN_FIELD, song_folders

SNG = ".sng"
MOST_BYTES = 200
"""Bytes of a name, so that " (2)" and ".sng" still fit behind it."""
_LIMITS = (paths.SAFE_NAME_BYTES, 60, 40, 20)
"""Bytes of each field, tried in turn until the name is short enough."""
_EMPTY_BRACKETS = re.compile(r"\s*(\(\s*\)|\[\s*\]|\{\s*\})")
_DANGLING = re.compile(r"^[\s\-–_,]+|[\s\-–_,]+$")
_NAMED = ("artist", "title")
"""Fields with a default name where they are empty; other empty fields are left out."""


class FolderPattern:
    """A pattern such as `{artist}/{title}_{id}`: a `/` makes a folder, a name in braces is a field of the song."""

    def __init__(self, text: str) -> None:
        """Raises ValueError for a malformed pattern."""
        self.text = song_folders(text)
        self._levels = self.text.split("/")

    def path(self, pairs: Mapping[str, str], identity: str) -> str:
        """The path of the song with these pairs of song.ini and this identity, without `.sng`."""
        values = _values(pairs, identity)
        return paths.join(paths.SONGS, *(_name(level, values) for level in self._levels))


def _values(pairs: Mapping[str, str], identity: str) -> dict[str, str]:
    fields = {"title": "name", "source": "icon"}
    values = {"id": identity[:8]}
    for name in ("artist", "title", "album", "genre", "year", "charter", "playlist", "source"):
        field = fields.get(name, name)
        text = song_fields.text(pairs, field) if name in _NAMED else song_fields.raw_text(pairs, field)
        values[name] = rich_text.strip(text)
    return values


def _name(level: str, values: Mapping[str, str]) -> str:
    """One name of the path, at most MOST_BYTES long."""
    text = ""
    for limit in _LIMITS:
        text = _fill(level, {name: _shorten(value, limit) for name, value in values.items()})
        if len(text.encode()) <= MOST_BYTES:
            break
    return text or "Unknown"


def _fill(level: str, values: Mapping[str, str]) -> str:
    """`level` with the values of its fields; without brackets, dashes and blanks around empty ones."""
    text = " ".join(PATTERN_FIELD.sub(lambda match: values[match[1]], level).split())
    if all(values[name] for name in PATTERN_FIELD.findall(level)):
        return text.strip(". ")
    return _DANGLING.sub("", _EMPTY_BRACKETS.sub("", text)).strip(". ")


def _shorten(value: str, limit: int) -> str:
    """`value` as a part of a name: at most `limit` bytes, without characters that a disk refuses."""
    safe = paths.safe_name(value, "")
    return safe.encode()[:limit].decode(errors="ignore").strip()
