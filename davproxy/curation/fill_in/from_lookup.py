"""Proposals of MusicBrainz, the Cover Art Archive and LRCLIB, which are sent artist, title, album and length."""

from collections.abc import Iterator, Mapping, Sequence, Set

from davproxy.curation.fill_in.proposals import ART, LYRICS, Proposal
from davproxy.curation.same_song import album_key, artist_key, plain_names, song_key
from davproxy.errors import Unavailable
from davproxy.formats import rich_text
from davproxy.lookup.client import Client
from davproxy.lookup.cover_art import CoverArt
from davproxy.lookup.lrclib import Lrclib
from davproxy.lookup.musicbrainz import MusicBrainz, Recording, Release
from davproxy.model import Song

_SAME_LENGTH = 5000
"""Milliseconds by which a chart may differ in length from its recording."""
_KNOWN_ALBUM, _SAME_RECORDING, _SAME_NAMES = 0.92, 0.87, 0.75
"""The confidence of a release: of the album that the song has; of a recording of its length; of its names alone."""
_GENRE, _LYRICS = 0.6, 0.85
_OF_RELEASE = ("album", "year", "album_track", "genre", ART)


class FromLookup:
    """Asks the servers, until one does not answer."""

    def __init__(self, client: Client) -> None:
        self._music_brainz, self._covers, self._lrclib = MusicBrainz(client), CoverArt(client), Lrclib(client)
        self.problem = ""

    def proposals(self, song: Song, known: Mapping[str, str], missing: Set[str]) -> Iterator[Proposal]:
        """Proposals of the servers. Once one fails, `problem` says so, and none is asked again."""
        if self.problem or not (known.get("artist") and known.get("name")):
            return
        artist, title = plain_names(known["artist"], known["name"])
        if not (artist and title):
            return
        plain = {"artist": artist, "name": title, "album": rich_text.strip(known.get("album", ""))}
        try:
            if not missing.isdisjoint(_OF_RELEASE):
                yield from self._release_proposals(song, plain, missing)
            if LYRICS in missing:
                yield from self._lyrics_proposals(song, plain)
        except Unavailable as error:
            self.problem = error.message

    def _release_proposals(self, song: Song, known: Mapping[str, str], missing: Set[str]) -> Iterator[Proposal]:
        matching = [
            each for each in self._music_brainz.recordings(known["artist"], known["name"]) if _matches(each, known)
        ]
        if not matching:
            return
        close = [each for each in matching if song.length and abs(each.length - song.length) <= _SAME_LENGTH]
        genres = [genre for each in (close or matching) for genre in each.genres]
        if "genre" in missing and genres:
            yield Proposal("genre", genres[0].title(), _GENRE, "musicbrainz", "The commonest tag on MusicBrainz.")
        release, confidence = _choose_release(
            close or matching, known.get("album", ""), _SAME_RECORDING if close else _SAME_NAMES
        )
        if release is not None:
            yield from self._values_of(release, confidence, missing)

    def _values_of(self, release: Release, confidence: float, missing: Set[str]) -> Iterator[Proposal]:
        values = {"album": release.title, "year": release.date[:4]}
        values |= {"album_track": release.track} if release.track.isdecimal() else {}
        for field, value in values.items():
            if field in missing and value:
                yield Proposal(field, value, confidence, "musicbrainz", f"“{release.title}” on MusicBrainz.")
        if ART in missing and (address := self._covers.front(release.id)):
            yield Proposal(ART, address, confidence, "coverartarchive", f"The cover of “{release.title}”.")

    def _lyrics_proposals(self, song: Song, known: Mapping[str, str]) -> Iterator[Proposal]:
        seconds = round(song.length / 1000)
        text = self._lrclib.lyrics(known["artist"], known["name"], known["album"], seconds)
        if text:
            yield Proposal(LYRICS, text, _LYRICS, "lrclib", "Lyrics with times on LRCLIB.")


def _matches(recording: Recording, known: Mapping[str, str]) -> bool:
    """Whether the names are those of the song, which excludes tributes and karaoke versions."""
    artists = {artist_key(name) for name in recording.artists}
    return artist_key(known["artist"]) in artists and song_key("any", recording.title) == song_key("any", known["name"])


def _choose_release(recordings: Sequence[Recording], album: str, confidence: float) -> tuple[Release | None, float]:
    """(the release of the `album`, else the first album with the song; its confidence)."""
    releases = [each for recording in recordings for each in recording.releases]
    if album:
        of_album = [each for each in releases if album_key(each.title) == album_key(album)]
        return min(of_album, key=_by_date, default=None), _KNOWN_ALBUM
    return min((each for each in releases if each.is_album), key=_by_date, default=None), confidence


def _by_date(release: Release) -> str:
    """Sort key: the date; a release without one is last."""
    return release.date or "9999"
