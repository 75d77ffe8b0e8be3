"""What a song has and what plays it, as bits of one number in its row, which are quick to filter and count."""

from collections.abc import Mapping
from enum import IntFlag

from davproxy.formats import identify
from davproxy.formats.chart import Difficulty, Instrument
from davproxy.model import Song


class Feature(IntFlag):
    """What a song may have. The numbers stand in the index and do not change."""

    ART = 1
    VIDEO = 2
    LYRICS = 4
    STEMS = 8
    SOLOS = 16
    OPEN = 32
    TAPS = 64
    DOUBLE_KICK = 128
    PROBLEMS = 256


FEATURES = {
    "art": Feature.ART,
    "video": Feature.VIDEO,
    "lyrics": Feature.LYRICS,
    "stems": Feature.STEMS,
    "solos": Feature.SOLOS,
    "open": Feature.OPEN,
    "tap": Feature.TAPS,
    "2x": Feature.DOUBLE_KICK,
    "problems": Feature.PROBLEMS,
}
"""The names that searches know them by."""

INSTRUMENTS: Mapping[str, int] = {instrument: 1 << 12 + number for number, instrument in enumerate(Instrument)}
"""The bit of each instrument that has a chart."""
DIFFICULTIES: Mapping[str, int] = {difficulty: 1 << 28 + number for number, difficulty in enumerate(Difficulty)}
"""The bit of each difficulty that some instrument has."""

_OF_TRACKS = {
    "has_solos": Feature.SOLOS,
    "has_open": Feature.OPEN,
    "has_taps": Feature.TAPS,
    "has_double_kick": Feature.DOUBLE_KICK,
}


def features_of(song: Song) -> int:
    """The bits of `song`."""
    found = 0
    for has, feature in (
        (song.has_art, Feature.ART),
        (song.has_video, Feature.VIDEO),
        (song.has_lyrics, Feature.LYRICS),
        (song.problems, Feature.PROBLEMS),
        (sum(map(identify.is_music, song.files)) > 1, Feature.STEMS),
    ):
        if has:
            found |= feature
    for track in (song.chart or {}).get("tracks", ()):
        for name, feature in _OF_TRACKS.items():
            if track.get(name):
                found |= feature
    for instrument in song.instruments:
        found |= INSTRUMENTS.get(instrument, 0)
    for difficulty in song.difficulties:
        found |= DIFFICULTIES.get(difficulty, 0)
    return found
