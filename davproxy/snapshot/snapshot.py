"""Restore the index from the remote at start, save it there while it changes and at the end.

A lost snapshot costs only time, because the index can be rebuilt, but a wrong one must never do harm. So a snapshot is
checked before use, one that cannot be used is renamed and never deleted, one of a newer version is left alone, and only
the holder of the lease saves.
"""

import contextlib
import hashlib
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
from davproxy.snapshot.index_file import IndexFile
from davproxy.snapshot.lease import Lease

FILE_NAME = "clonehero.db"
"""The name of the saved index, in /Database on the remote."""
CURRENT = join(DATABASE, FILE_NAME)
PREVIOUS = f"{CURRENT}.previous"
LAST_SAVE_SECONDS = 4.0
"""For which the save at the end is repeated while the remote refuses it."""


class Snapshot:
    """The saved index of one library. `restore`, then `start`; `stop` while the index and the remote are still open."""

    def __init__(
        self, remote: Remote, path: Path, library: str, interval: float, *, lease: Lease | None = None
    ) -> None:
        """`path` is the index file. `library` names the remote and its folder, so that the index of another library is
        never used for this one. A changed index is saved every `interval` seconds."""
        self._remote, self._interval = remote, interval
        self._file = IndexFile(path, library)
        self._lease = lease or Lease(remote)
        self._copy = path.with_name(f"{path.name}.snapshot")
        """A snapshot that was just fetched, or is about to be saved."""
        self._etag = ""
        """Of CURRENT, when it was last fetched or saved; empty where there is none."""
        self._examined = False
        """Whether CURRENT was checked, and so may be overwritten."""
        self._newer = False
        self._late = False
        """Whether the index began empty because the snapshot could not be read."""
        self._saved_changes, self._saved_digest = -1, b""
        self._saving = threading.Lock()
        self.saved_at = 0.0
        """When this instance last saved the index, in Unix seconds; 0 if it has not yet."""
        self._stopping = False
        self._wake = threading.Event()
        self._thread = threading.Thread(target=self._run, name="snapshot", daemon=True)

    @property
    def message(self) -> str:
        """Why this instance does not save the index, for people; empty where it does."""
        if self._newer:
            return f"The index is not saved, because the one on the remote is left alone: {NEWER}."
        if self._lease.holder not in ("", self._lease.instance):
            return f"Another instance ({self._lease.holder}) uses this library and saves the index; this one does not."
        return ""

    # At start

    def restore(self, *, answers: bool = True) -> Index:
        """Open the index: the file here, or the snapshot where that is newer, or a new one.

        `answers` is whether the remote does; a new index is then left for `restore_late`. Errors of the remote, or in
        what is stored there, are only logged. Raises Locked while another process uses it.
        """
        self._file.lock()
        self._etag = self._file.saved_etag()
        if not answers:
            self._late = not self._file.path.exists()
        else:
            self._restore()
        self._index = Index(self._file.path)
        self._file.note_saved(self._etag)
        return self._index

    def restore_late(self) -> bool:
        """Restore the snapshot into an index that began empty: the remote did not answer at the start, or the file was
        damaged since. Returns whether there is a snapshot.

        To be called before the index learns anything from the remote. Raises what the remote raises.
        """
        if not (self._late or self._index.is_new):
            return False
        with self._saving:
            if found := self._examine():
                self._index.replace(self._copy)
                self._file.note_saved(self._etag)
                logger.info("The index was restored from the remote")
            self._late = False
            self._index.mark_restored()
        return found

    def _restore(self) -> None:
        try:
            if self._etag and self._etag == self._remote.stat(CURRENT).etag:
                self._examined = True
            elif self._examine():
                self._file.set_aside()
                self._copy.replace(self._file.path)
                if self._etag:
                    self._saved_changes = 0
                logger.info("The index was restored from the remote")
        except NotFound:
            pass
        except DavproxyError as error:
            logger.warning("The saved index could not be fetched: {}", error.message)
            self._late = not self._file.path.exists()

    def _examine(self) -> bool:
        """Fetch the newest good snapshot to `_copy`; returns whether there is one. A bad one is renamed on the remote.

        After this CURRENT may be overwritten, unless a newer version of the program wrote it.
        """
        self._etag, self._newer = "", False
        found = False
        for path in (CURRENT, PREVIOUS):
            try:
                etag = self._fetch(path)
            except NotFound:
                continue
            problem = problem_of(self._copy)
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
        """Fetch a snapshot to `_copy`. Returns its etag."""
        etag = self._remote.stat(path).etag
        with self._remote.stream(path, etag=etag or None) as blocks:
            try:
                with self._copy.open("wb") as file:
                    file.writelines(blocks)
            except OSError as error:
                raise NoSpace(
                    f"The saved index could not be kept in {self._file.path.parent}: {error.strerror}."
                ) from error
        return etag

    # While it runs

    def start(self) -> None:
        """Check the lease and save on the timer, in a thread of its own."""
        self._thread.start()

    def note_root(self, tops: Iterable[Entry]) -> None:
        """Take the listing of the root from a sync: it shows whether the lease must be checked."""
        if self._remote.features.recursive_etags:
            for top in tops:
                if top.path == DATABASE:
                    self._lease.note_etag(top.etag)
            self._wake.set()

    def _run(self) -> None:
        save = time.monotonic() + self._interval
        logged = ""
        while not self._stopping:
            try:
                if time.monotonic() >= self._lease.due:
                    self._lease.check()
                if time.monotonic() >= save:
                    save = time.monotonic() + self._interval
                    self.save()
                logged = ""
            except DavproxyError as error:
                if error.message != logged:
                    logger.warning("The index could not be saved: {}", error.message)
                logged = error.message
            except Exception:  # noqa: BLE001 - the timer goes on after any error
                logger.exception("Saving the index broke")
            self._wake.wait(max(0.0, min(self._lease.due, save) - time.monotonic()))
            self._wake.clear()
        self._end()

    def save(self) -> bool:
        """Save the index if it changed. Returns whether the remote has it now. Raises what the remote raises."""
        with self._saving:
            changes = self._index.changes
            if changes == self._saved_changes:
                return True
            if not self._lease.is_ours or not self._lease.confirm():
                return False
            try:
                saved = self._save()
            except Conflict:  # another program wrote CURRENT: examine it first
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
        self._index.backup(self._copy)
        digest = _digest(self._copy)
        if digest != self._saved_digest:
            self._upload()
            self._saved_digest = digest
        return True

    def _upload(self) -> None:
        """Overwrite CURRENT with `_copy`; the old CURRENT becomes PREVIOUS. At every moment one of them exists."""
        if problem := problem_of(self._copy):
            raise Unavailable(f"The copy of the index is not good: {problem}.")
        if self._etag:
            self._copy_to_previous()
        guard = Guard(etag=self._etag) if self._etag else ABSENT
        upload = self._remote.upload(CURRENT, size=self._copy.stat().st_size, guard=guard)
        try:
            with self._copy.open("rb") as file:
                while block := file.read(BLOCK):
                    upload.write(block)
            self._etag = upload.commit().etag
        except BaseException:
            upload.abort()
            raise
        self._file.note_saved(self._etag)
        self.saved_at = time.time()
        logger.debug("The index was saved")

    def _copy_to_previous(self) -> None:
        """Copy CURRENT to PREVIOUS, which is deleted first: a Nextcloud keeps an overwritten file in its trash bin."""
        with contextlib.suppress(NotFound):
            self._remote.delete(PREVIOUS)
        try:
            self._remote.copy(CURRENT, PREVIOUS, guard=ABSENT)
        except NotFound:
            self._etag = ""

    # At the end

    def stop(self, timeout: float = 60.0) -> None:
        """Save a changed index and release the lease, within `timeout` seconds."""
        self._stopping = True
        self._wake.set()
        if not self._thread.is_alive():  # after a short command it never was
            self._thread.start()
        self._thread.join(timeout)
        if self._thread.is_alive():
            logger.warning("The index could not be saved in time at the end. Nothing is lost by it.")
        self._file.unlock()

    def _end(self) -> None:
        retry = tenacity.Retrying(
            retry=tenacity.retry_if_exception_type((Unavailable, Locked)),
            stop=tenacity.stop_after_delay(LAST_SAVE_SECONDS),
            wait=tenacity.wait_fixed(0.5),
            reraise=True,
        )
        try:
            retry(self._last_save)
            self._lease.release()
        except DavproxyError as error:
            logger.warning("The index could not be saved at the end: {} Nothing is lost by it.", error.message)

    def _last_save(self) -> None:
        if not self._lease.is_ours:
            self._lease.check()
        self.save()


def _digest(file: Path) -> bytes:
    """A digest of an SQLite file's content, without the counters in its header that every write changes
    (https://sqlite.org/fileformat2.html, section 1.3)."""
    digest = hashlib.blake2b(digest_size=16)
    with file.open("rb") as opened:
        header = bytearray(opened.read(100))
        header[24:28] = header[92:96] = bytes(4)
        digest.update(header)
        while block := opened.read(BLOCK):
            digest.update(block)
    return digest.digest()
