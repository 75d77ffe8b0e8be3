"""A child reads notes files. It does not load the library, with which it would take three times as long to start."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from davproxy import processes
from davproxy.formats import notes_facts


def read_notes(request: Mapping[str, Any], _report: object) -> list[dict[str, Any]]:
    """The facts of each of `request["notes"]`, whose files are in the working folder, named by their numbers."""
    processes.yield_to_others()  # reading a whole library must not slow down a game that plays from it

    def content(number: int) -> bytes | None:
        file = Path(str(number))
        return file.read_bytes() if file.exists() else None

    return [
        notes_facts.read(each["name"], content(number), each["pairs"]) for number, each in enumerate(request["notes"])
    ]
