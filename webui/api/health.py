"""/api/health: whether the server can serve."""

import time
from typing import Literal, cast

from apiflask import APIBlueprint, APIFlask
from flask import current_app
from pydantic import BaseModel, Field

from davproxy.errors import DavproxyError
from davproxy.model import SongQuery
from davproxy.sync import State
from webui.api.openapi import response
from webui.services import services

blueprint = APIBlueprint("health", __name__, url_prefix="/api", tag="Library")


class Part(BaseModel):
    """One part of the server."""

    state: str
    message: str = ""


class Health(BaseModel):
    """`degraded`: the remote cannot be reached, or not all of it can be read; what the index and the cache hold is
    served. `remote.message` says why."""

    status: Literal["ok", "degraded", "unavailable"]
    version: str
    uptime: float = Field(description="Seconds.")
    index: Part
    remote: Part


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
    found = Health.model_validate(
        {
            "status": status,
            "version": cast(APIFlask, current_app).version,
            "uptime": time.time() - core.started,
            "index": index,
            "remote": remote,
        }
    )
    return found, 503 if status == "unavailable" else 200
