"""The index file on this machine: locked against other processes, and with a note of the snapshot that it equals."""

import json
from pathlib import Path

from filelock import FileLock, Timeout
from loguru import logger

from davproxy.errors import Locked
from davproxy.index import problem_of


class IndexFile:
    """The file at `path`, with its lock and its note beside it. `library` names the library that it must belong to."""

    def __init__(self, path: Path, library: str) -> None:
        self.path = path
        self._library = library
        self._note = path.with_name(f"{path.name}.origin")
        self._lock = FileLock(path.with_name(f"{path.name}.lock"), blocking=False, thread_local=False)

    def lock(self) -> None:
        """Lock the file until `unlock` or the end of this process. Raises Locked while another process has it."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        try:
            self._lock.acquire()
        except Timeout:
            raise Locked(
                f"Another davproxy is at work in {self.path.parent}. Stop it, or give this one its own TEMP_DIR."
            ) from None

    def unlock(self) -> None:
        """Let other processes use the file."""
        self._lock.release()

    def saved_etag(self) -> str:
        """The etag of the snapshot that the file equalled last; empty where there is none, or no usable file.

        A file that cannot be used is set aside.
        """
        if not self.path.exists():
            return ""
        try:
            note = json.loads(self._note.read_text())
            library, etag = str(note["library"]), str(note["etag"])
        except (OSError, ValueError, KeyError, TypeError):
            library, etag = self._library, ""
        problem = problem_of(self.path)
        if problem is None and library != self._library:
            problem = "it belongs to another library"
        if problem is None:
            return etag
        logger.warning("The index in {} is not used: {}.", self.path, problem)
        self.set_aside()
        return ""

    def note_saved(self, etag: str) -> None:
        """Record the etag of the snapshot that the file now equals."""
        self._note.write_text(json.dumps({"library": self._library, "etag": etag}))

    def set_aside(self) -> None:
        """Rename the file with its write-ahead log, which SQLite would otherwise apply to the next file."""
        for ending in ("", "-wal", "-shm"):
            file = self.path.with_name(self.path.name + ending)
            if file.exists():
                file.replace(file.with_name(f"{self.path.name}.old{ending}"))
