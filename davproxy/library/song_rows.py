"""Rows of the songs table, made from the files of a song folder or the header of an .sng."""

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from davproxy.formats import identify, rich_text, song_fields
from davproxy.formats.identify import INI_NAME, FileKind
from davproxy.model import Entry, Song
from davproxy.paths import SONGS, is_below, name_of

SNG = ".sng"
MOST_ID = 2**53 - 1
"""The largest id: JavaScript keeps integers up to it exact."""

_ID = re.compile(r"(?<=.)_[0-9a-f]{8}$")
LONGEST_VALUE = 1000
"""Most characters of a value of song.ini in a row."""
MOST_PAIRS = 500
"""Most values of song.ini in a row."""


def is_sng(entry: Entry) -> bool:
    """Whether this is an .sng file below /Songs, which is a song by itself."""
    return not entry.is_folder and entry.path.lower().endswith(SNG) and is_below(entry.path, SONGS)


def is_song_folder(folder: str, children: Iterable[Entry]) -> bool:
    """Whether `folder`, with these children, is a song."""
    return is_below(folder, SONGS) and identify.is_song(
        name_of(child.path) for child in children if not child.is_folder
    )


def id_of(entry: Entry, previous: Song | None) -> int:
    """The id of the song at `entry`: its file id; without one that of the `previous` row, or a hash of the path."""
    if entry.file_id is not None:
        return entry.file_id & MOST_ID
    if previous is not None:
        return previous.id
    return int.from_bytes(hashlib.sha256(entry.path.encode()).digest()[:7]) & MOST_ID


def of_folder(folder: Entry, files: Iterable[Entry], pairs: Mapping[str, str], previous: Song | None) -> Song:
    """The song in `folder` with `files` in it, described by the `pairs` of its song.ini.

    Facts read from the notes file stay those of the `previous` row while that file's etag is the same.
    """
    by_name = {name_of(file.path): file for file in files if not file.is_folder}
    sizes = {name: file.size for name, file in by_name.items()}
    notes = by_name.get(identify.notes_file(sizes) or "")
    modified = max((file.modified for file in by_name.values()), default=folder.modified)
    row = _row(folder, sizes, pairs, previous)
    row = replace(row, etag=by_name[INI_NAME].etag if INI_NAME in by_name else "", modified=modified)
    return _with_facts_of(row, notes.etag if notes else "", previous)


def of_sng(file: Entry, members: Mapping[str, int], pairs: Mapping[str, str], previous: Song | None) -> Song:
    """The song in an .sng with `members`, name to size, described by the `pairs` of its metadata."""
    row = replace(_row(file, members, pairs, previous), etag=file.etag, modified=file.modified)
    return _with_facts_of(row, file.etag, previous)


def _row(entry: Entry, files: Mapping[str, int], pairs: Mapping[str, str], previous: Song | None) -> Song:
    kinds = {identify.file_kind(name) for name in files}

    row = Song(
        id_of(entry, previous), entry.path, "", "", "", metadata=shorten(pairs), files=dict(sorted(files.items())),
        has_video=FileKind.VIDEO in kinds, has_art=FileKind.ART in kinds,
    )  # fmt: skip
    return with_facts(row, {})


def with_facts(song: Song, facts: Mapping[str, Any]) -> Song:
    """`song` with the texts, length and lyrics that its song.ini gives, else the `facts` of its notes.

    A song that has a title from neither is called as its folder, without the id that imports put after the title.
    """
    of_chart = facts.get("song", {})

    def text(field: str) -> str:
        return _text(song.metadata, field) or _text(of_chart, field)

    return replace(
        song, title=own_title(song.metadata, facts) or folder_title(song.path), artist=text("artist"),
        album=text("album"), genre=text("genre"), year=text("year"), charter=text("charter"),
        length=max(0, song_fields.number(song.metadata, "song_length")) or facts.get("length", 0),
        has_lyrics=song_fields.flag(song.metadata, "lyrics") or facts.get("has_lyrics", False),
    )  # fmt: skip


def own_title(pairs: Mapping[str, str], facts: Mapping[str, Any]) -> str:
    """The title that the `pairs` of a song.ini give, else the `facts` of its notes; empty where neither does."""
    return _text(pairs, "name") or _text(facts.get("song", {}), "name")


def folder_title(path: str) -> str:
    """The title of a song at `path` that has none of its own: the name of its folder."""
    return _ID.sub("", name_of(path).removesuffix(SNG))


def _text(pairs: Mapping[str, str], field: str) -> str:
    value = rich_text.strip(song_fields.raw_text(pairs, field))
    return "" if value == song_fields.FIELDS[field].default else value


def shorten(pairs: Mapping[str, str]) -> dict[str, str]:
    """The pairs, limited in number and length for lists and searches. The whole song.ini is in the song's folder."""
    first = list(pairs.items())[:MOST_PAIRS]
    return {
        key[:LONGEST_VALUE]: value if len(value) <= LONGEST_VALUE else value[: LONGEST_VALUE - 1] + "…"
        for key, value in first
    }


def _with_facts_of(song: Song, notes_etag: str, previous: Song | None) -> Song:
    if previous is None or not notes_etag or previous.notes_etag != notes_etag:
        return song
    row = replace(
        song, identity=previous.identity, sha1=previous.sha1, instruments=previous.instruments,
        difficulties=previous.difficulties, chart=previous.chart, notes_etag=previous.notes_etag,
    )  # fmt: skip
    return with_facts(row, row.chart or {})
