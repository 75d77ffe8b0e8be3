"""The two files of a list: NAME.setlist for Clone Hero, by MD5, and NAME.json for YARG, by SHA-1.

Only songs of the library are known by both. A song that is not in it is kept in the file that knows it, so that a song
that is deleted and comes back is in its lists again.
"""

import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from davproxy.errors import BadInput
from davproxy.formats import playlist, setlist
from davproxy.formats.playlist import Playlist
from davproxy.formats.setlist import SetlistSong

SETLIST, PLAYLIST = ".setlist", ".json"
PAIRS = "CloneHeroHashes"
"""The field of a playlist that holds the MD5 of its songs by their SHA-1."""
DEFAULT_AUTHOR = "davproxy"
ENTRIES = "entries"
"""The name of a list's entries in a step."""
LOWEST_SPEED, HIGHEST_SPEED = 5, 250
"""Limits of the pages and the API, in percent. A setlist can hold 1 to 255; speeds in files are kept."""


@dataclass(frozen=True, slots=True)
class ListEntry:
    """A song of a list by `md5` and `sha1` of its notes file, of which one may be unknown, at a `speed` in percent."""

    md5: str
    sha1: str
    speed: int = 100


Known = Callable[[Iterable[str], Iterable[str]], Mapping[str, ListEntry]]
"""The songs of the library with these MD5 and SHA-1, by each of their hashes, at the default speed."""


def read_setlist(data: bytes, known: Known) -> list[ListEntry]:
    """The entries of a .setlist. Raises BadInput."""
    songs = setlist.parse(data)
    here = known([song.identity for song in songs], [])
    return [replace(here.get(song.identity, ListEntry(song.identity, "")), speed=song.speed) for song in songs]


def read_playlist(data: bytes, known: Known) -> list[ListEntry]:
    """The entries of a YARG playlist. Raises BadInput."""
    hashes = playlist.parse(data).hashes
    here = known([], hashes)
    return [here.get(each, ListEntry("", each)) for each in hashes]


def render_setlist(entries: Iterable[ListEntry]) -> bytes:
    """The .setlist with the entries whose MD5 is known."""
    return setlist.render([SetlistSong(entry.md5, entry.speed) for entry in entries if entry.md5])


def render_playlist(name: str, entries: Iterable[ListEntry], former: bytes | None) -> bytes:
    """The YARG playlist with the entries whose SHA-1 is known; all else is as in the `former` file.

    It also says which MD5 belongs to which SHA-1, for songs that leave the library. YARG does not read that.
    """
    entries = list(entries)
    hashes = tuple(entry.sha1 for entry in entries if entry.sha1)
    if former is not None:
        new = replace(playlist.parse(former), name=name, hashes=hashes)
    else:
        new = Playlist(name, DEFAULT_AUTHOR, str(uuid.uuid4()), hashes)
    pairs = {entry.sha1: entry.md5 for entry in entries if entry.md5 and entry.sha1}
    return playlist.render(replace(new, other={**new.other, PAIRS: pairs}))


def complete_hashes(entries: Iterable[ListEntry], playlist_file: bytes | None) -> list[ListEntry]:
    """`entries`, each with both hashes where the playlist pairs them."""
    try:
        pairs = playlist.parse(playlist_file).other.get(PAIRS) if playlist_file is not None else {}
    except BadInput:
        pairs = {}
    by_sha1 = {str(sha1): str(md5) for sha1, md5 in pairs.items()} if isinstance(pairs, dict) else {}
    by_md5 = {md5: sha1 for sha1, md5 in by_sha1.items()}
    return [
        replace(entry, md5=entry.md5 or by_sha1.get(entry.sha1, ""), sha1=entry.sha1 or by_md5.get(entry.md5, ""))
        for entry in entries
    ]


def agree(one: Sequence[ListEntry], other: Sequence[ListEntry]) -> bool:
    """Whether both files name the same songs of the library in the same order."""
    return _hashes_in_library(one) == _hashes_in_library(other)


def merge(entries: Sequence[ListEntry], other: Sequence[ListEntry]) -> list[ListEntry]:
    """`entries`, at the speeds of `other` where theirs is normal, then the entries that only `other` has.

    A YARG playlist has no speeds.
    """
    speeds = {entry.md5: entry.speed for entry in other if entry.md5}
    taken = [
        replace(entry, speed=speeds.get(entry.md5, entry.speed)) if entry.speed == setlist.NORMAL_SPEED else entry
        for entry in entries
    ]
    return [*taken, *(entry for entry in other if not (entry.md5 and entry.sha1) and entry not in taken)]


def unite(entries: Sequence[ListEntry], other: Sequence[ListEntry]) -> list[ListEntry]:
    """`merge`, and then what `other` has besides: for two files of which nobody knows why they differ."""
    merged = merge(entries, other)
    hashes = {each for entry in merged for each in (entry.md5, entry.sha1) if each}
    return [*merged, *(entry for entry in other if hashes.isdisjoint((entry.md5, entry.sha1)))]


def _hashes_in_library(entries: Iterable[ListEntry]) -> list[tuple[str, str]]:
    return [(entry.md5, entry.sha1) for entry in entries if entry.md5 and entry.sha1]


def as_line(entries: Iterable[ListEntry]) -> str:
    """`entries` as a line of text, which `from_line` reads."""
    return " ".join(f"{entry.md5}:{entry.sha1}:{entry.speed}" for entry in entries)


def from_line(line: str) -> list[ListEntry]:
    """The entries that `as_line` wrote."""
    parts = [each.split(":") for each in line.split()]
    return [ListEntry(md5, sha1, int(speed)) for md5, sha1, speed in parts]
