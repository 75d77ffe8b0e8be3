"""/api/songs/bulk and /api/songs/delete: one change of many songs, as a job that can be undone."""

from apiflask import APIBlueprint
from flask import Response

from davproxy.curation.song_jobs import Record
from davproxy.errors import BadInput, DavproxyError
from davproxy.model import Job
from webui.api.jobs import as_json, in_background, respond
from webui.api.openapi import ACCEPTED
from webui.api.shapes import JobShape, Wait
from webui.api.song_edits import BulkDeleted, BulkDeletion, BulkEdit, BulkResult, Change, SongChange
from webui.services import services

blueprint = APIBlueprint("bulk", __name__, url_prefix="/api/songs", tag="Songs")

LISTED = 500
"""The most songs whose changes are listed in one response."""


@blueprint.post("/bulk")
@blueprint.input(Wait, location="query", arg_name="how")
@blueprint.input(BulkEdit, arg_name="edit")
@blueprint.output(BulkResult)
@blueprint.doc(responses=ACCEPTED)
def bulk_edit(how: Wait, edit: BulkEdit) -> Response:
    """Edit many songs alike; more than 500 only with wait=false. `POST /api/jobs/{job_id}/undo` undoes it.

    With `dry_run` the changes are listed and nothing is written. A song that cannot be edited keeps its song.ini and
    has an error; the others are edited.
    """
    if edit.dry_run:
        _check_number(edit)
        return as_json(_bulk_result(edit, [_list_changes(song_id, edit) for song_id in dict.fromkeys(edit.ids)]), 200)
    if not in_background(how):
        _check_number(edit)
    job = services().song_jobs.edit(edit.ids, edit.metadata, breaks_scores=edit.breaks_scores)
    return respond(job, how, lambda done: _edit_result(edit, done))


@blueprint.post("/delete")
@blueprint.input(Wait, location="query", arg_name="how")
@blueprint.input(BulkDeletion, arg_name="deletion")
@blueprint.output(BulkDeleted)
@blueprint.doc(responses=ACCEPTED)
def bulk_delete(how: Wait, deletion: BulkDeletion) -> Response:
    """Delete many songs, to the trash bin where there is one. `POST /api/jobs/{job_id}/undo` undoes it."""
    job = services().song_jobs.delete(deletion.ids)
    return respond(job, how, _deletion_result)


def _check_number(edit: BulkEdit) -> None:
    if len(edit.ids) > LISTED:
        raise BadInput(f"ids: the changes of up to {LISTED} songs are listed at once. Send fewer, or wait=false.")


def _list_changes(song_id: int, edit: BulkEdit) -> SongChange:
    songs = services().library.songs
    title = artist = ""
    try:
        song = songs.get(song_id)
        title, artist = song.title, song.artist
        changes = songs.list_edit(song, edit.metadata, breaks_scores=edit.breaks_scores, dry_run=True)
    except DavproxyError as error:
        return SongChange(id=song_id, title=title, artist=artist, changes=[], error=error.message, status=error.status)
    shapes = [Change(key=change.key, before=change.before, after=change.after) for change in changes]
    return SongChange(id=song_id, title=title, artist=artist, changes=shapes)


def _edit_result(edit: BulkEdit, job: Job) -> BulkResult:
    """The response of an edit that is done, from the records of its job."""
    records = services().song_jobs.records(job.id)
    ids = dict.fromkeys(edit.ids)
    return _bulk_result(edit, [_song_change(song_id, records.get(str(song_id))) for song_id in ids])


def _song_change(song_id: int, record: Record | None) -> SongChange:
    """The change of one song; a song that the edit left as it was has no record."""
    if record is None:
        song = services().library.songs.get(song_id)
        return SongChange(id=song_id, title=song.title, artist=song.artist, changes=[])
    return SongChange(
        id=song_id,
        title=record["title"],
        artist=record["artist"],
        changes=[Change(key=key, before=before, after=after) for key, before, after in record.get("changes", ())],
        error=record.get("error"),
        status=record.get("status"),
    )


def _bulk_result(edit: BulkEdit, songs: list[SongChange]) -> BulkResult:
    return BulkResult(
        dry_run=edit.dry_run,
        changed=sum(1 for song in songs if song.changes and not song.error),
        failed=sum(1 for song in songs if song.error),
        songs=songs,
    )


def _deletion_result(job: Job) -> BulkDeleted:
    result = job.result or {}
    return BulkDeleted(deleted=result["changed"], failed=result["failed"], job=JobShape.of(job))
