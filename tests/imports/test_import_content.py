"""Archives of game content that arrive in /Backgrounds, /Colors or /Highways."""

import pytest

from davproxy.model import JobState
from tests.imports.archives import zipped
from tests.imports.conftest import House

pytestmark = pytest.mark.slow


def test_game_content_goes_into_the_folder_that_its_archive_was_put_into(home: House) -> None:
    home.put("/Highways/red.png", b"mine")
    archive = zipped({"Highways/red.png": b"theirs", "Highways/sub/blue.png": b"blue", "Highways/readme.txt": b"hi"})
    job = home.run_import("/Highways/pack.zip", archive)
    assert job.state is JobState.DONE, job.error
    assert home.tree("/Highways") == {"red.png": 4, "red (2).png": 6, "sub/blue.png": 4}
    assert home.run_import("/Highways/pack.zip", archive).state is JobState.DONE
    assert home.tree("/Highways") == {"red.png": 4, "red (2).png": 6, "sub/blue.png": 4}
    assert home.run_import("/Colors/pack.zip", zipped({"readme.txt": b""})).state is JobState.FAILED
