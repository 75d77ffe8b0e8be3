"""Proposals from the library itself: other songs of the album, others of the artist, and the label of Frets on Fire."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Set

from davproxy import paths
from davproxy.curation.fill_in.proposals import ART, Proposal
from davproxy.curation.same_song import album_key, artist_key
from davproxy.formats import identify, song_fields
from davproxy.formats.identify import FileKind
from davproxy.model import Song

LABEL = "label.png"
"""The picture that Frets on Fire shows for a song."""
_LABEL_CONFIDENCE, _ALBUM_CONFIDENCE, _ARTIST_CONFIDENCE = 0.9, 0.9, 0.7
_OF_ALBUM = ("year", "genre")
_LEAST_OF_ARTIST = 2
"""Songs of an artist that must have a genre before it is proposed for others."""

_Album = tuple[str, str]


class FromLibrary:
    """Counts the values of all songs by album and by artist."""

    problem = ""

    def __init__(self, songs: Iterable[Song]) -> None:
        self._of_album: dict[_Album, dict[str, Counter[str]]] = {}
        self._art: dict[_Album, str] = {}
        self._genres: dict[str, Counter[str]] = {}
        for song in songs:
            self._count(song)

    def proposals(self, song: Song, known: Mapping[str, str], missing: Set[str]) -> Iterator[Proposal]:
        """The commonest values of other songs, and the label."""
        if ART in missing and (label := next((name for name in song.files if name.lower() == LABEL), None)):
            yield Proposal(ART, paths.join(song.path, label), _LABEL_CONFIDENCE, "label", f"Its {label}.")
        artist, album = known.get("artist", ""), known.get("album", "")
        if not artist:
            return
        if album:
            key = artist_key(artist), album_key(album)
            for field in _OF_ALBUM:
                if field in missing and (counts := self._of_album.get(key, {}).get(field)):
                    yield _propose_commonest(field, counts, _ALBUM_CONFIDENCE, "album", album)
            if ART in missing and (path := self._art.get(key)):
                yield Proposal(ART, path, _ALBUM_CONFIDENCE, "album", f"The art of another song of “{album}”.")
        genres = self._genres.get(artist_key(artist), Counter())
        if "genre" in missing and genres.total() >= _LEAST_OF_ARTIST:
            yield _propose_commonest("genre", genres, _ARTIST_CONFIDENCE, "artist", artist)

    def _count(self, song: Song) -> None:
        values = {name: song_fields.raw_text(song.metadata, name) for name in ("artist", "album", *_OF_ALBUM)}
        if not (artist := artist_key(values["artist"])):
            return
        if values["genre"]:
            self._genres.setdefault(artist, Counter())[values["genre"]] += 1
        if not values["album"]:
            return
        key = artist, album_key(values["album"])
        for field in _OF_ALBUM:
            if values[field]:
                self._of_album.setdefault(key, {}).setdefault(field, Counter())[values[field]] += 1
        if art := next((name for name in song.files if identify.file_kind(name) is FileKind.ART), None):
            self._art.setdefault(key, paths.join(song.path, art))


def _propose_commonest(field: str, counts: Counter[str], confidence: float, source: str, name: str) -> Proposal:
    value, count = counts.most_common(1)[0]
    total = counts.total()
    sure = confidence * count / total
    if total == 1:
        return Proposal(field, value, sure, source, f"The other song of “{name}”.")
    return Proposal(field, value, sure, source, f"{count} of {total} other songs of “{name}”.")
