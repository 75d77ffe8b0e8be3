"""All results of the charter for a song, before they are written."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from davproxy.charter.correction import FoundBeat
from davproxy.charter.notes.drums import Hit
from davproxy.charter.notes.gems import TICKS, Gem
from davproxy.charter.output.tags import Tags
from davproxy.charter.structure.sections import Section
from davproxy.charter.timing.grid import Grid
from davproxy.formats.chart import Difficulty, Event, Instrument, Phrase, Tempo


@dataclass(frozen=True)
class Charted:
    """A song with its tags, grid, sections and parts.

    `seconds` is the length of its audio with the silence before it. Beat 0 of `grid` lies at `first_tick` of the chart,
    whose `tempos` begin at tick 0. `guitar` and `drums` have all difficulties, or one of them none. `others` are the
    parts of other five-fret instruments, each with all difficulties. `lyrics` are the events of sung lines. `found` is
    the beat without a correction.
    """

    tags: Tags
    seconds: float
    grid: Grid
    found: FoundBeat
    first_tick: int
    tempos: tuple[Tempo, ...]
    sections: Sequence[Section]
    guitar: Mapping[Difficulty, Sequence[Gem]]
    star_power: tuple[Phrase, ...]
    drums: Mapping[Difficulty, Sequence[Hit]]
    others: Mapping[Instrument, Mapping[Difficulty, Sequence[Gem]]] = field(default_factory=dict)
    lyrics: tuple[Event, ...] = ()

    @property
    def fretted(self) -> Mapping[Instrument, Mapping[Difficulty, Sequence[Gem]]]:
        """The parts of all five-fret instruments that have notes."""
        return {Instrument.GUITAR: self.guitar, **self.others} if self.guitar else self.others

    @property
    def lead(self) -> Mapping[Difficulty, Sequence[Gem | Hit]]:
        """The part that counts for the song: the guitar's, or the drums' of a song of drums alone."""
        return self.guitar or self.drums

    @property
    def instruments(self) -> list[Instrument]:
        """The instruments that have notes."""
        return [*self.fretted, *([Instrument.DRUMS] if self.drums else [])]

    @property
    def bar(self) -> int:
        """The length of a bar in ticks."""
        return self.grid.beats_per_bar * TICKS

    def section_tick(self, section: Section) -> int:
        """The tick at which a section begins; 0 for the first one."""
        return 0 if section.start == 0 else self.first_tick + section.start * self.bar
