"""The benchmark itself: a failure costs one figure, the table says what it depends on, and the curve can be drawn."""

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.bench.speed import curve, rates, scale
from tests.bench.speed.backing import Fake
from tests.bench.speed.measures import Figures
from tests.bench.speed.served import on_folder
from tests.bench.speed.table import table
from tests.fakes.nextcloud import FakeNextcloud


def fail() -> None:
    raise RuntimeError("on purpose")


def test_the_table_tells_runs_failures_and_what_depends_on_the_fake() -> None:
    with FakeNextcloud() as server:
        figures = Figures(Fake(server, "Bench"))
        for value in (1.0, 2.0, 9.0):
            figures.figure("write, MB/s", "davproxy").add(value, 1)
            figures.figure("game scan, warm", "davproxy").add(value * 1000, None)
        with figures.timed("write, MB/s", "direct"):
            fail()
        with figures.timed("game scan, cold", "direct"):
            pass
        lines = table(figures, 4).splitlines()
    assert lines[2:5] == [
        r"| write, MB/s \* | failed | 2.00 (1 request, 3 runs) |",
        "| game scan, warm | – | 2,000 s (3 runs) |",
        r"| game scan, cold \* | 0.00 s (0 requests, 1 run) | – |",
    ]
    assert lines[-1].startswith(r"\* depends on")


def test_what_many_players_need_follows_from_what_a_request_costs() -> None:
    lines = scale.arithmetic({name: scale.Figure(1_000, 1_000, 3) for name in scale.ROWS})
    assert lines[0].endswith("6.20 s of one core the first time, 6.20 s again.")
    assert lines[1] == "1,000 players who scan within an hour: 1.72 cores."
    assert lines[3].endswith("0.02 cores here, and 50 requests a second to the Nextcloud.")
    assert "1,000 polls a second, 15 to 40 cores" in lines[4]


@pytest.mark.slow
def test_a_point_of_the_curve() -> None:
    point = curve.measure(200, starts=1, clients=2)
    assert point.count == 200
    assert 0 < point.listing < point.start
    assert 0 < point.search < point.start
    assert point.memory > 10e6
    assert point.scan > 0
    assert point.scanned > point.memory / 2


@pytest.mark.slow
def test_rates_of_a_server() -> None:
    with TemporaryDirectory() as folder, on_folder(Path(folder) / "library", Path(folder) / "temp") as served:
        for method, path in (("PROPFIND", "Songs/"), ("PUT", "Backgrounds/file")):
            found = rates.measure(f"{served.root}/{path}", method, {}, connections=2, seconds=0.2, differ=True)
            assert found["rate"] > 0
            assert 0 < found["p50"] <= found["p99"] <= found["longest"]
