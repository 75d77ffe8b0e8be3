"""Archives of game content that arrive in /Backgrounds, /Colors or /Highways."""

import os
import tracemalloc

import pytest

from davproxy.model import JobState
from tests.imports.archives import zip_of
from tests.imports.conftest import House, wait_for

pytestmark = pytest.mark.slow


def test_game_content_goes_into_the_folder_that_its_archive_was_put_into(home: House) -> None:
    home.put("/Highways/red.png", b"mine")
    archive = zip_of({"Highways/red.png": b"theirs", "Highways/sub/blue.png": b"blue", "Highways/readme.txt": b"hi"})
    job = home.run_import("/Highways/pack.zip", archive)
    assert job.state is JobState.DONE, job.error
    assert home.tree("/Highways") == {"red.png": 4, "red (2).png": 6, "sub/blue.png": 4}
    assert home.run_import("/Highways/pack.zip", archive).state is JobState.DONE
    assert home.tree("/Highways") == {"red.png": 4, "red (2).png": 6, "sub/blue.png": 4}
    assert home.run_import("/Colors/pack.zip", zip_of({"readme.txt": b""})).state is JobState.FAILED


def test_a_film_that_is_there_already_is_compared_in_blocks(home: House) -> None:
    film = os.urandom(30_000_000)
    assert home.run_import("/Backgrounds/pack.zip", zip_of({"film.mp4": film})).state is JobState.DONE
    other = film[:-1] + bytes([film[-1] ^ 1])
    archive = zip_of({"film.mp4": film, "other/film.mp4": other})
    tracemalloc.start()
    try:
        home.put("/Backgrounds/pack.zip", archive)
        wait_for(home, "/Backgrounds/pack.zip")
        assert tracemalloc.get_traced_memory()[1] < len(film) // 2
    finally:
        tracemalloc.stop()
    assert home.tree("/Backgrounds") == {"film.mp4": len(film), "other/film.mp4": len(film)}
