"""What a chart was made with, kept beside it."""

import json

import pytest

from davproxy.charter.correction import Correction
from davproxy.charter.options import Options
from davproxy.charter.output import chart_options
from davproxy.errors import BadInput
from davproxy.formats.chart import Difficulty


def test_what_is_kept_makes_the_same_options() -> None:
    correction = Correction(bar_shift=-1, offset=0.02, muted=((1.0, 2.5),))
    options = Options(title="Chosen", difficulties=(Difficulty.EASY,), drums=False, correction=correction)
    kept = chart_options.render("Ünited", "Title", 2.25, options)
    assert set(json.loads(kept)["correction"]) == {"bar_shift", "offset", "muted"}
    assert Options.of(chart_options.parse(kept)) == Options(
        name="Ünited - Title", difficulties=(Difficulty.EASY,), drums=False, correction=correction, lead_in=2.25
    )


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b'{"name": "x", "difficulties": ["all"]}', b"\xff"])
def test_a_damaged_file_is_refused(content: bytes) -> None:
    with pytest.raises(BadInput, match=r"chart-options\.json is damaged"):
        chart_options.parse(content)
