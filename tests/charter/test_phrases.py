"""Star power and solos of parts that are known."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from davproxy.charter.notes.difficulty import all_difficulties
from davproxy.charter.notes.gems import TICKS, Gem
from davproxy.charter.notes.phrases import FEWEST, gems_of, solo_sections, star_power
from davproxy.charter.structure.sections import Section
from tests.charter.values import gem

BAR = 4 * TICKS


@given(st.sets(st.integers(0, 400), min_size=1, max_size=200))
def test_every_phrase_can_be_played_in_every_difficulty(eighths: set[int]) -> None:
    parts = all_difficulties([gem(8 + eighth / 2, eighth % 5) for eighth in sorted(eighths)], 4)
    phrases = star_power(parts, 4)
    for phrase in phrases:
        inside = [[g for g in gems if phrase.tick <= g.tick < phrase.tick + phrase.length] for gems in parts.values()]
        assert (phrase.tick % BAR, phrase.length) == (0, BAR)
        assert len(inside[0]) >= FEWEST
        assert all(inside)
    assert all(other.tick >= one.tick + one.length for one, other in pairwise(phrases))


def test_a_steady_part_has_a_phrase_about_every_forty_beats() -> None:
    phrases = star_power(all_difficulties([gem(beat / 2, beat % 5) for beat in range(640)], 4), 4)
    assert [phrase.tick // BAR for phrase in phrases] == [5 + 10 * number for number in range(len(phrases))]
    assert len(phrases) == 7


def test_no_notes_have_no_star_power() -> None:
    assert star_power(all_difficulties([], 4), 4) == ()


def part(section: Section, per_bar: int, moving: bool, chords: bool = False) -> list[Gem]:
    beats = [4 * section.start + 4 * n / per_bar for n in range(per_bar * (section.end - section.start))]
    return [gem(beat, *((0, 1) if chords else (n % 5 if moving else 0,))) for n, beat in enumerate(beats)]


def test_the_solo_is_dense_and_moves_and_comes_once() -> None:
    kinds = (0, 1, 2, 3, 2, 4)
    sections = [Section(8 * n, 8 * n + 8, kind, 1.0) for n, kind in enumerate(kinds)]
    for number, expected in ((3, [3]), (1, []), (4, [])):  # too early; a part that comes back
        gems = [g for n, s in enumerate(sections) for g in part(s, 16 if n == number else 4, moving=True)]
        assert solo_sections(gems, sections, 0, 4) == expected
    still = [g for n, s in enumerate(sections) for g in part(s, 16 if n == 3 else 4, moving=n != 3)]
    chords = [g for n, s in enumerate(sections) for g in part(s, 16 if n == 3 else 4, moving=True, chords=n == 3)]
    assert solo_sections(still, sections, 0, 4) == solo_sections(chords, sections, 0, 4) == []


def test_the_gems_of_a_section_are_those_of_its_bars() -> None:
    gems = [gem(beat) for beat in range(32)]
    assert [g.tick // TICKS for g in gems_of(gems, Section(1, 3, 0, 1.0), 8 * TICKS, 4)] == list(range(12, 20))
