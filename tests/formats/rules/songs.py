"""A song without problems, which tests change."""

from dataclasses import replace

from davproxy.formats import song_fields, song_ini
from davproxy.formats.chart import Chart, Difficulty, Event, Instrument, Note, Phrase, Tempo, TimeSignature, Track

BEAT = 192
FILES = {"song.ini": 300, "notes.chart": 5000, "song.ogg": 1_000_000, "album.jpg": 30_000}
PAIRS: dict[str, song_fields.Value] = {
    "name": "Song",
    "artist": "Artist",
    "album": "Album",
    "genre": "Rock",
    "year": "2020",
    "charter": "Charter",
    "song_length": 200_000,
    "diff_guitar": 3,
}
TEXTS = {key: str(value) for key, value in PAIRS.items()}
INI = song_ini.render(song_ini.create(PAIRS))
LANES = {Difficulty.EXPERT: 5, Difficulty.HARD: 5, Difficulty.MEDIUM: 4, Difficulty.EASY: 3}


def guitar(difficulty: Difficulty, *extra: Note) -> Track:
    """A note on every beat (on every second one below Expert) from the second bar on, for a hundred seconds."""
    step = BEAT if difficulty is Difficulty.EXPERT else 2 * BEAT
    notes = [Note(tick, tick // step % LANES[difficulty]) for tick in range(8 * BEAT, 200 * BEAT, step)]
    phrases = tuple(Phrase(bar * 4 * BEAT, 4 * BEAT) for bar in (8, 16, 24))
    return Track(
        Instrument.GUITAR,
        difficulty,
        tuple(sorted([*notes, *extra])),
        star_power=phrases,
        solos=(Phrase(40 * BEAT, 8 * BEAT),),
    )


CHART = Chart(
    resolution=BEAT,
    tempos=(Tempo(0, 110_000),),
    time_signatures=(TimeSignature(0),),
    events=(Event(8 * BEAT, "section Verse"), Event(204 * BEAT, "end")),
    tracks=tuple(guitar(difficulty) for difficulty in Difficulty),
)


def with_track(track: Track) -> Chart:
    """CHART with one more track, or with its own of the same name replaced."""
    others = [t for t in CHART.tracks if (t.instrument, t.difficulty) != (track.instrument, track.difficulty)]
    return replace(CHART, tracks=(*others, track))
