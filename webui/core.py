"""What a request works on: the parts of the core, kept on the application."""

from dataclasses import dataclass
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
class Core:
    """The parts below both doors. `started` is Unix seconds."""

    settings: Settings
    access: Access
    library: Library
    jobs: Jobs
    imports: Imports
    sync: Sync
    setup: Setup
    started: float


def core() -> Core:
    """The core of the application that answers this request."""
    return cast(Core, current_app.extensions[EXTENSION])
