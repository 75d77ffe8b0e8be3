"""/api/events: the stream that keeps open pages up to date."""

from apiflask import APIBlueprint
from flask import Response, request

from davproxy.server.event_stream import FOLLOW, Follow
from webui.api.openapi import response
from webui.services import services

blueprint = APIBlueprint("events", __name__, url_prefix="/api/events", tag="Events")


@blueprint.get("")
@blueprint.doc(responses=response(200, "The events, as text/event-stream."))
def events() -> Response:
    """Server-sent events, until the client leaves.

    `job` has a job as /api/jobs lists it, after each change. `library` has the number of songs, of those that a game
    would refuse, whether the library has been read once, and the state and message of its connection. `reload` comes
    first, and where events were missed: load what you show. A client that reconnects sends the id of the last event in
    Last-Event-ID.
    """
    request.environ[FOLLOW] = Follow(services().events, request.headers.get("Last-Event-ID", ""))
    headers = {"Cache-Control": "no-store", "Connection": "close", "X-Accel-Buffering": "no"}
    return Response(iter(()), mimetype="text/event-stream", headers=headers)
