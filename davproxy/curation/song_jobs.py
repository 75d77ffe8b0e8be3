"""Jobs that change many songs: edit them alike, delete them, and undo such a job.

Each song that changes gets a record. It says what to undo, and a job that continues after a restart keeps it.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from davproxy.errors import BadInput, Conflict, DavproxyError, NotFound, Unavailable
from davproxy.job_run import subject_of
from davproxy.jobs import Jobs, Run
from davproxy.library import Library
from davproxy.library.song_editing import Changes
from davproxy.model import Job, Song

EDIT, DELETE, UNDO = "edit", "delete", "undo"
"""The kinds of jobs."""
AT_ONCE = 4
"""Songs that are changed side by side: each waits for the disk or the remote."""
STEP = 4 * AT_ONCE
"""Songs between two reports."""
SHOWN_ERRORS = 20

T = TypeVar("T")

Record = Mapping[str, Any]
"""What happened to one song: `path`, `title`, `artist`; `changes`, each [key, before, after], or `restore`, the key
that undoes the deletion; or `error` and its `status`."""


class SongJobs:
    """Starts the jobs and runs them. `attach` must be called before the jobs start."""

    def __init__(self, library: Library, jobs: Jobs) -> None:
        self._library, self._jobs = library, jobs

    def attach(self) -> None:
        """Register the runners."""
        self._jobs.register(EDIT, self._run_edit, anywhere=True)
        self._jobs.register(DELETE, self._run_delete, anywhere=True)
        self._jobs.register(UNDO, self._run_undo, anywhere=True)

    def edit(self, ids: Sequence[int], changes: Changes, *, breaks_scores: bool = False) -> Job:
        """Start the same edit of all these songs."""
        chosen = list(dict.fromkeys(ids))
        options = {"ids": chosen, "changes": dict(changes), "breaks_scores": breaks_scores}
        return self._submit(EDIT, f"Edit {_songs_text(len(chosen))}", options)

    def delete(self, ids: Sequence[int]) -> Job:
        """Start the deletion of these songs, to the trash bin where there is one."""
        options = {"ids": list(dict.fromkeys(ids))}
        return self._submit(DELETE, f"Delete {_songs_text(len(options['ids']))}", options)

    def note_edit(self, before: Song, after: Song) -> None:
        """Keep an edit that was made of one song as a job that is done, so that it is listed and can be undone."""
        old, new = before.metadata, after.metadata
        changes = [[key, old.get(key), new.get(key)] for key in {**old, **new} if old.get(key) != new.get(key)]
        if changes:
            record = {**_names_of(after), "changes": changes}
            self._jobs.past.note(EDIT, f"Edit “{after.title}”", {str(after.id): record}, _result([record], "changed"))

    def undo(self, job_id: str) -> Job:
        """Start to undo a finished edit or deletion. Raises NotFound, BadInput, Conflict."""
        job = self._jobs.get(job_id)
        if job.kind not in (EDIT, DELETE):
            raise BadInput("Only an edit or a deletion of songs can be undone.")
        if not job.final:
            raise Conflict("This job is not over yet. Stop it first.")
        if not self._jobs.records(job_id):
            raise Conflict("There is nothing to undo: nothing was changed, or it has been undone.")
        return self._jobs.submit(UNDO, f"Undo: {job.title}", subject=job_id)

    def records(self, job_id: str) -> dict[str, Record]:
        """What happened to each song of a job, by its id."""
        return self._jobs.records(job_id)

    def _submit(self, kind: str, title: str, options: Mapping[str, Any]) -> Job:
        if not options["ids"]:
            raise BadInput("ids: choose at least one song.")
        return self._jobs.submit(kind, title, subject=subject_of(options), options=options)

    # Runners

    def _run_edit(self, run: Run) -> Mapping[str, Any]:
        options = run.job.options
        changes, breaks_scores = options["changes"], options["breaks_scores"]

        def edit(song: Song) -> Record | None:
            songs = self._library.songs
            planned = songs.list_edit(song, changes, breaks_scores=breaks_scores, dry_run=True)
            if not planned:
                return None
            record = {"changes": [[each.key, each.before, each.after] for each in planned]}
            run.record(str(song.id), {**_names_of(song), **record})  # first: a restart must know what to undo
            songs.list_edit(song, changes, breaks_scores=breaks_scores)
            return record

        return self._change_each(run, options["ids"], edit, "changed")

    def _run_delete(self, run: Run) -> Mapping[str, Any]:
        def delete(song: Song) -> Record:
            return {"restore": self._library.tree.delete(song.path)}

        return self._change_each(run, run.job.options["ids"], delete, "deleted")

    def _change_each(
        self, run: Run, ids: Sequence[int], change: Callable[[Song], Record | None], done: str
    ) -> Mapping[str, Any]:
        """Call `change` with every song, AT_ONCE side by side. Keeps the record that it returns, if any."""

        def change_one(id: int) -> None:
            run.check()
            key = str(id)
            try:
                song = self._library.songs.get(id)
            except NotFound as error:
                if not run.is_recorded(key):
                    run.record(key, {"path": "", "title": "", "artist": "", **_error_fields(error)})
                return
            try:
                record = change(song)
            except Unavailable:
                raise
            except DavproxyError as error:
                run.check()  # another instance may have done it while this one stood still
                run.record(key, {**_names_of(song), **_error_fields(error)})
            else:
                if record is not None:
                    run.record(key, {**_names_of(song), **record})

        try:
            in_threads(run, ids, change_one)
        finally:
            result = _result(self._jobs.records(run.job.id).values(), done)
            run.keep(result)
        return result

    def _run_undo(self, run: Run) -> Mapping[str, Any]:
        """Undo what the job in `subject` did, song by song; each record goes once it is undone."""
        of = run.job.subject
        records = {key: record for key, record in self._jobs.records(of).items() if _can_be_undone(record)}
        kept: list[Record] = []

        def undo_one(key: str) -> None:
            run.check()
            record = records[key]
            try:
                self._undo_one(int(key), record)
            except Unavailable:
                raise
            except DavproxyError as error:
                kept.append({"title": record["title"], "reason": error.message})
            self._jobs.forget_records(of, key)

        in_threads(run, list(records), undo_one)
        self._jobs.forget_records(of)
        words = f"{_songs_text(len(records) - len(kept))} as before."
        if kept:
            words += f" {len(kept):,} stay as they are: {kept[0]['reason']}"
        return {
            "changed": len(records) - len(kept),
            "failed": len(kept),
            "errors": kept[:SHOWN_ERRORS],
            "summary": words,
        }

    def _undo_one(self, id: int, record: Record) -> None:
        if "restore" in record:
            self._library.trash.restore(record["restore"])
            return
        song = self._library.songs.at(record["path"]) or self._library.songs.get(id)
        now = song.metadata
        before = {key: before for key, before, after in record["changes"] if now.get(key) == after}
        if not before:
            raise Conflict("It was changed again since.")
        self._library.songs.list_edit(song, before, breaks_scores=True)


def in_threads(run: Run, items: Sequence[T], work: Callable[[T], None]) -> None:
    """Call `work` with each item, AT_ONCE at once, and report how many are done. The first error ends it."""
    done, total = 0, len(items)
    run.report(f"0 of {total:,}", 0.0)
    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="songs") as threads:
        for start in range(0, total, STEP):
            some = items[start : start + STEP]
            list(threads.map(work, some))  # raises the first error
            done += len(some)
            run.report(f"{done:,} of {total:,}", done / total)


def _result(records: Collection[Record], done: str) -> dict[str, Any]:
    """The result of a job that `done` says in a word."""
    failed = [record for record in records if "error" in record]
    changed = [record for record in records if "error" not in record]
    words = f"{_songs_text(len(changed))} {done}."
    if failed:
        words += f" {len(failed):,} could not be: {failed[0]['error']}"
    return {
        "changed": len(changed),
        "failed": len(failed),
        "errors": [{"title": each["title"], "reason": each["error"]} for each in failed[:SHOWN_ERRORS]],
        "can_undo": any(_can_be_undone(record) for record in changed),
        "summary": words,
    }


def _can_be_undone(record: Record) -> bool:
    return bool(record.get("changes") or record.get("restore"))


def _names_of(song: Song) -> dict[str, Any]:
    return {"path": song.path, "title": song.title, "artist": song.artist}


def _error_fields(error: DavproxyError) -> dict[str, Any]:
    return {"error": error.message, "status": error.status}


def _songs_text(number: int) -> str:
    return f"{number:,} song{'' if number == 1 else 's'}"
