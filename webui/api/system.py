"""/api/system: what the server does in the background."""

import time
from typing import Literal

from apiflask import APIBlueprint
from pydantic import BaseModel, Field

from davproxy import __version__, paths
from davproxy.model import SongQuery
from davproxy.snapshot import FILE_NAME
from webui.api.nextcloud import nextcloud_state
from webui.api.sync import Failure, last_sync_time, unreadable_songs
from webui.services import services

blueprint = APIBlueprint("system", __name__, url_prefix="/api/system", tag="Library")

Phase = Literal["idle", "discovering", "parsing", "purging", "done"]
PHASES: dict[str, Phase] = {"list": "discovering", "read": "parsing", "index": "parsing"}
"""The phase of each step of a sync."""


class SyncState(BaseModel):
    """The sync that runs, or the last one. `failed` songs are in the library, but their metadata cannot be read."""

    running: bool
    phase: Phase
    total_folders: int = Field(description="Songs in the library.")
    processed: int = Field(description="How many of them the sync is through with.")
    synced: int
    failed: int
    purged: int
    current_folder: str = Field(description="What was written to the index last; empty while nothing runs.")
    last_synced_song: str = Field(description="The title of the newest song.")
    errors: list[str]
    failure_details: list[Failure]
    last_sync_time: str | None = Field(description="ISO 8601, UTC.")


class Database(BaseModel):
    """The index file, and where a copy of it is kept on the remote."""

    path: str
    exists: bool
    size_bytes: int
    nextcloud_path: str


class DatabaseSync(BaseModel):
    """The saving of the index to the remote. Times are in seconds; null before this server has saved it."""

    interval_seconds: float
    last_upload: float | None = Field(description="Unix seconds.")
    last_upload_ago: float | None


class SystemStatus(BaseModel):
    """What the server does in the background."""

    uptime_seconds: float
    version: str
    database: Database
    db_sync: DatabaseSync
    library_sync: SyncState
    webdav_configured: bool
    total_songs: int


@blueprint.get("/status")
@blueprint.output(SystemStatus)
def status() -> SystemStatus:
    """The index, its copy on the remote, and the sync of the library."""
    core = services()
    file, saved = core.settings.db_path, core.snapshot.saved_at
    return SystemStatus(
        uptime_seconds=core.uptime,
        version=__version__,
        database=Database(
            path=str(file),
            exists=file.exists(),
            size_bytes=file.stat().st_size if file.exists() else 0,
            nextcloud_path=paths.join("/", core.settings.database_folder, FILE_NAME),
        ),
        db_sync=DatabaseSync(
            interval_seconds=core.settings.db_sync_interval,
            last_upload=saved or None,
            last_upload_ago=round(time.time() - saved, 1) if saved else None,
        ),
        library_sync=_sync_state(),
        webdav_configured=nextcloud_state().configured,
        total_songs=core.library.songs.counts().songs,
    )


@blueprint.get("/sync-state")
@blueprint.output(SyncState)
def sync_state() -> SyncState:
    """The sync that runs, or the last one."""
    return _sync_state()


def _sync_state() -> SyncState:
    core = services()
    total, newest = core.library.songs.find(SongQuery(sort="added", order="desc", limit=1))
    failed, failures = unreadable_songs()
    progress = core.sync.progress
    return SyncState(
        running=progress is not None,
        phase=PHASES[progress.step] if progress else "done" if core.sync.finished else "idle",
        total_folders=total,
        processed=int(total * progress.part) if progress else total,
        synced=total - failed,
        failed=failed,
        purged=core.sync.last.purged if core.sync.last else 0,
        current_folder=progress.folder if progress else "",
        last_synced_song=newest[0].title if newest else "",
        errors=[each.line for each in failures],
        failure_details=failures,
        last_sync_time=last_sync_time(),
    )
