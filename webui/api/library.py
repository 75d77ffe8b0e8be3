"""/api/library/status and /api/library/statistics: the library in numbers."""

from collections.abc import Iterable
from contextlib import suppress

from apiflask import APIBlueprint
from pydantic import BaseModel, Field

from davproxy import __version__
from davproxy.errors import DavproxyError
from davproxy.imports import error_notes
from davproxy.model import Quota
from davproxy.paths import DROP, GENERATE, STORED
from davproxy.sync import State
from webui.api.nextcloud import nextcloud_state
from webui.services import services

blueprint = APIBlueprint("library", __name__, url_prefix="/api/library", tag="Library")


class SyncResult(BaseModel):
    """Counts of the last sync. `held` lists songs that vanished all at once and are kept until a sync with `purge`;
    `notes` are sentences about what was unusual."""

    synced: int
    added: int
    changed: int
    purged: int
    refused: int
    held: list[str]
    notes: list[str]


class FolderSize(BaseModel):
    """Files and bytes in a top folder, with everything below it."""

    path: str
    files: int
    size: int
    not_imported: int = Field(0, description="In /Drop and /Generate: sources with a note beside them that says why.")


class Status(BaseModel):
    """The library in numbers. Sizes are in bytes, `length` in milliseconds."""

    songs: int
    artists: int
    length: int
    refused: int
    problems: int = Field(description="Songs with at least one problem.")
    without_art: int
    duplicates: int
    unread: int = Field(description="Songs whose notes have not been read yet.")
    expected: int = Field(description="How many songs there will be after the sync that runs; 0 while none runs.")
    size: int
    quota_used: int
    quota_free: int | None = Field(description="null where there is no limit, or none is known.")
    state: str = Field(description="never, current, unreachable or failed.")
    message: str
    server: str
    last_sync: SyncResult | None
    synced_at: float = Field(description="Unix seconds; 0 for never.")
    folders: list[FolderSize]
    version: str
    total_songs: int = Field(description="The same as `songs`.")
    webdav_configured: bool = Field(description="Whether the library is on a Nextcloud or another WebDAV server.")
    webdav_connected: bool = Field(description="Whether that answered the last sync.")
    webdav_url: str
    webdav_error: str | None


class Amount(BaseModel):
    """A year, a genre or a month, and its number of songs."""

    name: str
    songs: int


class Intensities(BaseModel):
    """The number of songs of each intensity, 0 to 6, of an instrument."""

    instrument: str
    songs: list[int]


class LibraryStatistics(BaseModel):
    """Numbers of songs, for plots."""

    years: list[Amount] = Field(description="In order.")
    genres: list[Amount] = Field(description="Those of most songs.")
    other_genres: int = Field(description="Songs of all other genres.")
    intensities: list[Intensities]
    growth: list[Amount] = Field(description="Songs added in each month, such as `2026-11`, in order.")


@blueprint.get("/statistics")
@blueprint.output(LibraryStatistics)
def statistics() -> LibraryStatistics:
    """Songs by year, genre, intensity and the month in which they came."""
    found = services().library.songs.statistics()

    def amounts(counted: Iterable[tuple[object, int]]) -> list[Amount]:
        return [Amount(name=str(name), songs=songs) for name, songs in counted]

    return LibraryStatistics(
        years=amounts(found.years),
        genres=amounts(found.genres),
        other_genres=found.other_genres,
        intensities=[Intensities(instrument=name, songs=list(songs)) for name, songs in found.intensities],
        growth=amounts(found.growth),
    )


def _folder_size(top: str) -> FolderSize:
    tree = services().library.tree
    files, size = tree.total(top)
    notes = tree.files_ending(top, [error_notes.ERROR]) if top in (DROP, GENERATE) else []
    return FolderSize(path=top, files=files, size=size, not_imported=len(notes))


@blueprint.get("/status")
@blueprint.output(Status)
def status() -> Status:
    """Counts, sizes, the last sync, the remote and its space."""
    core = services()
    counts = core.library.songs.counts()
    folders = [_folder_size(top) for top in STORED]
    size = sum(folder.size for folder in folders)
    quota = Quota(used=size, free=None)
    if core.sync.state is State.CURRENT:  # else a remote that is silent would be waited for
        with suppress(DavproxyError):
            quota = core.library.space.quota()
    last, nextcloud = core.sync.last, nextcloud_state()
    return Status(
        songs=counts.songs,
        artists=counts.artists,
        length=counts.length,
        refused=counts.refused,
        problems=counts.problems,
        without_art=counts.without_art,
        duplicates=counts.duplicates,
        unread=counts.unread,
        expected=core.sync.progress.songs if core.sync.progress else 0,
        size=size,
        quota_used=quota.used,
        quota_free=quota.free,
        state=core.sync.state,
        message=core.sync.message,
        server=core.library.features.label,
        last_sync=SyncResult.model_validate(last.as_json()) if last else None,
        synced_at=core.sync.finished,
        folders=folders,
        version=__version__,
        total_songs=counts.songs,
        webdav_configured=nextcloud.configured,
        webdav_connected=nextcloud.connected,
        webdav_url=nextcloud.url,
        webdav_error=nextcloud.error,
    )
