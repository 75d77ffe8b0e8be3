"""The API document as an application without a library serves it; linters of others check it."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from davproxy.access import Access
from davproxy.app import open_core
from davproxy.connect import Setup
from davproxy.settings import Settings
from webui import Services, create_app
from webui.events import Events


def document() -> dict[str, Any]:
    """What /api/openapi.json is answered with."""
    with TemporaryDirectory() as folder:
        given = {"TEMP_DIR": f"{folder}/temp", "LIBRARY_DIR": f"{folder}/library"}
        settings = Settings.read(given, Path(folder) / "none")
        with open_core(settings) as core:
            setup = Setup(settings, Path(folder) / ".env")
            parts = core.library, core.jobs, core.imports, core.sync, core.snapshot, core.song_jobs, core.curation
            events = Events(core.library, core.jobs, core.sync)
            services = Services(settings, Access("", ""), *parts, setup, events.stream)
            answered = create_app(services).test_client().get("/api/openapi.json").json
    assert isinstance(answered, dict)
    return answered
