"""Change notices between instances: they put changes of one into the index of the others, without a request."""

import threading
from base64 import b64decode, b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

from loguru import logger

from davproxy.coordination import Coordination
from davproxy.errors import DavproxyError
from davproxy.library import Library
from davproxy.model import Change, Entry
from davproxy.sync.sync import Sync

TOPIC, DOUBT, STATE = "changes", "doubt", "state of the remote"
CONTENT = 256 * 1024
"""Bytes of the largest file whose content is part of a notice."""
IN_ONE, BYTES_IN_ONE = 500, 4 * 1024 * 1024
"""Most entries of one notice, and most bytes of files in it."""
CROSSING_SECONDS = 30.0
"""A notice that arrives within this time after a local change of the same file may be older than the change, because
the sync that sent it may have listed the file before."""


class Notices:
    """Sends the changes of this instance, and writes those of others into the index.

    A notice has the present state of entries, so it may arrive twice. If it crosses a change of this instance, the
    order on the remote is unknown, and all instances ask the remote. A folder's etag is sent with a digest of the
    folder's contents, because it is valid only together with them."""

    def __init__(self, library: Library, coordination: Coordination, sync: Sync) -> None:
        self._library, self._coordination, self._sync = library, coordination, sync
        self._touched: dict[str, bool] = {}
        """Paths that changed, and whether everything below them did too."""
        self._lock = threading.Lock()
        self._work = threading.Event()
        self._stopped = False
        self._receiver = 0
        """The thread that is writing a notice of another instance into the index."""
        self._thread = threading.Thread(target=self._run, name="notices", daemon=True)
        if coordination.is_shared:
            library.subscribe(self._note)
            coordination.receive(TOPIC, self._receive)
            coordination.receive(DOUBT, self._doubt)
            coordination.receive(STATE, self._take_state)
            coordination.on_reconnect(sync.run_soon)
            sync.subscribe(self._send_state)

    def start(self) -> None:
        """Start the sending thread."""
        self._thread.start()

    def stop(self) -> None:
        """Send what is left, and end the thread."""
        self._stopped = True
        self._work.set()
        if self._thread.is_alive():
            self._thread.join(5)
        else:  # a short command, which never started it
            self._run()

    # Sending

    def _send_state(self) -> None:
        if not self._is_receiving:
            self._coordination.send(STATE, [self._sync.state, self._sync.message, self._sync.finished])

    def _note(self, change: Change) -> None:
        if self._is_receiving:
            return
        with self._lock:
            self._touched.setdefault(change.path, False)
            if change.target:
                self._touched[change.target] = True
        self._work.set()

    def _run(self) -> None:
        while not self._stopped or self._touched:
            self._work.wait()
            self._work.clear()
            with self._lock:
                touched, self._touched = self._touched, {}
            try:
                self._send(touched)
            except Exception:  # noqa: BLE001 - the others find the change with the next sync
                logger.exception("A change could not be sent to the other instances")
                self._coordination.send(DOUBT, list(touched))

    def _send(self, touched: dict[str, bool]) -> None:
        """Send the present state of the entries at these paths."""
        tree = self._library.tree
        gone = [path for path in touched if tree.find(path) is None]
        found = [path for path in touched if tree.find(path) is not None]
        below = [entry.path for folder in found if touched[folder] for entry in tree.below(folder)]
        notice = _Notice(gone)
        # Deepest paths first: a folder's etag is valid once all its contents have arrived.
        for path in sorted({*found, *below}, reverse=True):
            entry, digest = self._library.updates.listed(path)
            if entry is None:  # removed since, which is another notice
                continue
            content = tree.cached(entry) if not entry.is_folder and entry.size <= CONTENT else None
            if notice.is_full:
                self._coordination.send(TOPIC, notice.as_json())
                notice = _Notice([])
            notice.add(entry, content, digest)
        if notice.gone or notice.found:
            self._coordination.send(TOPIC, notice.as_json())

    # Receiving

    @property
    def _is_receiving(self) -> bool:
        """Whether this thread is writing a notice of another instance, which is not sent back."""
        return self._receiver == threading.get_ident()

    @contextmanager
    def _receiving(self) -> Iterator[None]:
        self._receiver = threading.get_ident()
        try:
            yield
        finally:
            self._receiver = 0

    def _receive(self, message: Any) -> None:
        found = [Entry(**entry) for entry in message["found"]]
        contents = {path: b64decode(content) for path, content in message["contents"].items()}
        with self._receiving():
            left_out, doubtful = self._library.updates.absorb_elsewhere(
                found, message["gone"], contents, message.get("digests", {}), CROSSING_SECONDS
            )
        if doubtful:
            self._coordination.send(DOUBT, sorted(doubtful))
        if left_out:
            self._sync.run_soon()

    def _take_state(self, notice: Any) -> None:
        with self._receiving():
            self._sync.adopt_state(*notice)

    def _doubt(self, touched: list[str]) -> None:
        """Mark these paths to be listed again, because another instance does not know what the remote has there."""
        try:
            self._library.updates.doubt_elsewhere(*touched)
        except DavproxyError as error:
            logger.debug("Nothing to doubt: {}", error.message)
        self._sync.run_soon()


class _Notice:
    """A notice that is being assembled."""

    def __init__(self, gone: list[str]) -> None:
        self.gone = gone
        self.found: list[dict[str, Any]] = []
        self._contents: dict[str, str] = {}
        self._digests: dict[str, str] = {}
        self._bytes = 0

    @property
    def is_full(self) -> bool:
        return len(self.found) >= IN_ONE or self._bytes >= BYTES_IN_ONE

    def add(self, entry: Entry, content: bytes | None, digest: str) -> None:
        self.found.append(asdict(entry))
        if digest:
            self._digests[entry.path] = digest
        if content is not None:
            self._contents[entry.path] = b64encode(content).decode()
            self._bytes += len(content)

    def as_json(self) -> dict[str, Any]:
        return {"gone": self.gone, "found": self.found, "contents": self._contents, "digests": self._digests}
