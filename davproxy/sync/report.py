"""The state, result and progress of a sync, as the pages, commands and jobs show them."""

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any


class State(StrEnum):
    """Whether the index agrees with the remote, as of the last sync."""

    NEVER = "never"
    CURRENT = "current"
    UNREACHABLE = "unreachable"
    FAILED = "failed"
    """The remote answers, but the last sync could not read all of it."""


@dataclass(frozen=True, slots=True)
class SyncReport:
    """The result of one sync, in numbers of songs.

    `held` are the paths of vanished songs that stay in the index because there are more of them than `sync.HELD_SHARE`.
    `notes` are sentences for people about unusual findings.
    """

    synced: int
    added: int
    changed: int
    purged: int
    refused: int
    held: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    seconds: float = 0.0

    @property
    def is_empty(self) -> bool:
        """Whether nothing changed and there is nothing to report."""
        return not (self.added or self.changed or self.purged or self.held or self.notes)

    def as_json(self) -> dict[str, Any]:
        """The report as JSON values."""
        return {**asdict(self), "held": list(self.held), "notes": list(self.notes)}


@dataclass(frozen=True, slots=True)
class Progress:
    """The progress of a run: the name of its step, the part of the whole from 0 to 1, the last folder written, and the
    final number of songs, 0 before it is known."""

    step: str
    part: float
    folder: str = ""
    songs: int = 0
