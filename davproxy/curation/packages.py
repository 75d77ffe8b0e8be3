"""Packages: the files of one song as somebody released them, and how two with the same notes differ."""

import hashlib
import re
from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field

from davproxy.errors import BadIni
from davproxy.formats import identify, song_fields
from davproxy.formats.identify import FileKind
from davproxy.formats.song_fields import Kind

AUDIO, ART, VIDEO, INI = "audio", "art", "video", identify.INI_NAME
_KINDS = {
    FileKind.ART: ART,
    FileKind.VIDEO: VIDEO,
    FileKind.BACKGROUND: "background",
    FileKind.HIGHWAY: "highway",
}
_OF_AUDIO = ("delay", "song_length", "preview_start_time", "preview_end_time")
_OF_VIDEO = ("video_start_time", "video_end_time", "video_loop")
_NO_FIELDS = ("title", *song_fields.IDENTITY_KEYS)
"""Fields that are never copied: `title`, which no game reads, and those that scores depend on."""

_LINE = re.compile(r"[^\s=;#\[][^=\r\n]*=[^\r\n]*")
"""A line that a song.ini can hold: the metadata of an .sng may hold anything."""

Blocks = Callable[[str], AbstractContextManager[Iterator[bytes]]]
Difference = tuple[tuple[str, ...], tuple[str, ...]]
"""Our files of a part, and those of the other package."""


@dataclass(frozen=True, slots=True)
class Package:
    """The files of a song: their `sizes` by name, their `blocks`, and the `pairs` of its song.ini or .sng.

    `paths` are those of files on the remote outside the library: they are moved instead of sent.
    """

    sizes: Mapping[str, int]
    pairs: Mapping[str, str]
    blocks: Blocks
    paths: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Comparison:
    """The other package compared with ours: the `missing` files and `fields`, the parts in which both `differ`, and
    the `differing_fields` of song.ini, with the other's values."""

    missing: tuple[str, ...]
    fields: Mapping[str, str]
    differ: Mapping[str, Difference]
    differing_fields: Mapping[str, str]


def part_of(name: str) -> str:
    """The part of a song that a file is. A game uses one file of each part.

    `audio`, `art`, `video`, `background`, `highway`; what a game does not know is a part by itself.
    """
    stem, extension = identify.split(name)
    kind = identify.file_kind(name)
    if kind in _KINDS:
        return _KINDS[kind]
    if stem in identify.STEMS and extension in (*identify.AUDIO_EXTENSIONS, *identify.OTHER_AUDIO_EXTENSIONS):
        return stem if stem in identify.NO_MUSIC_STEMS else AUDIO
    return name.lower()


def compare(
    ours: Mapping[str, int],
    our_pairs: Mapping[str, str],
    other: Mapping[str, int],
    other_pairs: Mapping[str, str],
    same: Callable[[str, str], bool],
) -> Comparison:
    """What `other` has that `ours` lacks. Both are sizes by name; `same` tells whether two files of one size are equal.

    Notes are left out: those of both are the same, and another notes file would change which of them a game plays.
    The stems of a song belong together. One is added only where the other package has all of ours unchanged, because
    a stem beside a mix that holds it already plays twice.
    """
    missing, differ = _compare_files(ours, other, same)
    skipped = {*(_OF_AUDIO if AUDIO in differ else ()), *(_OF_VIDEO if VIDEO in differ else ())}
    fields, differing_fields = _compare_fields(our_pairs, other_pairs, skipped)
    return Comparison(tuple(sorted(missing)), fields, differ, differing_fields)


def _compare_files(
    ours: Mapping[str, int], other: Mapping[str, int], same: Callable[[str, str], bool]
) -> tuple[list[str], dict[str, Difference]]:
    """(the files that `ours` lacks, the parts in which both differ)."""
    our_parts = _parts(ours)
    missing: list[str] = []
    differ: dict[str, Difference] = {}
    for part, names in _parts(other).items():
        present = our_parts.get(part, ())
        equal = {name: {each for each in present if ours[each] == other[name] and same(each, name)} for name in names}
        kept = set().union(*equal.values())
        new = [name for name in names if not equal[name]]
        if not present or (part == AUDIO and kept == set(present) and _stems(new).isdisjoint(_stems(present))):
            missing += new
        elif (new and part == AUDIO) or not kept:
            differ[part] = (present, names)
    return missing, differ


def _compare_fields(
    ours: Mapping[str, str], other: Mapping[str, str], skipped: Container[str]
) -> tuple[dict[str, str], dict[str, str]]:
    """(the fields of `other` that `ours` lacks, but for those to be `skipped`; those to which both give values)."""
    stated = {key: value for key, value in other.items() if key not in _NO_FIELDS and _is_stated(other, key)}
    missing = {key: value for key, value in stated.items() if key not in skipped and not _is_stated(ours, key)}
    differing = {key: value for key, value in stated.items() if _is_stated(ours, key) and not _agree(ours, key, value)}
    return missing, differing


def _stems(names: Iterable[str]) -> set[str]:
    return {identify.split(name)[0] for name in names}


def digest(blocks: Iterable[bytes]) -> str:
    """The SHA-1 of a file, as remotes store it."""
    sha1 = hashlib.sha1(usedforsecurity=False)
    for block in blocks:
        sha1.update(block)
    return sha1.hexdigest()


def _parts(sizes: Mapping[str, int]) -> dict[str, tuple[str, ...]]:
    """The files of each part, but for notes and song.ini."""
    parts: dict[str, tuple[str, ...]] = {}
    for name in sorted(sizes):
        if identify.file_kind(name) not in (FileKind.NOTES, FileKind.INI):
            parts[part_of(name)] = (*parts.get(part_of(name), ()), name)
    return parts


def _is_stated(pairs: Mapping[str, str], key: str) -> bool:
    """Whether `pairs` give the field `key` a value other than its default."""
    name = song_fields.ALIASES.get(key, key)
    if name not in song_fields.FIELDS:
        return bool(pairs.get(key, "").strip()) and _LINE.fullmatch(f"{key}={pairs[key]}") is not None
    try:
        song_fields.to_text(name, pairs.get(key, ""))
    except BadIni:
        return False
    match song_fields.FIELDS[name].kind:
        case Kind.TEXT:
            return bool(song_fields.raw_text(pairs, name)) and song_fields.text(pairs, name) != str(
                song_fields.FIELDS[name].default
            )
        case Kind.NUMBER:
            return song_fields.number(pairs, name) != song_fields.FIELDS[name].default
        case Kind.FLAG:
            return any(pairs.get(each, "").strip() for each in (name, *song_fields.FIELDS[name].aliases))


def _agree(pairs: Mapping[str, str], key: str, value: str) -> bool:
    """Whether the field `key` has this value already."""
    name = song_fields.ALIASES.get(key, key)
    if name in song_fields.FIELDS:
        return song_fields.value(pairs, name) == song_fields.value({key: value}, name)
    return pairs.get(key, "").strip() == value.strip()
