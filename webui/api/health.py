"""/api/health: whether the server can serve."""

from typing import Literal

from apiflask import APIBlueprint
from pydantic import BaseModel, Field

from davproxy import __version__
from davproxy.errors import DavproxyError
from davproxy.model import SongQuery
from davproxy.sync import State
from webui.api.nextcloud import nextcloud_state
from webui.api.openapi import response
from webui.services import services

blueprint = APIBlueprint("health", __name__, url_prefix="/api", tag="Library")


class Part(BaseModel):
    """One part of the server."""

    state: str
    message: str = ""


class Health(BaseModel):
    """`degraded`: the remote cannot be reached, or not all of it can be read, or the Redis that several instances share
    is away; what the index and the cache hold is served. The message of the part says why."""

    status: Literal["ok", "degraded", "unavailable"]
    version: str
    uptime: float = Field(description="Seconds.")
    uptime_seconds: float = Field(description="The same as `uptime`.")
    index: Part
    database: Literal["ok", "missing"] = Field(description="Whether the index can be read.")
    remote: Part
    shared: Part = Field(description="What several instances share: `off` for one alone, `ok`, or `away`.")
    webdav_configured: bool = Field(description="Whether the library is on a Nextcloud or another WebDAV server.")


@blueprint.get("/health")
@blueprint.output(Health)
@blueprint.doc(responses=response(503, "Not able to serve."))
def health() -> tuple[Health, int]:
    """Whether the server can serve: 503 when not."""
    core = services()
    index, status = Part(state="ok"), "ok"
    try:
        core.library.songs.find(SongQuery(limit=1))
    except DavproxyError as error:
        index, status = Part(state="broken", message=error.message), "unavailable"
    remote = Part(state=core.sync.state, message=core.sync.message)
    if status == "ok" and remote.state in (State.UNREACHABLE, State.FAILED):
        status = "degraded"
    coordination = core.coordination
    shared = Part(state="away" if coordination.problem else "ok" if coordination.is_shared else "off")
    shared.message = coordination.problem
    if status == "ok" and shared.message:
        status = "degraded"
    found = Health.model_validate(
        {
            "status": status,
            "version": __version__,
            "uptime": core.uptime,
            "uptime_seconds": core.uptime,
            "index": index,
            "database": "ok" if index.state == "ok" else "missing",
            "remote": remote,
            "shared": shared,
            "webdav_configured": nextcloud_state().configured,
        }
    )
    return found, 503 if status == "unavailable" else 200
