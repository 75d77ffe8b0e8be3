"""The public index's scanner as an oracle. `npm install --prefix tests/scan_chart` brings it; it needs Node 20."""

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
    reason="needs Node 20 (Debian's nodejs) and `npm install --prefix tests/scan_chart`",
)


def scan(folders: Iterable[Path]) -> list[dict[str, Any]]:
    """What the scanner says of each song folder: folderIssues, metadataIssues, chartIssues, noteCounts, maxNps."""
    names = "".join(f"{folder}\n" for folder in folders)
    done = subprocess.run(["node", HERE / "scan.mjs"], input=names, capture_output=True, text=True, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]
