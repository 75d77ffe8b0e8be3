"""`curate`: in the library opened here, and in the server that runs."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.commands.conftest import CHART, INI, Run, Served
from tests.waiting import wait_until

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("where", ["here", "there"])
def test_work_is_shown_done_and_undone(where: str, run: Run, served: Callable[..., Served], tmp_path: Path) -> None:
    songs = tmp_path / "library" / "Songs"
    for name in ("one", "two"):
        (songs / name).mkdir(parents=True)
        (songs / name / "song.ini").write_bytes(INI)
        (songs / name / "notes.chart").write_bytes(CHART)
        (songs / name / "song.ogg").write_bytes(b"OggS")
    port = served().port if where == "there" else "1"

    def work(*arguments: str) -> list[str]:
        done = run("curate", *arguments, APP_PORT=port)
        assert done.returncode == 0, done.stderr
        return [*done.stdout.splitlines(), *done.stderr.splitlines()]

    wait_until(lambda: len(work("duplicates", "--dry-run")) == 2)  # a server reads notes when nobody asks
    assert [line.split()[0] for line in work("duplicates", "--dry-run")] == ["merge", "delete"]
    job = work("duplicates")[-1].rpartition("Job ")[2]
    assert len(list(songs.iterdir())) == 1
    work("undo", job)
    assert {folder.name for folder in songs.iterdir()} == {"one", "two"}
    work("organise", "--pattern", "{artist} - {title}")
    wait_until(lambda: {folder.name for folder in songs.iterdir()} >= {"Sectoid - Feelings"})
    assert "proposals for" in "".join(work("fill-in", "--dry-run"))
    assert any("song_length" in line or "edit" in line for line in work("length", "--dry-run"))
