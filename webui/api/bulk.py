"""/api/songs/bulk: the same edit for many songs."""

from apiflask import APIBlueprint

from davproxy.errors import DavproxyError
from webui.api.song_edits import BulkEdit, BulkResult, Change, SongChange
from webui.services import services

blueprint = APIBlueprint("bulk", __name__, url_prefix="/api/songs", tag="Songs")


@blueprint.post("/bulk")
@blueprint.input(BulkEdit, arg_name="edit")
@blueprint.output(BulkResult)
def bulk_edit(edit: BulkEdit) -> BulkResult:
    """Edit many songs alike, up to 500 at once. With `dry_run` the changes are listed and nothing is written.

    A song that cannot be edited keeps its song.ini and has an error; the others are edited.
    """
    songs = [_edit_one(song_id, edit) for song_id in dict.fromkeys(edit.ids)]
    return BulkResult(
        dry_run=edit.dry_run,
        changed=sum(1 for song in songs if song.changes and not song.error),
        failed=sum(1 for song in songs if song.error),
        songs=songs,
    )


def _edit_one(song_id: int, edit: BulkEdit) -> SongChange:
    songs = services().library.songs
    title = ""
    try:
        song = songs.get(song_id)
        title = song.title
        changes = songs.list_edit(song, edit.metadata, breaks_scores=edit.breaks_scores, dry_run=edit.dry_run)
    except DavproxyError as error:
        return SongChange(id=song_id, title=title, changes=[], error=error.message, status=error.status)
    shapes = [Change(key=change.key, before=change.before, after=change.after) for change in changes]
    return SongChange(id=song_id, title=title, changes=shapes)
