"""The parts of the core that the routes call, stored on the application."""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import cast

from flask import current_app

from davproxy.access import Access
from davproxy.connect import Setup
from davproxy.coordination import Coordination, InProcess
from davproxy.curation.curation import Curation
from davproxy.curation.song_jobs import SongJobs
from davproxy.imports.imports import Imports
from davproxy.jobs import Jobs
from davproxy.library import Library
from davproxy.metrics import Metrics
from davproxy.server.event_stream import EventStream
from davproxy.settings import Settings
from davproxy.snapshot import Snapshot
from davproxy.status_folder import Status
from davproxy.sync import Sync

EXTENSION = "davproxy"


@dataclass(frozen=True, slots=True)
class Services:
    """The core as the routes see it. `started` is Unix seconds.

    Both doors share `access`, so that wrong passwords count together.
    """

    settings: Settings
    access: Access
    library: Library
    jobs: Jobs
    imports: Imports
    sync: Sync
    snapshot: Snapshot
    song_jobs: SongJobs
    curation: Curation
    setup: Setup
    events: EventStream
    coordination: Coordination = field(default_factory=InProcess)
    metrics: Metrics | None = None
    """None where METRICS is off."""
    headlines: Callable[[], Sequence[str]] = tuple
    """The lines about the library that head `/Status/STATUS.txt`."""
    started: float = field(default_factory=time.time)
    waiting: threading.Semaphore = field(init=False)
    """Acquired by each request that waits for a job, so that half of the threads stay free."""

    @property
    def status(self) -> Status:
        """The folder `/Status`."""
        return Status(self.jobs, self.headlines)

    @property
    def uptime(self) -> float:
        """Seconds since the start."""
        return round(time.time() - self.started, 2)

    def __post_init__(self) -> None:
        object.__setattr__(self, "waiting", threading.Semaphore(self.settings.server_threads // 2))


def services() -> Services:
    """The services of the current application."""
    return cast(Services, current_app.extensions[EXTENSION])
