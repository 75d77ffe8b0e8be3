"""The read-only folder `/Status`: the state of the library and its jobs, for people who only have a file manager."""

import hashlib
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import NoReturn

from davproxy import paths
from davproxy.errors import Conflict, NotFound
from davproxy.jobs import Jobs
from davproxy.model import Entry, Job, JobState

SUMMARY = paths.join(paths.STATUS, "STATUS.txt")

_WORDS = {
    JobState.WAITING: "waiting",
    JobState.RUNNING: "under way",
    JobState.DONE: "done",
    JobState.FAILED: "FAILED",
    JobState.CANCELLED: "stopped",
}


class Status:
    """Texts made when they are read."""

    def __init__(self, jobs: Jobs, headlines: Callable[[], Sequence[str]]) -> None:
        """`headlines` gives lines about the library as a whole."""
        self._jobs = jobs
        self._headlines = headlines

    def stat(self, path: str) -> Entry:
        """The folder or one of its files. Raises NotFound."""
        if path == paths.STATUS:
            return Entry(path, is_folder=True)
        return next((entry for entry in self.children() if entry.path == path), None) or _missing(path)

    def children(self) -> list[Entry]:
        """The files in it."""
        return [_entry(path, text.encode(), modified) for path, (text, modified) in self._texts().items()]

    def read(self, entry: Entry) -> bytes:
        """The content of the file `entry`. Raises NotFound, and Conflict where there is another text by now."""
        text, modified = self._texts().get(entry.path) or _missing(entry.path)
        content = text.encode()
        if _entry(entry.path, content, modified) != entry:
            raise Conflict("This text changed while it was read. Read it again.")
        return content

    def _texts(self) -> dict[str, tuple[str, float]]:
        jobs = self._jobs.recent()
        newest = max((job.updated for job in jobs), default=0.0)
        texts = {SUMMARY: (summary(self._headlines(), jobs), newest)}
        for job in jobs:
            if job.state is JobState.FAILED:
                name = f"{paths.safe_name(job.title, job.kind)} {job.id[:6]}.txt"
                texts[paths.join(paths.STATUS, name)] = (report(job), job.updated)
        return texts


def summary(headlines: Sequence[str], jobs: Sequence[Job]) -> str:
    """STATUS.txt."""
    lines = [*headlines, ""]
    for title, states in (
        ("Work under way", (JobState.RUNNING, JobState.WAITING)),
        ("Failed", (JobState.FAILED,)),
        ("Done lately", (JobState.DONE, JobState.CANCELLED)),
    ):
        chosen = [job for job in jobs if job.state in states]
        if chosen:
            lines += [title, "-" * len(title), *map(_line, chosen), ""]
    if not jobs:
        lines.append("No work so far. Put an archive into Drop, or a song's audio into Generate.")
    return "\r\n".join(lines).strip() + "\r\n"


def report(job: Job) -> str:
    """The text of one failed job."""
    lines = [job.title, "", job.error or "It failed without saying why.", ""]
    if job.subject:
        lines.append(f"File: {job.subject}")
    lines.append(f"When: {_when(job.updated)}")
    return "\r\n".join(lines) + "\r\n"


def _line(job: Job) -> str:
    line = f"{_when(job.updated)}  {_WORDS[job.state]:9}  {job.title}"
    if job.state is JobState.RUNNING:
        return f"{line} ({job.progress:.0%}{', ' + job.step if job.step else ''})"
    words = job.error or (job.result or {}).get("summary", "")
    return f"{line}: {words}" if words else line


def _when(seconds: float) -> str:
    """A time in minutes with its offset from UTC, which a player far from the server needs to know."""
    return datetime.fromtimestamp(seconds).astimezone().isoformat(" ", "minutes") if seconds else "-" * 22


def _entry(path: str, content: bytes, modified: float) -> Entry:
    return Entry(path, False, len(content), modified, hashlib.sha256(content).hexdigest()[:16])


def _missing(path: str) -> NoReturn:
    raise NotFound(f"There is no “{paths.printable(paths.name_of(path))}” in Status.")
