"""The response to an upload: the files, their jobs, and the imported songs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Response
from pydantic import BaseModel, Field

from davproxy.errors import BadInput, DavproxyError
from davproxy.model import Entry, Job, Song
from webui.api.jobs import as_json, in_background, outcome
from webui.api.shapes import JobShape, Wait
from webui.multipart import FormBody, ReceivedFile
from webui.services import services


class ImportedSong(BaseModel):
    """A song of an archive, which is in the library now."""

    id: int
    title: str
    artist: str
    remote_path: str
    is_duplicate: bool = Field(description="The library had it already.")

    @classmethod
    def of(cls, song: Song) -> "ImportedSong":
        """The shape of a song that the library has."""
        return cls(id=song.id, title=song.title, artist=song.artist, remote_path=song.path, is_duplicate=True)


class Uploaded(BaseModel):
    """A file of an upload: stored at `path`, or refused with `error`. `job` imports it, if it is to be imported."""

    name: str
    path: str | None
    job: JobShape | None
    error: str | None


class UploadResult(BaseModel):
    """The files of an upload, in order, and what came of all of them so far."""

    files: list[Uploaded]
    message: str
    songs: list[ImportedSong]
    remote_path: str | None = Field(
        description="Where the file was stored, if it is one. An archive is removed once its songs are in the library."
    )
    remote_paths: list[str] = Field(description="Stored files that are no archive of songs, or came out of an archive.")
    failed: list[str] = Field(description="What was refused or could not be imported, each with the reason.")


def upload_response(body: FormBody, how: Wait) -> Response:
    """200 when every file is stored and every job over, else 202. Raises the first error if all files failed."""
    if not body.files:
        raise BadInput("file: no file was sent. Send at least one in a form field called “file”.")
    stored = [_outcome_of(received, how) for received in body.files]
    errors = [each.error for each in stored if each.error]
    if len(errors) == len(stored):
        raise errors[0]
    jobs = [each.job for each in stored if each.job]
    goes_on = bool(jobs) and (in_background(how) or not all(job.final for job in jobs))
    return as_json(_result(stored), 202 if goes_on else 200)


def background_result(entry: Entry) -> UploadResult:
    """The result of one file that is stored, with its job as it is now."""
    name = entry.path.rpartition("/")[2]
    return _result([_outcome_of(ReceivedFile("file", name, entry), Wait(wait=False))])


@dataclass(frozen=True, slots=True)
class _Stored:
    """A file with its job, as it is now or at its end."""

    name: str
    path: str | None
    job: Job | None
    error: DavproxyError | None


def _outcome_of(received: ReceivedFile, how: Wait) -> _Stored:
    if received.entry is None:
        return _Stored(received.name, None, None, received.error)
    path = received.entry.path
    job, error = services().imports.job_for(path), None
    if job:
        try:
            job = outcome(job, how)
        except DavproxyError as failure:
            job, error = services().jobs.get(job.id), failure
    return _Stored(received.name, path, job, error)


def _result(stored: Sequence[_Stored]) -> UploadResult:
    songs, paths_there, failed = list[ImportedSong](), list[str](), list[str]()
    for each in stored:
        result = (each.job.result if each.job else None) or {}
        songs += imported_songs(result)
        paths_there += result.get("files", []) if each.job and each.job.final else [each.path] if each.path else []
        failed += [f"{part['path'] or each.name}: {part['reason']}" for part in result.get("failed", [])]
        failed += [f"{each.name}: {each.error.message}"] if each.error else []
    return UploadResult(
        files=[
            Uploaded(
                name=each.name,
                path=each.path,
                job=JobShape.of(each.job) if each.job else None,
                error=each.error.message if each.error else None,
            )
            for each in stored
        ],
        message=_message(songs, paths_there, sum(1 for each in stored if each.job and not each.job.final)),
        songs=songs,
        remote_path=stored[0].path if len(stored) == 1 else None,
        remote_paths=paths_there,
        failed=failed,
    )


def imported_songs(result: Mapping[str, Any]) -> list[ImportedSong]:
    """The songs in the result of an import: first the new ones, then those that the library had."""
    return [
        ImportedSong(
            id=song["id"], title=song["title"], artist=song["artist"], remote_path=song["path"], is_duplicate=duplicate
        )
        for songs, duplicate in (("songs", False), ("duplicates", True))
        for song in result.get(songs, [])
        if "id" in song
    ]


def _message(songs: Sequence[ImportedSong], stored: Sequence[str], waiting: int) -> str:
    new = sum(not song.is_duplicate for song in songs)
    known = len(songs) - new
    parts = [
        f"{new} {'song was' if new == 1 else 'songs were'} added." if new else "",
        f"{known} {'song was' if known == 1 else 'songs were'} there already." if known else "",
        f"{len(stored)} {'file is' if len(stored) == 1 else 'files are'} stored." if stored else "",
        f"{waiting} of the files {'is' if waiting == 1 else 'are'} being imported." if waiting else "",
    ]
    return " ".join(part for part in parts if part)
