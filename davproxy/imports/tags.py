"""In a child: what an audio file says of itself."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from davproxy import child
from davproxy.charter.output.tags import read

SHOWN = ("title", "artist", "album", "year", "genre")


def main(request: Mapping[str, Any], _report: child.Report) -> dict[str, str]:
    """The tags of the file at `request["file"]`; without them, what its name says."""
    file = Path(request["file"])
    found = read([file], file.stem)
    return {name: getattr(found, name) for name in SHOWN}
