"""A problem of a song: a code for programs, a severity, and a sentence that a player understands."""

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from davproxy.formats.chart import Difficulty, Instrument


class Severity(StrEnum):
    """`REFUSED`: games do not load the song. `ERROR`: it plays wrong. `WARNING`: it could be better."""

    REFUSED = "refused"
    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Problem:
    """One problem. If it occurs `count` times in a track, `tick` and `seconds` are those of the first time."""

    code: str
    severity: Severity
    message: str
    instrument: Instrument | None = None
    difficulty: Difficulty | None = None
    tick: int | None = None
    seconds: float | None = None
    count: int = 1

    def as_json(self) -> dict[str, Any]:
        """The problem as JSON-able values, without those that are None."""
        return {key: value for key, value in asdict(self).items() if value is not None}
