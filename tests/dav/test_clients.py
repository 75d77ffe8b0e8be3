"""Real clients against the real server."""

import re
import subprocess
from pathlib import Path

import pytest

from tests.dav.conftest import Running, tool


@pytest.mark.slow
def test_litmus_passes_without_a_warning(running: Running, tmp_path: Path) -> None:
    litmus = tool("litmus", "litmus")
    output = subprocess.run(
        [litmus, "-k", f"{running.url}/dav/Backgrounds/"], cwd=tmp_path, capture_output=True, text=True, timeout=300
    ).stdout
    summaries = re.findall(r"of (\d+) tests run: (\d+) passed, (\d+) failed", output)
    assert summaries, output
    assert sum(int(passed) for _, passed, _ in summaries) == 104, output
    assert "WARNING" not in output
    assert "FAIL" not in output
