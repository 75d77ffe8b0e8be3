"""MusicBrainz, the Cover Art Archive, the Internet Archive and LRCLIB, as they answer: a transport for the client.

The shapes are those of musicbrainz.org/doc/MusicBrainz_API/Search, musicbrainz.org/doc/Cover_Art_Archive/API and
lrclib.net/docs.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field

import httpx


@dataclass(frozen=True, slots=True)
class Track:
    """A recording that they know, on one release."""

    artist: str
    title: str
    album: str
    date: str
    number: int = 1
    length: int = 0
    tags: Mapping[str, int] = field(default_factory=dict)
    cover: bytes = b""
    lyrics: str = ""
    secondary: tuple[str, ...] = ()

    @property
    def release(self) -> str:
        """The id of the release."""
        return str(uuid.uuid5(uuid.NAMESPACE_URL, f"{self.artist}/{self.album}"))


class FakeServers(httpx.BaseTransport):
    """All these servers. `requests` are those received; `failures` are statuses to answer with first, by host."""

    def __init__(self, *tracks: Track) -> None:
        self.tracks = tracks
        self.requests: list[httpx.Request] = []
        self.failures: dict[str, list[int]] = {}

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        if statuses := self.failures.get(request.url.host):
            return httpx.Response(statuses.pop(0), headers={"Retry-After": "2"}, json={"error": "busy"})
        match request.url.host:
            case "musicbrainz.org":
                return self._recordings(request.url.params["query"])
            case "coverartarchive.org":
                return self._cover(request.url.path)
            case "archive.org":
                return httpx.Response(302, headers={"Location": f"https://ia800.us.archive.org{request.url.path}"})
            case "ia800.us.archive.org" if request.url.path.endswith("/index.json"):
                return self._index(request.url.path)
            case "ia800.us.archive.org":
                return httpx.Response(200, content=self._find_track(request.url.path).cover)
            case "lrclib.net":
                return self._lyrics(request.url.params)
        raise httpx.ConnectError("There is no such host.", request=request)

    def _recordings(self, query: str) -> httpx.Response:
        found = [
            _recording(each)
            for each in self.tracks
            if f'recording:"{each.title}"'.lower() in query.lower() and each.artist.lower() in query.lower()
        ]
        created = "2026-01-01T00:00:00.000Z"
        return httpx.Response(200, json={"created": created, "count": len(found), "offset": 0, "recordings": found})

    def _cover(self, path: str) -> httpx.Response:
        if path.endswith(".jpg"):
            return httpx.Response(307, headers={"Location": f"http://archive.org/download/mbid-{path[9:45]}/x.jpg"})
        track = next((each for each in self.tracks if each.release in path), None)
        if track is None or not track.cover:
            return httpx.Response(404, text="<html>No cover art found for release</html>")
        index = f"http://archive.org/download/mbid-{track.release}/index.json"
        return httpx.Response(307, headers={"Location": index})

    def _index(self, path: str) -> httpx.Response:
        track = self._find_track(path)
        address = f"http://coverartarchive.org/release/{track.release}/829521842"
        sizes = {size: f"{address}-{size}.jpg" for size in ("250", "500", "1200")}
        image = {
            "approved": True, "back": False, "comment": "", "edit": 20202510, "front": True, "id": 829521842,
            "image": f"{address}.jpg", "types": ["Front"],
            "thumbnails": {**sizes, "small": sizes["250"], "large": sizes["500"]},
        }  # fmt: skip
        back = {**image, "front": False, "back": True, "types": ["Back"]}
        release = f"https://musicbrainz.org/release/{track.release}"
        return httpx.Response(200, json={"images": [back, image], "release": release})

    def _find_track(self, path: str) -> Track:
        return next(each for each in self.tracks if each.release in path)

    def _lyrics(self, params: httpx.QueryParams) -> httpx.Response:
        names = params["artist_name"].lower(), params["track_name"].lower()
        for each in self.tracks:
            if (each.artist.lower(), each.title.lower()) == names and each.lyrics:
                return httpx.Response(200, json=_lyrics(each))
        missing = {"code": 404, "name": "TrackNotFound", "message": "Failed to find specified track"}
        return httpx.Response(404, json=missing)


def _recording(track: Track) -> Mapping[str, object]:
    credit = [{"name": track.artist, "artist": {"id": "a", "name": track.artist, "sort-name": track.artist}}]
    release = {
        "id": track.release, "status-id": "4e304316-386d-3409-af2e-78857eec5cfe", "count": 1, "title": track.album,
        "status": "Official", "artist-credit": credit, "date": track.date, "country": "US", "track-count": 12,
        "release-group": {
            "id": "g", "type-id": "t", "title": track.album, "primary-type": "Album",
            **({"secondary-types": list(track.secondary)} if track.secondary else {}),
        },
        "media": [{
            "id": "m", "position": 1, "format": "CD", "track-count": 12, "track-offset": track.number - 1,
            "track": [{"id": "t", "number": str(track.number), "title": track.title, "length": track.length}],
        }],
    }  # fmt: skip
    return {
        "id": str(uuid.uuid5(uuid.NAMESPACE_URL, f"{track.artist}/{track.title}")),
        "score": 100,
        "title": track.title,
        "length": track.length or None,
        "video": None,
        "artist-credit": credit,
        "first-release-date": track.date,
        "releases": [release],
        "tags": [{"count": count, "name": name} for name, count in track.tags.items()],
    }


def _lyrics(track: Track) -> Mapping[str, object]:
    plain = "\n".join(line.partition("] ")[2] for line in track.lyrics.splitlines())
    return {
        "id": 3396226, "name": track.title, "trackName": track.title, "artistName": track.artist,
        "albumName": track.album, "duration": track.length / 1000, "instrumental": False, "plainLyrics": plain,
        "syncedLyrics": track.lyrics,
    }  # fmt: skip
