"""The charted song in the words of the formats: the chart, and the pairs of song.ini."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from davproxy.charter.notes import drums
from davproxy.charter.notes.drums import Hit
from davproxy.charter.notes.gems import TICKS, Gem
from davproxy.charter.output.lead_in import tick_seconds
from davproxy.charter.output.tags import Tags
from davproxy.charter.structure.sections import Section
from davproxy.charter.timing.grid import Grid
from davproxy.formats.chart import Chart, Difficulty, Event, Instrument, Note, Phrase, Tempo, TimeSignature, Track
from davproxy.formats.song_fields import Value

EXPERT = Difficulty.EXPERT
CHARTER = "davproxy"
UNKNOWN = {"artist": "Unnamed Artist", "genre": "Other", "year": "Undated"}
HARDEST = 11.0  # notes a second, in the busiest tenth of the song, of a part of intensity 6


@dataclass(frozen=True)
class Charted:
    """Everything found out about a song. `seconds` is the length of its audio with the silence before it."""

    tags: Tags
    seconds: float
    grid: Grid
    first_tick: int
    tempos: tuple[Tempo, ...]
    sections: Sequence[Section]
    guitar: Mapping[Difficulty, Sequence[Gem]]
    star_power: tuple[Phrase, ...]
    drums: Mapping[Difficulty, Sequence[Hit]]

    @property
    def bar(self) -> int:
        return self.grid.beats_per_bar * TICKS

    def section_tick(self, section: Section) -> int:
        return 0 if section.start == 0 else self.first_tick + section.start * self.bar


def chart(charted: Charted, audio: Sequence[str], difficulties: Collection[Difficulty] = ()) -> Chart:
    """The notes of these difficulties, all where none is named; `audio` are the names of the audio files."""
    known = charted.tags
    pairs = metadata(charted)
    events = [Event(charted.section_tick(section), f"section {section.name}") for section in charted.sections]
    events.append(Event(_end(charted), "end"))
    streams = {"song": "MusicStream", "guitar": "GuitarStream", "drums": "DrumStream", "bass": "BassStream"}
    return Chart(
        resolution=TICKS,
        song={
            "Name": known.title,
            "Artist": str(pairs["artist"]),
            "Charter": CHARTER,
            "Album": str(pairs["album"]),
            "Year": str(pairs["year"]),
            "Offset": "0",
            "Genre": str(pairs["genre"]),
            **{streams[name.split(".")[0]]: name for name in audio if name.split(".")[0] in streams},
        },
        tempos=charted.tempos,
        time_signatures=(TimeSignature(0, charted.grid.beats_per_bar, 4),),
        events=tuple(events),
        tracks=tuple(
            track
            for track in (*_guitar(charted), *_drums(charted))
            if not difficulties or track.difficulty in difficulties
        ),
    )


def metadata(charted: Charted) -> dict[str, Value]:
    """song.ini. What nobody knows gets a word that sorts well, as games refuse to show an empty one."""
    known = charted.tags
    chorus = next((s for s in charted.sections if s.name.startswith("Chorus")), charted.sections[0])
    pairs: dict[str, Value] = {
        "name": known.title,
        "artist": known.artist or UNKNOWN["artist"],
        "album": known.album or known.title,
        "genre": known.genre or UNKNOWN["genre"],
        "year": known.year or UNKNOWN["year"],
        "charter": CHARTER,
        "song_length": round(charted.seconds * 1000),
        "preview_start_time": round(tick_seconds(charted.tempos, charted.section_tick(chorus)) * 1000),
        "delay": 0,
        "diff_guitar": _intensity([gem.seconds for gem in charted.guitar[EXPERT]]),
    }
    if charted.drums:
        pairs["diff_drums"] = _intensity([hit.seconds for hit in charted.drums[EXPERT]])
        pairs["pro_drums"] = True
    return pairs


def _end(charted: Charted) -> int:
    """The last bar line inside the audio, behind every note."""
    last = max(gem.tick + gem.length for gem in charted.guitar[EXPERT])
    if charted.drums:
        last = max(last, charted.drums[EXPERT][-1].tick)
    tick = last + 1
    for candidate in range((last // charted.bar + 1) * charted.bar, last + 64 * charted.bar, charted.bar):
        if tick_seconds(charted.tempos, candidate) > charted.seconds:
            break
        tick = candidate
    return tick


def _intensity(times: Sequence[float]) -> int:
    """0 to 6, from the notes a second in the busiest tenth of a part."""
    busy = sorted(sum(start <= other < start + 2.0 for other in times[i : i + 64]) / 2.0
                  for i, start in enumerate(times))  # fmt: skip
    return min(6, round(6 * busy[int(len(busy) * 0.9)] / HARDEST)) if busy else 0


def _guitar(charted: Charted) -> list[Track]:
    tracks = []
    for difficulty, gems in charted.guitar.items():
        ticks = [gem.tick for gem in gems]
        tracks.append(
            Track(
                Instrument.GUITAR,
                difficulty,
                notes=tuple(Note(gem.tick, fret, gem.length) for gem in gems for fret in gem.frets),
                star_power=charted.star_power,
                solos=tuple(solo for solo in _solos(charted) if _any(ticks, solo)),
            )
        )
    return tracks


def _solos(charted: Charted) -> list[Phrase]:
    return [
        Phrase(charted.section_tick(section), (section.end - section.start) * charted.bar)
        for section in charted.sections
        if section.name.startswith("Solo")
    ]


def _drums(charted: Charted) -> list[Track]:
    return [
        Track(
            Instrument.DRUMS,
            difficulty,
            notes=drums.notes(hits),
            star_power=tuple(p for p in charted.star_power if all(
                _any([hit.tick for hit in part], p) for part in charted.drums.values()
            )),
            fills=drums.fills(hits, charted.grid.beats_per_bar),
        )
        for difficulty, hits in charted.drums.items()
    ]  # fmt: skip


def _any(ticks: Sequence[int], phrase: Phrase) -> bool:
    return any(phrase.tick <= tick < phrase.tick + phrase.length for tick in ticks)
