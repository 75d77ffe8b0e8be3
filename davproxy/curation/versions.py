"""Versions of a chart: songs of one artist, title and charter whose notes differ, so that games score them apart."""

from davproxy.library import Library
from davproxy.model import Song, SongQuery

MOST = 20
"""Differences that are listed at most."""


def other_versions(library: Library, song: Song) -> list[Song]:
    """The songs of the same artist, title and charter with other notes; none where the charter is unknown."""
    if not song.charter:
        return []
    query = SongQuery(search=song.title, artist=song.artist, charter=song.charter, limit=1000)
    _, found = library.songs.find(query)
    return [
        each
        for each in found
        if each.id != song.id and each.title.casefold() == song.title.casefold() and each.identity != song.identity
    ]


def differences(older: Song, newer: Song) -> list[str]:
    """What differs in tracks, note counts and length, a sentence each. Empty until the notes of both are read."""
    if older.chart is None or newer.chart is None:
        return []
    before, after = _note_counts(older), _note_counts(newer)
    words = [f"{name}: new, {_notes_text(after[name])}" for name in after if name not in before]
    words += [f"{name}: gone" for name in before if name not in after]
    words += [
        f"{name}: {_notes_text(after[name])}, {before[name]} before"
        for name in after
        if name in before and before[name] != after[name]
    ]
    if abs(older.length - newer.length) >= 1000:
        words.append(f"length: {_time(newer.length)}, {_time(older.length)} before")
    return words[:MOST] or ["the same tracks and note counts, at other times or on other lanes"]


def _note_counts(song: Song) -> dict[str, int]:
    """The number of notes of each track, by its name for people."""
    tracks = (song.chart or {}).get("tracks", [])
    return {f"{track['difficulty'].capitalize()} {track['instrument']}": track["notes"] for track in tracks}


def _notes_text(notes: int) -> str:
    return f"{notes} {'note' if notes == 1 else 'notes'}"


def _time(milliseconds: int) -> str:
    seconds = round(milliseconds / 1000)
    return f"{seconds // 60}:{seconds % 60:02}"
