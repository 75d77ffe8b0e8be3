"""Career tiers: songs split into lists from easy to hard, by the density of their notes."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any

from davproxy.curation import list_files
from davproxy.curation.list_files import ENTRIES, ListEntry
from davproxy.curation.lists import MOST_SONGS, Lists, valid_name
from davproxy.curation.steps import Step
from davproxy.errors import AlreadyExists, BadInput
from davproxy.formats.chart import Difficulty
from davproxy.library import Library
from davproxy.model import Song

TIERS = "tiers"
"""The kind of job."""
MOST_TIERS = 20
_HARDEST_FIRST = tuple(Difficulty)


def split(songs: Iterable[Song], instrument: str, count: int) -> list[list[Song]]:
    """At most `count` tiers of equal size, the easiest first. Songs without the instrument are left out.

    Raises BadInput where a tier has more songs than a list holds.
    """
    rated = [(rating, song) for song in songs if (rating := notes_a_second(song, instrument)) is not None]
    ordered = [song for _, song in sorted(rated, key=lambda each: each[0])]
    bounds = [len(ordered) * number // count for number in range(count + 1)]
    tiers = [ordered[start:end] for start, end in pairwise(bounds)]
    if max(map(len, tiers)) > MOST_SONGS:
        raise BadInput(f"tiers: a list holds at most {MOST_SONGS:,} songs. Choose more tiers.")
    return [tier for tier in tiers if tier]


def notes_a_second(song: Song, instrument: str) -> float | None:
    """Notes a second of the hardest chart for the instrument; None where there is none, or it is not read yet."""
    tracks = [track for track in (song.chart or {}).get("tracks", []) if track["instrument"] == instrument]
    hardest = min(tracks, key=lambda track: _HARDEST_FIRST.index(track["difficulty"]), default=None)
    return float(hardest["average"]) if hardest and song.identity else None


class Tiers:
    """Plans the lists `NAME 1`, the easiest, `NAME 2` and so on.

    The options of the job are the `name`; the `list` whose songs they hold, else the `ids` of songs, else all; the
    `instrument`; and how many `tiers`.
    """

    def __init__(self, library: Library, lists: Lists) -> None:
        self._library, self._lists = library, lists

    def plan_of(self, options: Mapping[str, Any]) -> list[Step]:
        """A step for each list. Raises BadInput where no song has the instrument or a list would hold too many,
        AlreadyExists where a list is there, NotFound."""
        instrument = options["instrument"]
        tiers = split(self._songs(options["list"], options["ids"]), instrument, options["tiers"])
        if not tiers:
            raise BadInput(f"None of these songs has a chart for {instrument} that is read already.")
        width = len(str(len(tiers)))
        names = [valid_name(f"{options['name']} {number:0{width}}") for number in range(1, len(tiers) + 1)]
        if taken := set(names).intersection(self._lists.names()):
            raise AlreadyExists(f"There is a list called “{min(taken)}” already. Choose another name.")
        return [_new_list(name, tier, instrument) for name, tier in zip(names, tiers, strict=True)]

    def _songs(self, name: str, ids: Sequence[int]) -> Iterable[Song]:
        if name:
            return [song for song in self._lists.get(name).songs if song is not None]
        return [self._library.songs.get(id) for id in ids] or self._library.songs.all()


def _new_list(name: str, songs: Sequence[Song], instrument: str) -> Step:
    ratings = [notes_a_second(song, instrument) or 0 for song in songs]
    after = list_files.as_line(ListEntry(song.identity, song.sha1) for song in songs)
    reason = f"{ratings[0]:.1f} to {ratings[-1]:.1f} notes a second."
    return Step("list", name, before={ENTRIES: None}, after={ENTRIES: after}, reason=reason)
