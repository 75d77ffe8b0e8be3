"""/api/library/sync/stream: a sync, reported as server-sent events."""

import json
from collections.abc import Iterator
from typing import Any

from apiflask import APIBlueprint
from flask import Response, stream_with_context

from davproxy.model import Job, SongQuery
from webui.api.openapi import Responses
from webui.api.sync import sync_result, unreadable_songs
from webui.services import services

blueprint = APIBlueprint("sync_stream", __name__, url_prefix="/api/library", tag="Library")

PAGE = 500
"""Songs that are read from the index at a time."""
SILENCE_SECONDS = 5.0
"""Longest time without a line, so that a client that is gone is noticed."""
COMPARING, READING = "Comparing the folders on the remote.", "Reading what changed."
MESSAGES = {"": COMPARING, "list": COMPARING, "read": READING, "index": READING}
"""What each step of the job does."""
TYPES = (
    "start", "discovering", "discovered", "parsing", "parsed", "parse_error", "purging", "purged", "complete", "error",
)  # fmt: skip
EVENT = {
    "type": "object",
    "required": ["type", "message"],
    "properties": {"type": {"type": "string", "enum": list(TYPES)}, "message": {"type": "string"}},
}
LINES = {
    "type": "object",
    "required": ["data"],
    "properties": {"data": {"type": "string", "contentMediaType": "application/json", "contentSchema": EVENT}},
}
STREAM: Responses = {200: {"description": "The events.", "content": {"text/event-stream": {"schema": LINES}}}}

Event = dict[str, Any]


@blueprint.get("/sync/stream")
@blueprint.doc(responses=STREAM)
def stream() -> Response:
    """Sync, and report it as server-sent events.

    Each is a JSON object with `type` and `message`: start, discovering until the sync is through, discovered
    (`total`), parsing, then parsed (`index`, `total`, `folder`, `title`, `artist`, `album`) or parse_error (`index`,
    `total`, `folder`, `folder_display`) for every song of the library, purging, purged (`purged`), complete (the fields
    of a sync); or error. The sync goes on without the client.
    """
    lines = (f"data: {json.dumps(event)}\n\n" if event else ":\n\n" for event in _events())
    headers = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}
    return Response(stream_with_context(lines), mimetype="text/event-stream", headers=headers)


def _events() -> Iterator[Event]:
    """The events of one sync; an empty one keeps the connection alive."""
    jobs, waiting = services().jobs, services().waiting
    if not waiting.acquire(blocking=False):
        yield {"type": "error", "message": "Too many clients wait already. Try again in a minute."}
        return
    try:
        yield {"type": "start", "message": "The sync starts."}
        job, message = services().sync.request(), COMPARING
        yield {"type": "discovering", "message": message}
        while not job.final:
            if message != (message := MESSAGES[job.step]):
                yield {"type": "discovering", "message": message}
            else:
                yield {}
            job = jobs.wait(job.id, SILENCE_SECONDS)
    finally:
        waiting.release()
    if job.result is None:
        yield {"type": "error", "message": job.error}
    else:
        yield from _results(job)


def _results(job: Job) -> Iterator[Event]:
    """The events after the end of the `job`."""
    done = sync_result(job)
    total = done.total_on_nextcloud
    yield {"type": "discovered", "total": total, "message": f"Songs on the remote: {total}."}
    yield {"type": "parsing", "message": "Listing what the songs say of themselves."}
    yield from _songs(total)
    yield {"type": "purging", "message": "Removing what is gone from the remote."}
    if done.purged:
        yield {"type": "purged", "purged": done.purged, "message": f"Songs gone from the remote: {done.purged}."}
    yield {"type": "complete", **done.model_dump(mode="json")}


def _songs(total: int) -> Iterator[Event]:
    """An event for each song of the library, in the order of titles."""
    reasons = {failure.folder: failure for failure in unreadable_songs()[1]}
    for start in range(0, total, PAGE):
        _, songs = services().library.songs.find(SongQuery(limit=PAGE, offset=start))
        for index, song in enumerate(songs, start=start + 1):
            place = {"index": index, "total": total, "folder": song.path}
            if failure := reasons.get(song.path):
                yield {**place, "type": "parse_error", "folder_display": failure.display, "message": failure.reason}
            else:
                names = {"title": song.title, "artist": song.artist, "album": song.album}
                yield {**place, "type": "parsed", **names, "message": f"{index} of {total}: {song.title}"}
