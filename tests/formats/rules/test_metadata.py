"""Rules for song.ini and the metadata of an .sng."""

import pytest

from davproxy.formats.chart import Instrument
from davproxy.formats.rules import metadata
from davproxy.formats.rules.problem import Severity
from tests.formats.rules.songs import TEXTS


@pytest.mark.parametrize(
    ("pairs", "codes"),
    [
        (TEXTS, []),
        (TEXTS | {"album": ""}, ["missingValue"]),
        (TEXTS | {"album": "Unknown Album"}, ["missingValue"]),
        (TEXTS | {"album": "<b></b>"}, ["missingValue"]),
        ({**TEXTS, "charter": "", "frets": "Anna"}, []),
        (TEXTS | {"delay": "soon"}, ["invalidValue"]),
        (TEXTS | {"delay": "-20"}, []),
        (TEXTS | {"track": "one"}, ["invalidValue"]),
        (TEXTS | {"modchart": "maybe"}, ["invalidValue"]),
        (TEXTS | {"multiplier_note": "104"}, ["invalidValue"]),
        (TEXTS | {"multiplier_note": "116"}, []),
        (TEXTS | {"pro_drums": "True", "five_lane_drums": "1"}, ["invalidValue"]),
        (TEXTS | {"credit_written_by": "anybody"}, []),
    ],
)
def test_values_are_judged(pairs: dict[str, str], codes: list[str]) -> None:
    assert [problem.code for problem in metadata.check(pairs)] == codes


def test_a_song_without_a_title_is_refused() -> None:
    (problem,) = metadata.check({key: value for key, value in TEXTS.items() if key != "name"})
    assert problem.severity is Severity.REFUSED


@pytest.mark.parametrize(
    ("pairs", "codes"),
    [
        (TEXTS, []),
        (TEXTS | {"song_length": "0"}, ["missingValue"]),
        (TEXTS | {"loading_phrase": ""}, ["invalidValue"]),
    ],
)
def test_packed_songs_need_more(pairs: dict[str, str], codes: list[str]) -> None:
    found = list(metadata.check_packed(pairs))
    assert [problem.code for problem in found] == codes
    assert all(problem.severity is Severity.ERROR for problem in found)


def test_intensities_fit_the_instruments() -> None:
    charted = {Instrument.GUITAR, Instrument.DRUMS}
    found = metadata.check_intensities(charted, True, TEXTS | {"diff_bass": "2"})
    assert [(problem.code, problem.instrument) for problem in found] == [
        ("extraValue", Instrument.BASS),
        ("missingValue", Instrument.DRUMS),
        ("missingValue", None),
    ]


def test_every_instrument_has_its_intensity() -> None:
    assert list(metadata.INTENSITIES) == list(Instrument)
