"""Proposals: a value for a field that a song lacks, with its source and its confidence."""

from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import asdict, dataclass, replace
from typing import Any, Protocol

from davproxy.formats import song_fields
from davproxy.model import Song

ART, LYRICS = "art", "lyrics"
"""Proposals that become files; the others become fields of song.ini."""
TEXTS = ("name", "artist", "album", "year", "genre", "album_track")
LYRICS_ENDING = ".lrc"


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a `source` proposes for a `field` of song.ini, for ART or for LYRICS.

    `value` is the text of the field or of the lyrics, or where the picture is: a path of the tree, of a picture or of
    audio that holds one, or an address. `confidence` is 0 to 1; `reason` is for people.
    """

    field: str
    value: str
    confidence: float
    source: str
    reason: str

    def as_json(self) -> dict[str, Any]:
        """What `Proposal(**…)` takes."""
        return asdict(self)


class Source(Protocol):
    """A source of proposals. `problem` says why it is no longer asked; empty while it is."""

    @property
    def problem(self) -> str: ...

    def proposals(self, song: Song, known: Mapping[str, str], missing: Set[str]) -> Iterator[Proposal]:
        """Proposals for the fields that are `missing`. `known` are the texts that song.ini has or others proposed.

        Raises Unavailable where the source cannot be asked.
        """


def missing_fields(song: Song) -> frozenset[str]:
    """What a song lacks, of TEXTS, ART and LYRICS.

    A song that is one .sng lacks no files, because adding them to it cannot be undone.
    """
    found = {name for name in TEXTS if not _is_given(song, name)}
    if not song.path.lower().endswith(".sng"):
        if not song.has_art:
            found.add(ART)
        if not song.has_lyrics and not any(name.lower().endswith(LYRICS_ENDING) for name in song.files):
            found.add(LYRICS)
    return frozenset(found)


def known_texts(song: Song) -> dict[str, str]:
    """The TEXTS that song.ini gives."""
    return {
        name: song_fields.text(song.metadata, name) for name in ("name", "artist", "album") if _is_given(song, name)
    }


def best_proposals(found: Iterable[Proposal]) -> list[Proposal]:
    """One proposal a field, the surest. Sources that agree on a value add to its confidence."""
    by_value: dict[tuple[str, str], Proposal] = {}
    for each in found:
        key = each.field, each.value.casefold()
        former = by_value.get(key)
        by_value[key] = each if former is None else _combine(former, each)
    chosen: dict[str, Proposal] = {}
    for each in by_value.values():
        if each.field not in chosen or each.confidence > chosen[each.field].confidence:
            chosen[each.field] = each
    return list(chosen.values())


def _is_given(song: Song, name: str) -> bool:
    field = song_fields.FIELDS[name]
    if field.kind is song_fields.Kind.NUMBER:
        return song_fields.number(song.metadata, name) != field.default
    return song_fields.raw_text(song.metadata, name) not in ("", field.default)


def _combine(one: Proposal, other: Proposal) -> Proposal:
    first, second = sorted((one, other), key=lambda each: -each.confidence)
    return replace(
        first,
        confidence=1 - (1 - first.confidence) * (1 - second.confidence),
        source=f"{first.source}, {second.source}",
        reason=f"{first.reason} {second.reason}",
    )
