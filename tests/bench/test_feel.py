"""What comes back in a part is counted."""

from tests.bench.feel import repeated


def test_bars_that_equal_an_earlier_one_count_as_repeated() -> None:
    riff, other = [(0,), (1,), (0,), (2,)], [(0,), (1,), (0,), (3,)]
    frets = [*riff, *other, *riff, *riff]
    assert repeated([float(beat) for beat in range(len(frets))], frets) == 0.5
