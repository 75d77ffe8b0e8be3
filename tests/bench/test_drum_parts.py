"""Random drum parts."""

from tests.bench import drum_parts
from tests.bench.drum_lessons import division_of, hits


def test_a_part_is_the_same_each_time_and_lies_near_its_slots() -> None:
    for number in range(8):
        tune = drum_parts.tune(f"drums/{number:02d}")
        assert tune == drum_parts.tune(tune.name)
        found = hits(tune)
        division = division_of([beat for beat, _ in found])
        apart = [abs(beat * division - round(beat * division)) / division * 60 / tune.bpm for beat, _ in found]
        assert max(apart) < 6 * drum_parts.LATE
        assert {"kick", "snare"} <= {piece for _, piece in found}


def test_fills_go_over_the_toms() -> None:
    struck = [piece for number in range(8) for _, piece in hits(drum_parts.tune(f"drums/{number:02d}"))]
    assert 0.03 < struck.count("tom") / len(struck) < 0.25
