"""The JSON of songs, which the API document is made from."""

import time
from typing import Any

from pydantic import BaseModel, Field

from davproxy.model import FAVOURITES, Song


class SongSummary(BaseModel):
    """A song in a list. `title` is plain text; `rich_title` may hold rich text tags."""

    id: int
    path: str
    remote_path: str = Field(description="The same as `path`.")
    file_path: str = Field(description="Always empty: no song is kept on the server.")
    title: str
    rich_title: str
    artist: str
    album: str
    genre: str
    year: str
    charter: str
    length: int = Field(description="Milliseconds.")
    instruments: dict[str, int] = Field(description="Intensity 0-6 by instrument, -1 where none is given.")
    difficulties: list[str]
    nps: float = Field(description="Notes a second, on average, of the chart that has most; 0 where none is known.")
    problems: int = Field(description="Number of problems.")
    errors: int = Field(description="Number of problems that make the song play wrong or keep it from loading.")
    refused: bool = Field(description="A game would not load this song.")
    has_art: bool
    has_video: bool
    has_lyrics: bool
    plays: int = Field(description="By all players together; 0 for never.")
    stars: int = Field(description="The most that a player has, 0 to 6; 6 are gold.")
    full_combo: bool
    best_score: int
    starred: bool = Field(description="It is in the list of favourites.")
    tags: list[str]
    modified: float = Field(description="Unix seconds.")
    etag: str
    metadata: dict[str, str] = Field(description="Every key and value of song.ini, keys in lower case.")
    created_at: str = Field(description="When the song came into the library: YYYY-MM-DD HH:MM:SS, UTC.")
    updated_at: str = Field(description="When it last changed there.")
    synced_at: str = Field(description="When it was last read from its files.")

    @classmethod
    def of(cls, song: Song) -> "SongSummary":
        """The summary of `song`."""
        return cls(**_summary(song))


class SongDetail(SongSummary):
    """Everything about a song."""

    files: dict[str, int] = Field(description="Bytes by file name.")
    findings: list[dict[str, Any]] = Field(description="The problems, each with an explanation.")
    identity: str = Field(description="MD5 of the notes file, which Clone Hero knows the song by.")
    chart: dict[str, Any] | None = Field(description="The chart in numbers: tracks with notes and density, sections.")

    @classmethod
    def of(cls, song: Song) -> "SongDetail":
        """The details of `song`."""
        return cls(
            **_summary(song),
            files=dict(song.files),
            findings=[dict(problem) for problem in song.problems],
            identity=song.identity,
            chart=None if song.chart is None else dict(song.chart),
        )


def _summary(song: Song) -> dict[str, Any]:
    return {
        "id": song.id,
        "path": song.path,
        "remote_path": song.path,
        "file_path": "",
        "title": song.title,
        "rich_title": song.metadata.get("name") or song.title,
        "artist": song.artist,
        "album": song.album,
        "genre": song.genre,
        "year": song.year,
        "charter": song.charter,
        "length": song.length,
        "instruments": dict(song.instruments),
        "difficulties": list(song.difficulties),
        "nps": song.nps,
        "problems": len(song.problems),
        "errors": sum(problem.get("severity") != "warning" for problem in song.problems),
        "refused": song.refused,
        "has_art": song.has_art,
        "has_video": song.has_video,
        "has_lyrics": song.has_lyrics,
        "plays": song.played.plays,
        "stars": song.played.stars,
        "full_combo": song.played.full_combo,
        "best_score": song.played.score,
        "starred": FAVOURITES in song.lists,
        "tags": list(song.tags),
        "modified": song.modified,
        "etag": song.etag,
        "metadata": dict(song.metadata),
        **{name: _time(getattr(song, name)) for name in ("created_at", "updated_at", "synced_at")},
    }


def _time(seconds: float) -> str:
    """Unix seconds as SQLite writes a time."""
    return time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(seconds))


class SongPage(BaseModel):
    """One page of a list. `total` counts all songs that match."""

    total: int
    limit: int
    offset: int
    songs: list[SongSummary]


class SongIds(BaseModel):
    """All songs that match."""

    ids: list[int]


class TrackName(BaseModel):
    """A chart of the song. On guitars a chord counts as one note."""

    instrument: str
    difficulty: str
    notes: int
    average: float = Field(description="Notes a second between the first note and the last.")
    peak: int = Field(description="The most notes in one second.")


Spans = list[tuple[float, float]]


class HighwayChart(BaseModel):
    """The notes of one chart, for a highway. Times are seconds from tick 0; the audio is at `time + offset`."""

    instrument: str
    difficulty: str
    family: str = Field(description="five-fret, six-fret or drums.")
    lanes: int = Field(description="Lanes side by side.")
    tracks: list[TrackName]
    offset: float
    length: float
    notes: list[tuple[float, float, int, int]] = Field(
        description="Time, duration, lane (-1: open or kick; six frets: white 1-3, then black 1-3), flags (1 "
        "hammer-on, 2 tap, 4 cymbal, 8 double kick, 16 ghost, 32 accent)."
    )
    star_power: Spans = Field(description="Start, end.")
    solos: Spans
    rolls: Spans = Field(description="Drum rolls and swells.")
    sections: list[tuple[float, str]] = Field(description="Time, name.")
    beats: list[tuple[float, bool]] = Field(description="Time, whether it is a downbeat.")
    lyrics: list[list[tuple[float, str]]] = Field(description="Lines of syllables, each with its time.")
