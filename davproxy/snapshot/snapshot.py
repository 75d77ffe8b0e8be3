"""Restore the index from the remote at start, save it there while it changes and at the end.

Losing a snapshot loses nothing, because the index can be rebuilt; a wrong one must never do harm. So what is fetched is
checked before use, what cannot be used is set aside and never deleted, what a newer version wrote is left alone, and
only the holder of the lease saves.
"""

import contextlib
import fcntl
import hashlib
import json
import threading
import time
from collections.abc import Iterable
from pathlib import Path

import tenacity
from loguru import logger

from davproxy.errors import Conflict, DavproxyError, Locked, NoSpace, NotFound, Unavailable
from davproxy.index import NEWER, Index, problem_of
from davproxy.model import ABSENT, Entry, Guard
from davproxy.paths import DATABASE, join
from davproxy.remote.protocol import BLOCK, Remote
from davproxy.snapshot.lease import Lease

CURRENT = join(DATABASE, "clonehero.db")
PREVIOUS = f"{CURRENT}.previous"
LAST_SAVE_SECONDS = 4.0
"""How long the save at the end is tried again while the remote refuses it."""


class Snapshot:
    """The saved index of one library. `restore`, then `start`; `stop` while the index and the remote are still open."""

    def __init__(
        self, remote: Remote, path: Path, library: str, interval: float, *, lease: Lease | None = None
    ) -> None:
        """`path` is where the index lies here. `library` names the remote and its folder, so that the index of another
        library is not taken for this one's. A changed index is saved every `interval` seconds."""
        self._remote, self._path, self._library, self._interval = remote, path, library, interval
        self._lease = lease or Lease(remote)
        self._origin = path.with_name(f"{path.name}.origin")
        self._scratch = path.with_name(f"{path.name}.snapshot")
        self._etag = ""
        """Of CURRENT as this index came from it or was saved as it; empty where there is none."""
        self._examined = False
        """Whether CURRENT was looked at, and so may be written over."""
        self._newer = False
        self._saved_changes, self._saved_digest = -1, b""
        self._saving = threading.Lock()
        self._stopping = False
        self._wake = threading.Event()
        self._thread = threading.Thread(target=self._keep, name="snapshot", daemon=True)

    @property
    def message(self) -> str:
        """Why this instance does not save the index, for people; empty when all is well."""
        if self._newer:
            return f"The index is not saved, because the one on the remote is left alone: {NEWER}."
        if self._lease.holder not in ("", self._lease.instance):
            return f"Another instance ({self._lease.holder}) uses this library and saves the index; this one does not."
        return ""

    # At start

    def restore(self) -> Index:
        """The index, open: the one that lies here, or the snapshot where that is later, or a new one.

        Never fails because of the remote or of what is stored there. Raises Locked while another process has it.
        """
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._lock_here()
        self._etag = self._known_here()
        try:
            if self._etag and self._etag == self._remote.stat(CURRENT).etag:
                self._examined = True
            elif self._examine():
                self._set_aside_here()
                self._scratch.replace(self._path)
                if self._etag:
                    self._saved_changes = 0
                logger.info("The index was restored from the remote")
        except NotFound:
            pass
        except DavproxyError as error:
            logger.warning("The saved index could not be fetched: {}", error.message)
        self._index = Index(self._path)
        self._note_origin()
        return self._index

    def _lock_here(self) -> None:
        """Keep other processes away from the index here until this one ends or `stop` is done."""
        self._lock = self._path.with_name(f"{self._path.name}.lock").open("w")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._lock.close()
            raise Locked(
                f"Another davproxy is at work in {self._path.parent}. Stop it, or give this one its own TEMP_DIR."
            ) from None

    def _known_here(self) -> str:
        """The etag that the index here was last saved as; empty when it never was, or when there is none to use."""
        if not self._path.exists():
            return ""
        try:
            origin = json.loads(self._origin.read_text())
            library, etag = str(origin["library"]), str(origin["etag"])
        except (OSError, ValueError, KeyError, TypeError):
            library, etag = self._library, ""
        problem = problem_of(self._path)
        if problem is None and library != self._library:
            problem = "it belongs to another library"
        if problem is None:
            return etag
        logger.warning("The index in {} is not used: {}.", self._path, problem)
        self._set_aside_here()
        return ""

    def _set_aside_here(self) -> None:
        """Rename the index here, its write-ahead log with it: beside another file that would be played into it."""
        for ending in ("", "-wal", "-shm"):
            file = self._path.with_name(self._path.name + ending)
            if file.exists():
                file.replace(file.with_name(f"{self._path.name}.old{ending}"))

    def _note_origin(self) -> None:
        self._origin.write_text(json.dumps({"library": self._library, "etag": self._etag}))

    def _examine(self) -> bool:
        """Fetch the newest good snapshot to `_scratch`, if there is one. What is bad is set aside on the remote.

        From then on CURRENT may be written over, unless a newer version of the program wrote it.
        """
        self._etag, self._newer = "", False
        found = False
        for path in (CURRENT, PREVIOUS):
            try:
                etag = self._fetch(path)
            except NotFound:
                continue
            problem = problem_of(self._scratch)
            if problem is None:
                self._etag = etag if path == CURRENT else ""
                found = True
                break
            if problem == NEWER:
                self._newer = True
                logger.warning(self.message)
                break
            aside = f"{path}.bad-{time.strftime('%Y%m%d-%H%M%S', time.gmtime())}"
            logger.warning("The saved index {} is not used: {}. It is kept as {}.", path, problem, aside)
            self._remote.move(path, aside, guard=ABSENT)
        self._examined = True
        return found

    def _fetch(self, path: str) -> str:
        """Bring a snapshot to `_scratch`; returns its etag."""
        etag = self._remote.stat(path).etag
        with self._remote.stream(path, etag=etag or None) as blocks:
            try:
                with self._scratch.open("wb") as file:
                    file.writelines(blocks)
            except OSError as error:
                raise NoSpace(f"The saved index could not be kept in {self._path.parent}: {error.strerror}.") from error
        return etag

    # While it runs

    def start(self) -> None:
        """Hold the lease and save on the timer, in a thread of its own."""
        self._thread.start()

    def told(self, tops: Iterable[Entry]) -> None:
        """Know the top folders as sync has just listed them: that spares the lease a look, or calls for one."""
        if self._remote.features.recursive_etags:
            for top in tops:
                if top.path == DATABASE:
                    self._lease.told(top.etag)
            self._wake.set()

    def _keep(self) -> None:
        save = time.monotonic() + self._interval
        said = ""
        while not self._stopping:
            try:
                if time.monotonic() >= self._lease.due:
                    self._lease.look()
                if time.monotonic() >= save:
                    save = time.monotonic() + self._interval
                    self.save()
                said = ""
            except DavproxyError as error:
                if error.message != said:
                    logger.warning("The index could not be saved: {}", error.message)
                said = error.message
            except Exception:  # noqa: BLE001 - the timer outlives whatever went wrong
                logger.exception("Saving the index broke")
            self._wake.wait(max(0.0, min(self._lease.due, save) - time.monotonic()))
            self._wake.clear()
        self._end()

    def save(self) -> bool:
        """Save the index if it changed since; whether the remote now has it. Raises what the remote raises."""
        with self._saving:
            changes = self._index.changes
            if changes == self._saved_changes:
                return True
            if not self._lease.held or not self._lease.confirm():
                return False
            try:
                saved = self._save()
            except Conflict:  # somebody else wrote it: look at that one first
                self._examined = False
                saved = self._save()
            if saved:
                self._saved_changes = changes
            return saved

    def _save(self) -> bool:
        if not self._examined:
            self._examine()
        if self._newer:
            return False
        self._index.backup(self._scratch)
        digest = _digest(self._scratch)
        if digest != self._saved_digest:
            self._upload()
            self._saved_digest = digest
        return True

    def _upload(self) -> None:
        """Write `_scratch` over CURRENT, which becomes PREVIOUS. At no moment is there neither."""
        if problem := problem_of(self._scratch):
            raise Unavailable(f"The copy of the index is not good: {problem}.")
        if self._etag:
            self._keep_previous()
        guard = Guard(etag=self._etag) if self._etag else ABSENT
        upload = self._remote.upload(CURRENT, size=self._scratch.stat().st_size, guard=guard)
        try:
            with self._scratch.open("rb") as file:
                while block := file.read(BLOCK):
                    upload.write(block)
            self._etag = upload.commit().etag
        except BaseException:
            upload.abort()
            raise
        self._note_origin()
        logger.debug("The index was saved")

    def _keep_previous(self) -> None:
        """Copy CURRENT to PREVIOUS. Deleted first: copying over a file fills the trash bin of a Nextcloud."""
        with contextlib.suppress(NotFound):
            self._remote.delete(PREVIOUS)
        try:
            self._remote.copy(CURRENT, PREVIOUS, guard=ABSENT)
        except NotFound:
            self._etag = ""

    # At the end

    def stop(self, timeout: float = 60.0) -> None:
        """Save what changed, and give the lease back. What is not done within `timeout` seconds is left undone."""
        self._stopping = True
        self._wake.set()
        if not self._thread.is_alive():  # a short run never needed it
            self._thread.start()
        self._thread.join(timeout)
        if self._thread.is_alive():
            logger.warning("The index could not be saved in time at the end. Nothing is lost by it.")
        self._lock.close()

    def _end(self) -> None:
        again = tenacity.Retrying(
            retry=tenacity.retry_if_exception_type((Unavailable, Locked)),
            stop=tenacity.stop_after_delay(LAST_SAVE_SECONDS),
            wait=tenacity.wait_fixed(0.5),
            reraise=True,
        )
        try:
            again(self._last_save)
            self._lease.release()
        except DavproxyError as error:
            logger.warning("The index could not be saved at the end: {} Nothing is lost by it.", error.message)

    def _last_save(self) -> None:
        if not self._lease.held:
            self._lease.look()
        self.save()


def _digest(file: Path) -> bytes:
    """A digest of an SQLite file's content: without the counters in its header that every write moves
    (https://sqlite.org/fileformat2.html, section 1.3)."""
    content = hashlib.blake2b(digest_size=16)
    with file.open("rb") as opened:
        header = bytearray(opened.read(100))
        header[24:28] = header[92:96] = bytes(4)
        content.update(header)
        while block := opened.read(BLOCK):
            content.update(block)
    return content.digest()
