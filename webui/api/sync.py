"""/api/library/sync: the comparison of the index with the remote, and which songs it could not read."""

from datetime import UTC, datetime

from apiflask import APIBlueprint
from flask import Response
from pydantic import BaseModel, Field

from davproxy.errors import NotFound, RemoteRefused
from davproxy.model import Job, SongQuery
from webui.api.jobs import respond
from webui.api.openapi import ACCEPTED, TEXT, Responses
from webui.api.shapes import Input, JobShape, Wait
from webui.downloads import named
from webui.services import services

blueprint = APIBlueprint("sync", __name__, url_prefix="/api/library", tag="Library")

UNREADABLE = ("invalidMetadata", "badSng")
"""Problems of a song whose metadata cannot be read."""
MOST_FAILURES = 500
REPORT: Responses = {200: {"description": "The report.", "content": {"text/plain": {"schema": TEXT}}}}


class HowToSync(Wait):
    """Options of a sync."""

    purge: bool = Field(False, description="Remove the songs held back as vanished from the index.")


class Download(Input):
    """The form of the report."""

    download: bool = Field(False, description="As a text file.")


class Failure(BaseModel):
    """A song whose metadata cannot be read."""

    folder: str = Field(description="Its path.")
    display: str = Field(description="The last name of it.")
    reason: str

    @property
    def line(self) -> str:
        """The failure as one line of text."""
        return f"{self.folder}: {self.reason}"


class FailureReport(BaseModel):
    """The songs that the last sync could not read."""

    last_sync_time: str | None = Field(description="ISO 8601, UTC.")
    total_folders: int
    synced: int
    failed: int
    purged: int
    failures: list[Failure]


class Synced(BaseModel):
    """What a sync did. `failed` songs are in the library too, but their metadata cannot be read."""

    message: str
    synced: int = Field(description="Songs in the library that could be read.")
    purged: int = Field(description="Songs that were gone from the remote.")
    failed: int
    total_on_nextcloud: int = Field(description="Songs on the remote.")
    errors: list[str] = Field(description="One line for each failed song.")
    failure_count: int
    job: JobShape


@blueprint.post("/sync")
@blueprint.input(HowToSync, location="query", arg_name="how")
@blueprint.output(Synced)
@blueprint.doc(responses=ACCEPTED)
def sync(how: HowToSync) -> Response:
    """Compare the index with the remote.

    The job's result counts songs synced, added, changed, purged and refused.
    """
    services().curation.favourites.wake()
    try:
        return respond(services().sync.request(purge=how.purge), how, sync_result)
    except NotFound as error:  # a folder of the remote, not this operation
        raise RemoteRefused(error.message) from None


def sync_result(job: Job) -> Synced:
    """What the sync of a finished `job` did."""
    result = job.result or {}
    failed, failures = unreadable_songs()
    return Synced(
        message=f"Songs in the library: {result['synced']} ({result['added']} new, {result['changed']} changed, "
        f"{result['purged']} gone).",
        synced=result["synced"] - failed,
        purged=result["purged"],
        failed=failed,
        total_on_nextcloud=result["synced"],
        errors=[each.line for each in failures],
        failure_count=failed,
        job=JobShape.of(job),
    )


@blueprint.get("/sync/failures")
@blueprint.input(Download, location="query", arg_name="how")
@blueprint.output(FailureReport)
@blueprint.doc(responses=REPORT)
def failures(how: Download) -> FailureReport | Response:
    """The songs whose metadata cannot be read, and why."""
    core = services()
    failed, listed = unreadable_songs()
    total, last = core.library.songs.counts().songs, core.sync.last
    report = FailureReport(
        last_sync_time=last_sync_time(),
        total_folders=total,
        synced=total - failed,
        failed=failed,
        purged=last.purged if last else 0,
        failures=listed,
    )
    if not how.download:
        return report
    head = f"{failed} of {total} songs cannot be read. Last sync: {report.last_sync_time or 'never'}.\n"
    text = "\n".join([head, *(failure.line for failure in listed)]) + "\n"
    return named(Response(text, mimetype="text/plain"), "sync_failures.txt")


def unreadable_songs() -> tuple[int, list[Failure]]:
    """How many songs have metadata that cannot be read, and MOST_FAILURES of them."""
    total, failures = 0, list[Failure]()
    for code in UNREADABLE:
        count, songs = services().library.songs.find(SongQuery(problem=code, limit=MOST_FAILURES - len(failures)))
        total += count
        failures += [
            Failure(
                folder=song.path,
                display=song.path.rpartition("/")[2],
                reason=next((each["message"] for each in song.problems if each["code"] == code), ""),
            )
            for song in songs
        ]
    return total, failures


def last_sync_time() -> str | None:
    """When the last sync ended, in ISO 8601 and UTC; None before the first."""
    finished = services().sync.finished
    return datetime.fromtimestamp(finished, UTC).isoformat() if finished else None
