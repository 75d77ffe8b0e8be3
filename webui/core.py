"""What a request works on: the parts of the core, kept on the application."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol, cast

from flask import current_app

from davproxy.access import Access
from davproxy.jobs import Jobs
from davproxy.library import Library
from davproxy.model import Job
from davproxy.settings import Settings
from davproxy.sync import Sync

EXTENSION = "davproxy"


class Intake(Protocol):
    """What the web door asks of davproxy.intake."""

    def job_for(self, path: str) -> Job | None:
        """The newest job about the file at `path`."""

    def import_archive(self, path: str) -> Job:
        """Take in the songs of the archive at `path`."""

    def prepare(self, path: str, options: Mapping[str, Any]) -> None:
        """What the person chose for the audio file that is about to arrive at `path`."""

    def read_tags(self, name: str, start: bytes) -> Mapping[str, str]:
        """The tags of an audio file called `name`, from its first bytes."""


@dataclass(frozen=True, slots=True)
class Core:
    """The parts below both doors. `started` is Unix seconds."""

    settings: Settings
    access: Access
    library: Library
    jobs: Jobs
    intake: Intake
    sync: Sync
    started: float


def core() -> Core:
    """The core of the application that answers this request."""
    return cast(Core, current_app.extensions[EXTENSION])
