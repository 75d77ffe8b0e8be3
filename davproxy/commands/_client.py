"""A client for commands: of the running server, or else of the library opened in this process."""

import itertools
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import quote

from davproxy import log, paths
from davproxy.app import Core, open_core
from davproxy.commands._running import RunningServer, check_status
from davproxy.curation.duplicates import DUPLICATES
from davproxy.curation.fill_in.fill_in import FILL_IN
from davproxy.curation.organiser import ORGANISE
from davproxy.curation.repairs import REPAIR
from davproxy.errors import BadInput, Unavailable
from davproxy.imports.error_notes import OPTIONS
from davproxy.imports.stored_options import StoredOptions
from davproxy.library import send_file
from davproxy.model import ABSENT, Job, JobState, SongQuery
from davproxy.settings import Settings

Problems = list[Mapping[str, Any]]
"""The problems of a song, each in its JSON form."""

PAGE = 500
"""Songs in one request."""
GROUPS = 200
"""Groups of duplicates in one request."""
_ROUTES = {
    ORGANISE: "/api/organiser",
    REPAIR: "/api/repairs",
    DUPLICATES: "/api/duplicates/resolve",
    FILL_IN: "/api/fill-in",
}
_JOB_FIELDS = ("id", "kind", "title", "subject", "step", "progress", "result", "error")


class Client(Protocol):
    """The library, as commands use it: store a file, run a job, list the problems of songs."""

    def put(self, file: Path, folder: str, correction: Mapping[str, Any] | None = None) -> Job:
        """Store a file in /Drop or /Generate, where its chart is made with a `correction`. Returns the job."""

    def sync(self, *, purge: bool) -> Job:
        """Start reading the library from the remote. Returns the job."""

    def job(self, id: str) -> Job:
        """A job as it is now."""

    def cancel(self, id: str) -> None:
        """Stop a job."""

    def problems(self) -> Iterator[tuple[str, Problems]]:
        """The path of every song of the library, with its problems."""

    def plan(self, kind: str, options: Mapping[str, Any]) -> Iterable[Mapping[str, Any]]:
        """The steps that a job of the curation would do, in their JSON form."""

    def curate(self, kind: str, options: Mapping[str, Any]) -> Job:
        """Start a job of the curation. Duplicates with the same notes are merged into the best."""

    def look(self) -> Job:
        """Start to look for what songs lack."""

    def look_into(self, repair: str) -> Job:
        """Start to look into the files of all songs for what a repair would do."""

    def undo(self, id: str) -> Job:
        """Start to undo a job."""


@contextmanager
def open_client(settings: Settings) -> Iterator[Client]:
    """A client of the running server; where none runs, of the library opened in this process.

    The server comes first because two programs that watch the same folders would import everything twice.
    """
    server = RunningServer(settings)
    try:
        status, answer = server.ask("GET", "/api/health")
    except Unavailable:
        status, answer = 0, {}
    if status and "status" in answer:
        yield ServerClient(server)
        return
    verbose = settings.log_level in ("TRACE", "DEBUG")
    log.configure(settings.log_level if verbose else "ERROR", settings.secrets, sys.stderr)
    with open_core(settings) as core:
        core.sync.run()
        core.jobs.start()
        yield LocalClient(core)


class LocalClient:
    """Works in the library that this process has opened."""

    def __init__(self, core: Core) -> None:
        self._core = core

    def put(self, file: Path, folder: str, correction: Mapping[str, Any] | None = None) -> Job:
        path = paths.join(folder, paths.normalise(file.name)[1:])
        if correction:
            self._core.imports.prepare(path, {"correction": correction})
        status = file.stat()
        send_file(
            self._core.library.tree.upload(path, size=status.st_size, modified=status.st_mtime, guard=ABSENT), file
        )
        start = self._core.imports.generate if folder == paths.GENERATE else self._core.imports.import_source
        return start(path)

    def sync(self, *, purge: bool) -> Job:
        return self._core.sync.request(purge=purge)

    def job(self, id: str) -> Job:
        return self._core.jobs.get(id)

    def cancel(self, id: str) -> None:
        self._core.jobs.cancel(id)

    def problems(self) -> Iterator[tuple[str, Problems]]:
        for start in itertools.count(0, PAGE):
            _, songs = self._core.library.songs.find(SongQuery(limit=PAGE, offset=start))
            yield from ((song.path, list(song.problems)) for song in songs)
            if len(songs) < PAGE:
                return

    def plan(self, kind: str, options: Mapping[str, Any]) -> Iterable[Mapping[str, Any]]:
        return [step.as_json() for step in self._core.curation.steps.plan(kind, self._complete_options(kind, options))]

    def curate(self, kind: str, options: Mapping[str, Any]) -> Job:
        return self._core.curation.steps.start(kind, self._complete_options(kind, options))

    def look(self) -> Job:
        for _ in self._core.library.notes.read():
            pass
        return self._core.curation.fill_in.look()

    def look_into(self, repair: str) -> Job:
        return self._core.curation.repairs.look(repair)

    def undo(self, id: str) -> Job:
        return self._core.curation.steps.undo(id)

    def _complete_options(self, kind: str, options: Mapping[str, Any]) -> Mapping[str, Any]:
        for _ in self._core.library.notes.read():
            pass
        if kind != DUPLICATES:
            return options
        groups = [group for group in self._core.curation.duplicates.groups() if group.kind == "notes"]
        return {"choices": [{"group": group.id, "action": "merge"} for group in groups]}


class ServerClient:
    """Asks the running server over HTTP."""

    def __init__(self, server: RunningServer) -> None:
        self._server = server

    def put(self, file: Path, folder: str, correction: Mapping[str, Any] | None = None) -> Job:
        path = paths.join(folder, paths.normalise(file.name)[1:])
        if correction:
            options = StoredOptions(correction=correction).render()
            check_status(*self._server.ask("PUT", f"/dav{quote(path + OPTIONS)}", options))
        with file.open("rb") as opened_file:
            headers = {
                "Content-Length": str(file.stat().st_size),
                "If-None-Match": "*",
                "X-OC-Mtime": str(int(file.stat().st_mtime)),
            }
            status, answer = self._server.ask("PUT", f"/dav{quote(path)}", opened_file, headers)
        if status == 412:
            raise BadInput(f"“{path}” is waiting there already. Wait until it is done, or give the file another name.")
        check_status(status, answer)
        for _ in range(50):  # the job is queued before the answer, or a moment after it
            for job in self._server.get("GET", "/api/jobs")["jobs"]:
                if job["subject"] == path:
                    return _job(job)
            time.sleep(0.1)
        raise BadInput(f"“{path}” was stored, but it is nothing that can be imported.")

    def sync(self, *, purge: bool) -> Job:
        return _job(self._server.get("POST", f"/api/library/sync?wait=false&purge={str(purge).lower()}"))

    def job(self, id: str) -> Job:
        return _job(self._server.get("GET", f"/api/jobs/{id}"))

    def cancel(self, id: str) -> None:
        self._server.get("DELETE", f"/api/jobs/{id}")

    def problems(self) -> Iterator[tuple[str, Problems]]:
        for start in itertools.count(0, PAGE):
            songs = self._server.get("GET", f"/api/songs?limit={PAGE}&offset={start}")["songs"]
            for song in songs:
                listed = self._server.get("GET", f"/api/songs/{song['id']}")["findings"] if song["problems"] else []
                yield song["path"], listed
            if len(songs) < PAGE:
                return

    def plan(self, kind: str, options: Mapping[str, Any]) -> Iterable[Mapping[str, Any]]:
        body = self._complete_options(kind, options)
        return list(self._server.get("POST", _ROUTES[kind], {**body, "dry_run": True})["steps"]) if body else []

    def curate(self, kind: str, options: Mapping[str, Any]) -> Job:
        body = self._complete_options(kind, options)
        if not body:
            raise BadInput("There is nothing to do.")
        return _job(self._server.get("POST", f"{_ROUTES[kind]}?wait=false", body))

    def look(self) -> Job:
        return _job(self._server.get("POST", "/api/fill-in/proposals?wait=false", {}))

    def look_into(self, repair: str) -> Job:
        return _job(self._server.get("POST", "/api/repairs/look?wait=false", {"repair": repair}))

    def undo(self, id: str) -> Job:
        return _job(self._server.get("POST", f"/api/jobs/{quote(id)}/undo?wait=false"))

    def _complete_options(self, kind: str, options: Mapping[str, Any]) -> Mapping[str, Any]:
        if kind != DUPLICATES:
            return options
        choices: list[Mapping[str, Any]] = []
        for start in itertools.count(0, GROUPS):
            page = self._server.get("GET", f"/api/duplicates?kind=notes&limit={GROUPS}&offset={start}")["groups"]
            choices += [{"group": group["id"], "action": "merge"} for group in page]
            if len(page) < GROUPS:
                return {"choices": choices} if choices else {}
        raise AssertionError("pages end")


def _job(shape: Mapping[str, Any]) -> Job:
    return Job(state=JobState(shape["state"]), **{name: shape[name] for name in _JOB_FIELDS})
