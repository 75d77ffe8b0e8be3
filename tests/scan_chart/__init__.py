"""The public index's scanner as an oracle. `make test` installs it where npm is; it needs Node 20."""

import json
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent

needed = pytest.mark.skipif(
    shutil.which("node") is None or not (HERE / "node_modules").is_dir(),
    reason="needs Node 20 with npm; then `make test` installs the scanner",
)


def scan(folders: Iterable[Path]) -> list[dict[str, Any]]:
    """What the scanner says of each song folder: folderIssues, metadataIssues, chartIssues, noteCounts, maxNps."""
    names = "".join(f"{folder}\n" for folder in folders)
    done = subprocess.run(["node", HERE / "scan.mjs"], input=names, capture_output=True, text=True, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]
