"""`scores push`: the files of a game beside it, stored as those of a player."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from davproxy.commands.scores import find_score_files
from davproxy.formats.scores import PlayedChart, Row
from tests.commands.conftest import Run, Served
from tests.formats.score_files import scoredata, scoresext

pytestmark = pytest.mark.slow
CHARTS = [PlayedChart("ab" * 16, 3, (Row(0, 3, 97, False, 100, 5, 1000),))]


def test_the_newest_files_that_belong_together_are_sent(tmp_path: Path) -> None:
    for age, (folder, names) in enumerate(
        {"now": ["scoredata.bin"], "old": ["scoredata.bin", "scoresext.bin", "scorestats.json"]}.items()
    ):
        (tmp_path / folder).mkdir()
        for name in names:
            (tmp_path / folder / name).touch()
            os.utime(tmp_path / folder / name, (1_000_000 - age, 1_000_000 - age))
    files = list(find_score_files((tmp_path / "now", tmp_path / "old")))
    assert files == [tmp_path / "now" / "scoredata.bin", tmp_path / "old" / "scorestats.json"]


def test_no_message_has_the_password_of_an_address(run: Run, tmp_path: Path) -> None:
    (tmp_path / "scoredata.bin").write_bytes(scoredata(CHARTS))
    address = "http://anna:secret@127.0.0.1:1/müsik/dav/"
    done = run("scores", "push", "Anna", "--folder", str(tmp_path), "--url", address)
    assert "cannot be reached" in done.stderr
    assert "secret" not in done.stderr + done.stdout


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
