"""/api/library/sync: the comparison of the index with the remote, and which songs it could not read."""

from apiflask import APIBlueprint
from flask import Response
from pydantic import BaseModel, Field

from davproxy.model import Job, SongQuery
from webui.api.jobs import respond
from webui.api.openapi import ACCEPTED
from webui.api.shapes import JobShape, Wait
from webui.services import services

blueprint = APIBlueprint("sync", __name__, url_prefix="/api/library", tag="Library")

UNREADABLE = ("invalidMetadata", "badSng")
"""Problems of a song whose metadata cannot be read."""
MOST_FAILURES = 500


class HowToSync(Wait):
    """Options of a sync."""

    purge: bool = Field(False, description="Remove the songs held back as vanished from the index.")


class Failure(BaseModel):
    """A song whose metadata cannot be read."""

    folder: str = Field(description="Its path.")
    display: str = Field(description="The last name of it.")
    reason: str


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
    return respond(services().sync.request(purge=how.purge), how, synced)


def synced(job: Job) -> Synced:
    """What the sync of a finished `job` did."""
    result = job.result or {}
    failed, failures = unreadable()
    return Synced(
        message=f"{result['synced']} songs are in the library: {result['added']} new, {result['changed']} changed, "
        f"{result['purged']} gone.",
        synced=result["synced"] - failed,
        purged=result["purged"],
        failed=failed,
        total_on_nextcloud=result["synced"],
        errors=[f"{each.folder}: {each.reason}" for each in failures],
        failure_count=failed,
        job=JobShape.of(job),
    )


def unreadable() -> tuple[int, list[Failure]]:
    """How many songs have metadata that cannot be read, and MOST_FAILURES of them."""
    total, failures = 0, list[Failure]()
    for code in UNREADABLE:
        count, songs = services().library.songs.find(SongQuery(problem=code, limit=MOST_FAILURES - len(failures)))
        total += count
        failures += [
            Failure(
                folder=song.path,
                display=song.path.rpartition("/")[2],
                reason=next(each["message"] for each in song.problems if each["code"] == code),
            )
            for song in songs
        ]
    return total, failures
