"""Commands run as scripts run them: a process of its own, its own folder, nothing in the environment."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

TOP = Path(__file__).parent.parent.parent
Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "davproxy", *arguments],
            cwd=tmp_path,
            env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(TOP), "TEMP_DIR": str(tmp_path / "temp"), **environment},
            capture_output=True,
            text=True,
            timeout=120,
        )

    return run
