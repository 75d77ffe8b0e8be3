"""What a chart was made with, kept beside it."""

import hashlib
import json

import pytest

from davproxy.charter.correction import Correction, FoundBeat
from davproxy.charter.options import Options
from davproxy.charter.output import chart_options
from davproxy.errors import BadInput
from davproxy.formats.chart import Difficulty


def test_what_is_kept_makes_the_same_options() -> None:
    correction = Correction(bar_shift=-1, offset=0.02, muted=((1.0, 2.5),))
    options = Options(title="Chosen", difficulties=(Difficulty.EASY,), drums=False, correction=correction)
    kept = chart_options.render("Ünited - Title", FoundBeat(128.0, 3, -0.4), b"the notes", 2.25, options)
    assert set(json.loads(kept)["correction"]) == {"bar_shift", "offset", "muted"}
    assert Options.of(chart_options.parse(kept)) == Options(
        name="Ünited - Title", difficulties=(Difficulty.EASY,), drums=False, correction=correction, lead_in=2.25
    )


KEPT = {"name": "x", "difficulties": [], "drums": True, "correction": {}, "lead_in": 2.0}


def test_the_beat_as_found_and_the_identity_of_the_notes_are_kept() -> None:
    kept = chart_options.parse(chart_options.render("x", FoundBeat(128.0, 3, -0.4), b"notes", 0.0, Options()))
    assert kept["found"] == {"bpm": 128.0, "beats_per_bar": 3, "downbeat": -0.4}
    assert kept["identity"] == hashlib.md5(b"notes", usedforsecurity=False).hexdigest()


def test_an_early_file_tells_neither_the_beat_nor_the_notes() -> None:
    kept = chart_options.parse(with_values())
    assert (kept["found"], kept["identity"]) == (None, "")


def with_values(**values: object) -> bytes:
    """A file with some of its values changed."""
    return json.dumps(KEPT | values).encode()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b"{}",
        b"\xff",
        b"[" * 60_000,
        with_values(difficulties=["all"]),
        with_values(lead_in=float("nan")),
        with_values(lead_in=float("inf")),
        with_values(lead_in=10**400),
        with_values(lead_in=-1),
        with_values(lead_in=61),
        with_values(correction={"bpm": 10**400}),
        with_values(correction={"muted": [[10**400, 1]]}),
        with_values(correction={"muted": [[at, at + 1] for at in range(0, 202, 2)]}),
        with_values(found={"bpm": 0, "beats_per_bar": 4, "downbeat": 0}),
        with_values(found={"bpm": 120, "beats_per_bar": float("inf"), "downbeat": 0}),
        with_values(found=[]),
        with_values(name="\ud800"),
        with_values(name="x" * chart_options.MAX_BYTES),
    ],
    ids=lambda content: content[:40].decode(errors="replace"),
)
def test_a_damaged_or_hostile_file_is_refused(content: bytes) -> None:
    with pytest.raises(BadInput, match=r"chart-options\.json is damaged"):
        chart_options.parse(content)
