"""Career tiers: songs split into lists from easy to hard, by the density of their notes."""

from collections.abc import Iterable, Sequence
from itertools import pairwise

from davproxy.curation.list_files import ListEntry
from davproxy.curation.lists import Lists
from davproxy.errors import AlreadyExists, BadInput
from davproxy.formats.chart import Difficulty
from davproxy.model import Song

MOST_TIERS = 20
_HARDEST_FIRST = tuple(Difficulty)


def split(songs: Iterable[Song], instrument: str, count: int) -> list[list[Song]]:
    """At most `count` tiers of equal size, the easiest first. Songs without the instrument are left out."""
    rated = [(rating, song) for song in songs if (rating := notes_a_second(song, instrument)) is not None]
    ordered = [song for _, song in sorted(rated, key=lambda each: each[0])]
    bounds = [len(ordered) * number // count for number in range(count + 1)]
    tiers = [ordered[start:end] for start, end in pairwise(bounds)]
    return [tier for tier in tiers if tier]


def notes_a_second(song: Song, instrument: str) -> float | None:
    """Notes a second of the hardest chart for the instrument; None where there is none, or it is not read yet."""
    tracks = [track for track in (song.chart or {}).get("tracks", []) if track["instrument"] == instrument]
    hardest = min(tracks, key=lambda track: _HARDEST_FIRST.index(track["difficulty"]), default=None)
    return float(hardest["average"]) if hardest and song.identity else None


def make(lists: Lists, name: str, songs: Sequence[Song], instrument: str, count: int) -> list[str]:
    """Make the lists `NAME 1`, the easiest, `NAME 2` and so on. Returns their names.

    Raises BadInput where no song has the instrument, and AlreadyExists, before the first is made, where one is there.
    """
    tiers = split(songs, instrument, count)
    if not tiers:
        raise BadInput(f"None of these songs has a chart for {instrument} that is read already.")
    width = len(str(len(tiers)))
    names = [f"{name} {number:0{width}}" for number in range(1, len(tiers) + 1)]
    if taken := set(names).intersection(lists.names()):
        raise AlreadyExists(f"There is a list called “{min(taken)}” already. Choose another name.")
    for each, tier in zip(names, tiers, strict=True):
        lists.create(each, [ListEntry(song.identity, song.sha1) for song in tier])
    return names
