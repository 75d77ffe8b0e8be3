"""/api/songs/bulk: the same edit for many songs."""

from apiflask import APIBlueprint

from davproxy.errors import DavproxyError
from davproxy.model import Song
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
    library = services().library
    title, changes = "", []
    try:
        song = library.songs.get(song_id)
        title, changes = song.title, _changes(song, edit)
        if changes and not edit.dry_run:
            values = {change.key: change.after for change in changes}
            library.songs.edit(song_id, values, etag=song.etag, breaks_scores=edit.breaks_scores)
    except DavproxyError as error:
        return SongChange(id=song_id, title=title, changes=changes, error=error.message)
    return SongChange(id=song_id, title=title, changes=changes)


def _changes(song: Song, edit: BulkEdit) -> list[Change]:
    """What `edit` changes in `song`."""
    values = {key.lower(): value for key, value in edit.metadata.items()}
    return [
        Change(key=key, before=song.metadata.get(key), after=value)
        for key, value in values.items()
        if song.metadata.get(key) != value
    ]
