"""`serve`: the start, its addresses, and the shutdown."""

import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.commands.conftest import Run, Served

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_says_where_it_is_and_stops_when_asked(
    served: Callable[..., Served], run: Run, tmp_path: Path, number: int
) -> None:
    server = served(APP_USERNAME="ann", APP_PASSWORD="hunter2", SECRET_KEY="very-secret")
    assert f"http://127.0.0.1:{server.port}/dav/" in server.output
    asked = run("health", APP_PORT=server.port, APP_USERNAME="ann", APP_PASSWORD="hunter2")
    assert (asked.returncode, asked.stdout.split(";")[0]) == (0, "ok")
    assert server.stop(number) == 0
    assert (tmp_path / "library" / "Database" / "clonehero.db").stat().st_size > 0
    assert "hunter2" not in server.output
    assert "very-secret" not in server.output


def test_two_at_once_in_one_place_the_second_says_so(served: Callable[..., Served], run: Run) -> None:
    served()
    second = run("serve", APP_PORT="0")
    assert second.returncode == 1
    assert "TEMP_DIR" in second.stderr


def test_it_does_not_open_to_others_without_a_password(run: Run) -> None:
    done = run("serve", APP_HOST="0.0.0.0", APP_PORT="0")
    assert done.returncode == 2
    assert "APP_PASSWORD" in done.stderr
    assert "Traceback" not in done.stderr
