"""LRCLIB: lyrics with times. lrclib.net/docs"""

import re

from davproxy.errors import Unavailable
from davproxy.lookup.client import Client

ADDRESS = "https://lrclib.net/api/get"
MOST_CHARACTERS = 100_000
LONGEST = 3600
"""Seconds; it refuses longer songs."""
_TIMED = re.compile(r"\[\d{1,3}:\d{2}(?:[.:]\d{1,3})?\]")


class Lrclib:
    """Asks by artist, title, album and length."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def lyrics(self, artist: str, title: str, album: str, seconds: int) -> str:
        """The lyrics in the form of an .lrc, `[mm:ss.xx] line`; empty where it has none. Raises Unavailable."""
        query = {"artist_name": artist, "track_name": title}
        query |= {"album_name": album} if album else {}
        query |= {"duration": str(seconds)} if 1 <= seconds <= LONGEST else {}
        answer = self._client.json(ADDRESS, query) or {}
        if not isinstance(answer, dict):
            raise Unavailable("lrclib.net answers in another form than it did.")
        text = str(answer.get("syncedLyrics") or "")
        return text[:MOST_CHARACTERS] if _TIMED.search(text) else ""
