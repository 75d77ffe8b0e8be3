"""Where a command's work is done: in the server that runs with these settings, or else here, in the opened library."""

import itertools
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import quote

from davproxy import log, paths
from davproxy.app import Core, opened
from davproxy.commands._running import RunningServer, checked
from davproxy.errors import BadInput, Unavailable
from davproxy.model import ABSENT, Job, JobState, SongQuery
from davproxy.remote.protocol import send_file
from davproxy.settings import Settings

_SHAPE = ("id", "kind", "title", "subject", "step", "progress", "result", "error")


Findings = list[Mapping[str, Any]]
"""What the rules say of a song, each as plain values."""
PAGE = 500


class Workplace(Protocol):
    """Takes files in and does jobs."""

    def put(self, file: Path, folder: str) -> Job:
        """Store a file in /Drop or /Generate; the job that takes it in."""

    def sync(self, *, purge: bool) -> Job:
        """Read the library from the remote."""

    def job(self, id: str) -> Job:
        """A job as it is now."""

    def cancel(self, id: str) -> None:
        """Stop a job."""

    def findings(self) -> Iterator[tuple[str, Findings]]:
        """Every song of the library by path, with what is wrong with it."""


@contextmanager
def workplace(settings: Settings) -> Iterator[Workplace]:
    """The running server where there is one: two programs at work on one folder of inputs would do everything twice."""
    server = RunningServer(settings)
    try:
        status, answer = server.ask("GET", "/api/health")
    except Unavailable:
        status, answer = 0, {}
    if status and "status" in answer:
        yield There(server)
        return
    verbose = settings.log_level in ("TRACE", "DEBUG")
    log.configure(settings.log_level if verbose else "ERROR", settings.secrets, sys.stderr)
    with opened(settings) as core:
        core.sync.run()
        core.jobs.start()
        yield Here(core)


class Here:
    """The library, opened in this process."""

    def __init__(self, core: Core) -> None:
        self._core = core

    def put(self, file: Path, folder: str) -> Job:
        path = paths.join(folder, paths.normalise(file.name)[1:])
        status = file.stat()
        send_file(self._core.library.upload(path, size=status.st_size, modified=status.st_mtime, guard=ABSENT), file)
        kind = self._core.imports.generate if folder == paths.GENERATE else self._core.imports.import_archive
        return kind(path)

    def sync(self, *, purge: bool) -> Job:
        return self._core.sync.request(purge=purge)

    def job(self, id: str) -> Job:
        return self._core.jobs.get(id)

    def cancel(self, id: str) -> None:
        self._core.jobs.cancel(id)

    def findings(self) -> Iterator[tuple[str, Findings]]:
        for start in itertools.count(0, PAGE):
            _, songs = self._core.library.find_songs(SongQuery(limit=PAGE, offset=start))
            yield from ((song.path, list(song.problems)) for song in songs)
            if len(songs) < PAGE:
                return


class There:
    """The running server, asked over HTTP."""

    def __init__(self, server: RunningServer) -> None:
        self._server = server

    def put(self, file: Path, folder: str) -> Job:
        path = paths.join(folder, paths.normalise(file.name)[1:])
        with file.open("rb") as opened_file:
            headers = {
                "Content-Length": str(file.stat().st_size),
                "If-None-Match": "*",
                "X-OC-Mtime": str(int(file.stat().st_mtime)),
            }
            status, answer = self._server.ask("PUT", f"/dav{quote(path)}", opened_file, headers)
        if status == 412:
            raise BadInput(f"“{path}” is waiting there already. Wait until it is done, or give the file another name.")
        checked(status, answer)
        for _ in range(50):  # the job is there before the answer, or a moment after it
            for job in self._server.get("GET", "/api/jobs")["jobs"]:
                if job["subject"] == path:
                    return _job(job)
            time.sleep(0.1)
        raise BadInput(f"“{path}” was stored, but it is nothing that can be taken in.")

    def sync(self, *, purge: bool) -> Job:
        return _job(self._server.get("POST", "/api/library/sync", {"purge": purge}))

    def job(self, id: str) -> Job:
        return _job(self._server.get("GET", f"/api/jobs/{id}"))

    def cancel(self, id: str) -> None:
        self._server.get("DELETE", f"/api/jobs/{id}")

    def findings(self) -> Iterator[tuple[str, Findings]]:
        for start in itertools.count(0, PAGE):
            songs = self._server.get("GET", f"/api/songs?limit={PAGE}&offset={start}")["songs"]
            for song in songs:
                flawed = song["problems"] > 0
                yield (
                    song["path"],
                    self._server.get("GET", f"/api/songs/{song['id']}")["findings"] if flawed else [],
                )
            if len(songs) < PAGE:
                return


def _job(shape: Mapping[str, Any]) -> Job:
    return Job(state=JobState(shape["state"]), **{name: shape[name] for name in _SHAPE})
