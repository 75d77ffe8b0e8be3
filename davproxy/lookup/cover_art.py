"""The Cover Art Archive: the front cover of a release of MusicBrainz. musicbrainz.org/doc/Cover_Art_Archive/API"""

from urllib.parse import quote

from davproxy.errors import BadInput, Unavailable
from davproxy.lookup.client import Client

ADDRESS = "https://coverartarchive.org/release/"
HOST = "coverartarchive.org"
SIZES = ("500", "large", "250", "small")
"""Thumbnails, the best for album art first."""


class CoverArt:
    """Asks by the id of a release."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def front(self, release: str) -> str:
        """The address of its front cover; empty where it has none. Raises Unavailable."""
        try:
            answer = self._client.json(ADDRESS + quote(release, safe=""), {}, _is_of_the_archive) or {}
        except BadInput as error:
            raise Unavailable(error.message) from None
        try:
            covers = [each for each in answer.get("images", []) if each.get("front")]
            sizes = covers[0].get("thumbnails", {}) if covers else {}
            address = next((str(sizes[size]) for size in SIZES if size in sizes), "")
        except (AttributeError, TypeError):
            raise Unavailable(f"{HOST} answers in another form than it did.") from None
        return address.replace("http://", "https://", 1)

    def picture(self, address: str) -> bytes:
        """The bytes of a cover, which the Internet Archive keeps. Raises BadInput, Unavailable."""
        return self._client.content(address, _is_of_the_archive)


def _is_of_the_archive(host: str) -> bool:
    return host in (HOST, "archive.org") or host.endswith(".archive.org")
