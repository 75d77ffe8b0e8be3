"""MusicBrainz: the recordings of a song, and the releases that they are on. musicbrainz.org/doc/MusicBrainz_API"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from davproxy.errors import Unavailable
from davproxy.lookup.client import Client

ADDRESS = "https://musicbrainz.org/ws/2/recording"
MOST = 25


@dataclass(frozen=True, slots=True)
class Release:
    """A release that a recording is on. `date` is as `1991-09-24`, `1991` or empty; `track` is its number on it.

    `is_album` is true for an official album that is no compilation, soundtrack or live recording.
    """

    id: str
    title: str
    date: str
    track: str
    is_album: bool


@dataclass(frozen=True, slots=True)
class Recording:
    """A recording: its names, its length in milliseconds (0 unknown), its releases, and its genres, commonest first."""

    title: str
    artists: tuple[str, ...]
    length: int
    releases: tuple[Release, ...]
    genres: tuple[str, ...]


class MusicBrainz:
    """Asks by artist and title."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def recordings(self, artist: str, title: str) -> list[Recording]:
        """What it finds, the best match first. Raises Unavailable."""
        query = f'recording:"{_quote(title)}" AND artist:"{_quote(artist)}"'
        answer = self._client.json(ADDRESS, {"query": query, "fmt": "json", "limit": str(MOST)}) or {}
        try:
            return [_recording(each) for each in answer.get("recordings", [])]
        except (AttributeError, KeyError, TypeError, ValueError, IndexError):
            raise Unavailable("musicbrainz.org answers in another form than it did.") from None


def _recording(shape: Mapping[str, Any]) -> Recording:
    tags = sorted(shape.get("tags", []), key=lambda tag: -int(tag["count"]))
    return Recording(
        title=str(shape["title"]),
        artists=tuple(str(credit["name"]) for credit in shape.get("artist-credit", [])),
        length=int(shape.get("length") or 0),
        releases=tuple(_release(each) for each in shape.get("releases", [])),
        genres=tuple(str(tag["name"]) for tag in tags if int(tag["count"]) > 0),
    )


def _release(shape: Mapping[str, Any]) -> Release:
    group = shape.get("release-group", {})
    tracks = [track for medium in shape.get("media", []) for track in medium.get("track", [])]
    return Release(
        id=str(shape["id"]),
        title=str(shape["title"]),
        date=str(shape.get("date") or ""),
        track=str(tracks[0].get("number", "")) if tracks else "",
        is_album=group.get("primary-type") == "Album"
        and not group.get("secondary-types")
        and shape.get("status", "Official") == "Official",
    )


def _quote(text: str) -> str:
    """As a phrase of its search takes it."""
    return text.replace("\\", " ").replace('"', " ")
