"""davproxy as on Windows, as far as another system can show it: it loads and serves without what only POSIX has."""

import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.slow
def test_it_loads_and_serves_without_what_only_posix_has(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.as_on_windows", str(tmp_path)],
        cwd=Path(__file__).parent.parent, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert done.stdout.endswith("modules; 201 204 201 206 201 200 204\n"), done.stderr[-4000:]
