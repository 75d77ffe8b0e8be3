"""What a route works with: the parts below the doors, kept on the application."""

import time
from dataclasses import dataclass, field
from typing import cast

from flask import current_app

from davproxy.access import Access
from davproxy.connect import Setup
from davproxy.imports import Imports
from davproxy.jobs import Jobs
from davproxy.library import Library
from davproxy.settings import Settings
from davproxy.sync import Sync

EXTENSION = "davproxy"


@dataclass(frozen=True, slots=True)
class Services:
    """The parts that routes call. `access` is shared with the WebDAV door, so that wrong passwords count together.

    `started` is Unix seconds.
    """

    settings: Settings
    access: Access
    library: Library
    jobs: Jobs
    imports: Imports
    sync: Sync
    setup: Setup
    started: float = field(default_factory=time.time)


def services() -> Services:
    """The services of the application that answers this request."""
    return cast(Services, current_app.extensions[EXTENSION])
