"""/api/library: the library as a whole."""

from apiflask import APIBlueprint
from pydantic import BaseModel, Field

from davproxy.paths import STORED
from webui.api.answers import WAITED
from webui.api.jobs import answer
from webui.api.shapes import JobShape, Wait
from webui.services import services

blueprint = APIBlueprint("library", __name__, url_prefix="/api/library", tag="Library")


class Report(BaseModel):
    """What the last sync found; `held` names songs that vanished in such number that they are kept until confirmed."""

    synced: int
    added: int
    changed: int
    purged: int
    refused: int
    held: list[str]


class FolderSize(BaseModel):
    """A top folder, with everything in it."""

    path: str
    files: int
    size: int


class Status(BaseModel):
    """The library in numbers. Sizes are in bytes, `length` in milliseconds."""

    songs: int
    artists: int
    length: int
    refused: int
    problems: int = Field(description="Songs with at least one problem.")
    without_art: int
    duplicates: int
    size: int
    quota_used: int
    quota_free: int | None = Field(description="null where there is no limit")
    state: str = Field(description="never, current or unreachable")
    message: str
    server: str
    last_sync: Report | None
    synced_at: float = Field(description="Unix seconds; 0 for never.")
    folders: list[FolderSize]


class HowToSync(Wait):
    """How to sync."""

    purge: bool = Field(False, description="Songs held back as vanished are meant to go.")


@blueprint.get("/status")
@blueprint.output(Status)
def status() -> Status:
    """Counts, sizes, the last sync, the remote and its space."""
    parts = services()
    counts = parts.library.songs.counts()
    folders = [
        FolderSize(path=top, files=files, size=size)
        for top, (files, size) in ((top, parts.library.tree.total(top)) for top in STORED)
    ]
    quota = parts.library.tree.quota()
    last = parts.sync.last
    return Status(
        songs=counts.songs,
        artists=counts.artists,
        length=counts.length,
        refused=counts.refused,
        problems=counts.problems,
        without_art=counts.without_art,
        duplicates=counts.duplicates,
        size=sum(folder.size for folder in folders),
        quota_used=quota.used,
        quota_free=quota.free,
        state=parts.sync.state,
        message=parts.sync.message,
        server=parts.library.features.label,
        last_sync=Report.model_validate(last.as_json()) if last else None,
        synced_at=parts.sync.finished,
        folders=folders,
    )


@blueprint.post("/sync")
@blueprint.input(HowToSync, location="query", arg_name="how")
@blueprint.output(JobShape, status_code=202)
@blueprint.doc(responses=WAITED)
def sync(how: HowToSync) -> tuple[JobShape, int, dict[str, str]]:
    """Compare the index with the remote. The job's result counts songs synced, added, changed, purged and refused."""
    return answer(services().sync.request(purge=how.purge), how.wait)
