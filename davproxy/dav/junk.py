"""What file managers leave behind (`._*`, `.DS_Store`, `Thumbs.db` …): kept in memory for a while, never stored.

Refusing such files makes the macOS Finder give up with error -36, so they are accepted, answered and forgotten. It does
so too where the next request meets another instance that does not have them, so each instance that runs gets them.
"""

import hashlib
import re
import threading
import time
from base64 import b64decode, b64encode
from collections import OrderedDict
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from davproxy import paths
from davproxy.coordination import Coordination, InProcess
from davproxy.errors import NotFound
from davproxy.model import Entry

FILE_LIMIT = 4 * 1024 * 1024
SHARED_LIMIT = 256 * 1024
"""Largest file that other instances get: the notices of the library wait behind it. A `._` file has some kilobytes."""
TOTAL_LIMIT = 32 * 1024 * 1024
_MOST = 10_000
TOPIC = "junk"
"""The topic of the notices: an entry, with the content of a file; or only the path of one that is gone."""

_SPARES_INDEXING = frozenset((".metadata_never_index", ".ql_disablethumbnails", ".metadata_never_index_unless_rootfs"))
"""Marker files: where they exist, macOS does not index a network drive, or draws no thumbnails of it."""

_HOLDS_A_DOCUMENT = re.compile(r"(?i)~wr[dl]\d+\.tmp")
"""Word renames the document to such a name and the new one from such a name: they are stored like any file."""


@lru_cache(maxsize=4096)
def is_kept_aside(path: str) -> bool:
    """Whether any name of `path` is client junk. A request asks it of its path up to five times."""
    return any(paths.is_junk(name) and not _HOLDS_A_DOCUMENT.fullmatch(name) for name in path.split("/"))


def spares_indexing(path: str) -> bool:
    """Whether `path` is one of macOS's marker files, which exist everywhere here and are empty."""
    return paths.name_of(path) in _SPARES_INDEXING


class Junk:
    """Files and folders in memory; those longest unused are forgotten first."""

    def __init__(self, coordination: Coordination | None = None) -> None:
        self._coordination = coordination or InProcess()
        self._coordination.receive(TOPIC, self._follow)
        self._kept: OrderedDict[str, tuple[Entry, bytes]] = OrderedDict()
        self._total = 0
        self._lock = threading.Lock()

    def stat(self, path: str) -> Entry:
        """The entry at `path`. Raises NotFound."""
        with self._lock:
            return self._find(path)[0]

    def read(self, path: str) -> bytes:
        """The content at `path`. Raises NotFound."""
        with self._lock:
            content = self._find(path)[1]
            self._kept.move_to_end(path)
            return content

    def write(self, path: str, content: bytes, modified: float | None = None) -> Entry:
        """Keep a file of at most FILE_LIMIT bytes."""
        etag = hashlib.sha256(content).hexdigest()[:16]
        return self._tell(Entry(path, False, len(content), modified or time.time(), etag), content)

    def make_folder(self, path: str) -> Entry:
        """Keep a folder."""
        return self._tell(Entry(path, True, modified=time.time(), etag="junk"), b"")

    def children(self, path: str) -> list[Entry]:
        """What is kept directly in `path`."""
        with self._lock:
            return [entry for entry, _ in self._kept.values() if paths.parent_of(entry.path) == path]

    def delete(self, path: str) -> None:
        """Forget `path` and what lies below it."""
        self._forget(path)
        self._coordination.send(TOPIC, {"path": path})

    def _tell(self, entry: Entry, content: bytes) -> Entry:
        """Keep an entry, here and at the other instances."""
        notice: dict[str, Any] = {"path": entry.path}  # by itself it says that what they have is there no more
        if len(content) <= SHARED_LIMIT:
            notice |= {"is_folder": entry.is_folder, "modified": entry.modified, "etag": entry.etag}
            notice["content"] = b64encode(content).decode()
        self._coordination.send(TOPIC, notice)
        return self._keep(entry, content)

    def _follow(self, notice: Mapping[str, Any]) -> None:
        path = notice["path"]
        if "content" in notice:
            content = b64decode(notice["content"])
            entry = Entry(path, notice["is_folder"], len(content), notice["modified"], notice["etag"])
            self._keep(entry, content)
        else:
            self._forget(path)

    def _forget(self, path: str) -> None:
        with self._lock:
            for found in [kept for kept in self._kept if paths.is_at_or_below(kept, path)]:
                self._total -= len(self._kept.pop(found)[1])

    def _find(self, path: str) -> tuple[Entry, bytes]:
        if path not in self._kept:
            raise NotFound(f"There is no “{paths.printable(paths.name_of(path))}” here.")
        return self._kept[path]

    def _keep(self, entry: Entry, content: bytes) -> Entry:
        with self._lock:
            _, before = self._kept.pop(entry.path, (entry, b""))
            self._kept[entry.path] = (entry, content)
            self._total += len(content) - len(before)
            while self._total > TOTAL_LIMIT or len(self._kept) > _MOST:
                self._total -= len(self._kept.popitem(last=False)[1][1])
        return entry
