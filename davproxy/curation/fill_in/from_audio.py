"""Proposals from the tags and the picture inside a song's audio."""

from collections.abc import Iterator, Mapping, Set

from davproxy import paths
from davproxy.audio_tags import read_tags_and_picture
from davproxy.curation.fill_in.proposals import ART, TEXTS, Proposal
from davproxy.curation.same_song import artist_key, song_key
from davproxy.errors import BadInput
from davproxy.formats import identify
from davproxy.library import Library
from davproxy.model import Song
from davproxy.settings import Settings

START_BYTES = 1 << 20
"""Tags and pictures are at the beginning of audio."""
_CONFIDENCE = {"name": 0.9, "artist": 0.9, "album": 0.9, "year": 0.8, "genre": 0.75, "album_track": 0.9, ART: 0.9}
_OF_ANOTHER_SONG = 0.5
"""What the confidence is multiplied by where the tags have another title or artist."""
_TAGS = {"name": "title", "album_track": "track"}
_NO_TITLE = "Untitled"
"""What stands for a title where neither the tags nor the name of a file give one."""


class FromAudio:
    """Reads the start of one audio file of the song, in a limited child."""

    problem = ""

    def __init__(self, settings: Settings, library: Library) -> None:
        self._settings, self._library = settings, library

    def proposals(self, song: Song, known: Mapping[str, str], missing: Set[str]) -> Iterator[Proposal]:
        """Proposals from the tags and the picture."""
        if missing.isdisjoint((*TEXTS, ART)):
            return
        try:
            name = _audio_of(self._library.songs.files(song))
            if name is None:
                return
            tags, picture = self._read(song, name)
        except BadInput:
            return  # a file that no tags can be read of
        share = 1.0 if _agree(known, tags) else _OF_ANOTHER_SONG
        for field in TEXTS:
            value = tags[_TAGS.get(field, field)]
            if field in missing and value and value != _NO_TITLE:
                yield Proposal(field, value, share * _CONFIDENCE[field], "tags", f"The tags of {name}.")
        if ART in missing and picture:
            path = paths.join(song.path, name)
            yield Proposal(ART, path, share * _CONFIDENCE[ART], "tags", f"The picture in {name}.")

    def picture(self, path: str) -> bytes:
        """The picture in the audio file at `path` of the tree; empty where there is none. Raises NotFound, BadInput."""
        with self._library.tree.stream(path, 0, START_BYTES) as blocks:
            return read_tags_and_picture(_name_without_title(path), b"".join(blocks), self._settings)[1]

    def _read(self, song: Song, name: str) -> tuple[dict[str, str], bytes]:
        length = min(START_BYTES, self._library.songs.files(song)[name])
        with self._library.songs.stream_file(song, name, 0, length) as blocks:
            return read_tags_and_picture(_name_without_title(name), b"".join(blocks), self._settings)


def _audio_of(files: Mapping[str, int]) -> str | None:
    """The file with the tags of the song: its mix, else its first stem."""
    music = [name for name in sorted(files) if identify.is_music(name) and files[name]]
    return next((name for name in music if identify.split(name)[0] == "song"), music[0] if music else None)


def _name_without_title(path: str) -> str:
    """A name without a title, so that only tags give one."""
    return f"{_NO_TITLE}.{identify.split(path)[1]}"


def _agree(known: Mapping[str, str], tags: Mapping[str, str]) -> bool:
    """Whether the tags may be of the song that these texts are of."""
    artist, title = known.get("artist", ""), known.get("name", "")
    other = tags["title"] if tags["title"] != _NO_TITLE else ""
    if artist and tags["artist"] and artist_key(artist) != artist_key(tags["artist"]):
        return False
    return not (title and other) or song_key("any", title) == song_key("any", other)
