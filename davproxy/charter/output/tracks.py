"""The tracks of a charted song as `formats.chart.Track`: each instrument in every difficulty."""

from collections.abc import Sequence

from davproxy.charter.notes.drums import Hit
from davproxy.charter.output.charted import Charted
from davproxy.formats.chart import (
    BLUE_CYMBAL,
    BLUE_DRUM,
    GREEN_CYMBAL,
    GREEN_DRUM,
    KICK,
    YELLOW_CYMBAL,
    YELLOW_DRUM,
    Instrument,
    Note,
    Phrase,
    Track,
)  # fmt: skip

CYMBALS = {YELLOW_DRUM: YELLOW_CYMBAL, BLUE_DRUM: BLUE_CYMBAL, GREEN_DRUM: GREEN_CYMBAL}
"""The marker that makes each drum lane a cymbal."""
FILL_BARS = 8  # bars from one fill to the next
FIRST_FILL = 4  # bars before the first fill


def guitar_tracks(charted: Charted) -> list[Track]:
    """The tracks of the guitar, with star power, and with the solos in which the difficulty has notes."""
    solos = [
        Phrase(charted.section_tick(section), (section.end - section.start) * charted.bar)
        for section in charted.sections
        if section.name.startswith("Solo")
    ]
    tracks = []
    for difficulty, gems in charted.guitar.items():
        ticks = [gem.tick for gem in gems]
        tracks.append(
            Track(
                Instrument.GUITAR,
                difficulty,
                notes=tuple(Note(gem.tick, fret, gem.length) for gem in gems for fret in gem.frets),
                star_power=charted.star_power,
                solos=tuple(solo for solo in solos if _holds_any(solo, ticks)),
            )
        )
    return tracks


def other_tracks(charted: Charted) -> list[Track]:
    """The tracks of other five-fret instruments, with the star power phrases in which every difficulty has notes."""
    tracks = []
    for instrument, part in charted.others.items():
        star_power = _shared(charted.star_power, [[gem.tick for gem in gems] for gems in part.values()])
        for difficulty, gems in part.items():
            notes = tuple(Note(gem.tick, fret, gem.length) for gem in gems for fret in gem.frets)
            tracks.append(Track(instrument, difficulty, notes=notes, star_power=star_power))
    return tracks


def drum_tracks(charted: Charted) -> list[Track]:
    """The tracks of the drums, with fills, and with the star power phrases in which every difficulty has hits."""
    star_power = _shared(charted.star_power, [[hit.tick for hit in part] for part in charted.drums.values()])
    return [
        Track(
            Instrument.DRUMS, difficulty, notes=drum_notes(hits), star_power=star_power, fills=fills(hits, charted.bar)
        )
        for difficulty, hits in charted.drums.items()
    ]


def drum_notes(part: Sequence[Hit]) -> tuple[Note, ...]:
    """The notes of a part in order, each cymbal with its marker."""
    found = []
    for hit in part:
        if hit.kick:
            found.append(Note(hit.tick, KICK))
        for lane in hit.hands:
            found.append(Note(hit.tick, lane))
            if lane in hit.cymbals:
                found.append(Note(hit.tick, CYMBALS[lane]))
    return tuple(sorted(found))


def fills(part: Sequence[Hit], bar: int) -> tuple[Phrase, ...]:
    """The fills that activate star power: the second half of every FILL_BARS-th bar of `bar` ticks, up to a hit on the
    downbeat after it."""
    found: list[Phrase] = []
    for tick in sorted({hit.tick for hit in part if hit.tick % bar == 0}):
        if tick >= FIRST_FILL * bar and (not found or tick - found[-1].tick >= FILL_BARS * bar):
            found.append(Phrase(tick - bar // 2, bar // 2 + 1))
    return tuple(found)


def _shared(phrases: Sequence[Phrase], ticks_of_parts: Sequence[Sequence[int]]) -> tuple[Phrase, ...]:
    """The phrases in which every part has notes; `ticks_of_parts` are those of its notes."""
    return tuple(phrase for phrase in phrases if all(_holds_any(phrase, ticks) for ticks in ticks_of_parts))


def _holds_any(phrase: Phrase, ticks: Sequence[int]) -> bool:
    return any(phrase.tick <= tick < phrase.tick + phrase.length for tick in ticks)
