"""YARG's playlists: a JSON file with a name, an author, an id, and songs by the SHA-1 of their notes files.

YARG writes `{"Name": …, "Author": …, "Id": a GUID, "SongHashes": [40 upper-case hex digits]}` and is not particular
about what else is in the object, which is kept.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from davproxy.errors import BadInput
from davproxy.formats.encoding import detect

MAX_BYTES = 8 * 1024 * 1024
"""Bytes, far above any real playlist."""
_SHA1 = re.compile(r"[0-9A-Fa-f]{40}")
_NOT_ONE = "This is not a playlist of YARG."


@dataclass(frozen=True, slots=True)
class Playlist:
    """`hashes` are the SHA-1 of notes files, 40 hex digits in lower case. `other` is what else the object holds."""

    name: str
    author: str
    id: str
    hashes: tuple[str, ...]
    other: Mapping[str, Any] = field(default_factory=dict)


def parse(data: bytes) -> Playlist:
    """The playlist in `data`. Raises BadInput for anything else."""
    try:
        content = json.loads(detect(data).decode(data)) if len(data) <= MAX_BYTES else None
    except (ValueError, RecursionError):
        content = None
    hashes = content.get("SongHashes") if isinstance(content, dict) else None
    if not isinstance(content, dict) or not isinstance(hashes, list):
        raise BadInput(_NOT_ONE)
    if not all(isinstance(each, str) and _SHA1.fullmatch(each) for each in hashes):
        raise BadInput("This playlist is damaged: it holds a song that is no SHA-1. Save it again in the game.")
    other = {key: value for key, value in content.items() if key not in ("Name", "Author", "Id", "SongHashes")}
    name, author, id = (str(content.get(key) or "") for key in ("Name", "Author", "Id"))
    return Playlist(name, author, id, tuple(each.lower() for each in hashes), other)


def render(playlist: Playlist) -> bytes:
    """The bytes of the file."""
    content = {
        "Name": playlist.name,
        "Author": playlist.author,
        "Id": playlist.id,
        "SongHashes": [each.upper() for each in playlist.hashes],
        **playlist.other,
    }
    return json.dumps(content, indent=2, ensure_ascii=False).encode("utf-8", "surrogatepass") + b"\n"
