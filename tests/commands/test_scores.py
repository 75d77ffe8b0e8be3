"""`scores push`: the files of a game beside it, stored as those of a player."""

from collections.abc import Callable
from pathlib import Path

import pytest

from davproxy.formats.scores import PlayedChart, Row
from tests.commands.conftest import Run, Served
from tests.formats.score_files import scoredata, scoresext

pytestmark = pytest.mark.slow
CHARTS = [PlayedChart("ab" * 16, 3, (Row(0, 3, 97, False, 100, 5, 1000),))]


def test_scores_are_sent_and_the_games_files_stay(run: Run, served: Callable[..., Served], tmp_path: Path) -> None:
    game = tmp_path / "game"
    game.mkdir()
    files = {"scoredata.bin": scoredata(CHARTS), "scoresext.bin": scoresext(CHARTS)}
    for name, content in files.items():
        (game / name).write_bytes(content)
    port = served().port
    for _ in range(2):
        done = run("scores", "push", "Anna", "--folder", str(game), APP_PORT=port)
        assert done.returncode == 0, done.stderr
    stored = tmp_path / "library" / "Scores" / "Anna"
    assert {name: (stored / name).read_bytes() for name in files} == files
    assert {file.name: file.read_bytes() for file in game.iterdir()} == files
    empty = tmp_path / "empty"
    empty.mkdir()
    nothing = run("scores", "push", "Anna", "--folder", str(empty), APP_PORT=port)
    assert (nothing.returncode, "No game keeps scores here" in nothing.stderr) == (1, True)
