"""What the rules find: a code for machines, a severity, and a sentence that a player understands."""

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from davproxy.formats.chart import Difficulty, Instrument


class Severity(StrEnum):
    """How bad it is. `REFUSED`: games do not load the song. `ERROR`: it plays wrong. `WARNING`: it could be better."""

    REFUSED = "refused"
    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Problem:
    """One finding. Where the same happens `count` times in a track, `tick` and `seconds` are those of the first."""

    code: str
    severity: Severity
    message: str
    instrument: Instrument | None = None
    difficulty: Difficulty | None = None
    tick: int | None = None
    seconds: float | None = None
    count: int = 1

    def as_json(self) -> dict[str, Any]:
        """The same as plain values, what is None left out."""
        return {key: value for key, value in asdict(self).items() if value is not None}
