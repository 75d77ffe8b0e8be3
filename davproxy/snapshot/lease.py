"""The lease: of several instances on one remote, the one that holds it saves the index.

The lease is a small file in /Database whose name says who holds it. An instance that wants it requests it: it renames
the file to the same name with REQUESTED appended. A running holder renames it back, under its next number. A holder
that has not done so in time is dead, and its lease is taken. Each step renames exactly the name that was seen, which is
one request on every server, and only one instance can succeed with it. Clocks of instances are never compared, and a
holder whose lease no instance requests does nothing.
"""

import re
import socket
import time
import uuid
from collections.abc import Callable

from loguru import logger

from davproxy.errors import Conflict, NotFound
from davproxy.model import ABSENT
from davproxy.paths import DATABASE, join, name_of
from davproxy.remote.protocol import Remote

CHECK_SECONDS = 15.0
"""Between checks of the lease, where no etag of /Database shows that it is unchanged."""
REQUEST_SECONDS = 30.0
"""After which a request without an answer has timed out. With the checks before and after, a dead holder is replaced
within a minute."""

FREE = "lease-free"
REQUESTED = "-asked"
_LEASE = re.compile(rf"{FREE}|lease-(?P<holder>.+)-\d+(?:{REQUESTED})?")
_CONTENT = b"The instance named in this file's name saves the index here. Other instances do not.\n"


class Lease:
    """One instance's view of the lease. Call `check` when it is `due`, always from the same thread."""

    def __init__(self, remote: Remote, *, clock: Callable[[], float] = time.monotonic) -> None:
        """`clock` returns seconds."""
        host = re.sub(r"[^A-Za-z0-9]+", "-", socket.gethostname()).strip("-")[:40] or "host"
        self.instance = f"{host}-{uuid.uuid4().hex[:6]}"
        self.holder = ""
        """Who holds it as of the last check: `instance`, another instance's name, or empty."""
        self.due = clock()
        """When to check next, by the clock."""
        self._remote, self._clock = remote, clock
        self._name, self._number = "", 0
        """The lease's name while this instance holds it, and how often this instance renamed it."""
        self._request, self._requested = "", 0.0
        """The name of a lease that an instance requested from its holder, and when this instance first saw it."""
        self._etag = self._checked_etag = ""
        """Of /Database, as last seen and as of the last check."""

    @property
    def is_ours(self) -> bool:
        """Whether this instance holds it, as of the last check."""
        return bool(self._name)

    def note_etag(self, etag: str) -> None:
        """Take the recursive etag of /Database from a listing made anyway. While it is unchanged the holder need not
        check; a change may be a request, so the next check is due at once."""
        self._etag = etag
        if self.is_ours:
            self.due = self._clock() + (CHECK_SECONDS if etag == self._checked_etag else 0)

    def check(self) -> None:
        """Answer a request, if the lease is ours. Otherwise make it, take it from a dead holder, or request it."""
        etag = self._etag
        try:
            name = self._current()
            holder = _holder(name)
            if holder == self.instance and not name.endswith(REQUESTED):
                self._set_ours(name)
            elif holder in ("", self.instance) or self._is_dead(name):
                self._take(name)
            else:
                self._set_theirs(holder)
            self._checked_etag = etag
        finally:
            self.due = self._clock() + CHECK_SECONDS

    def confirm(self) -> bool:
        """Whether it is ours on the remote now."""
        name = self._current()
        holder = _holder(name)
        if holder == self.instance:
            self._set_ours(name)
        else:
            self._set_theirs(holder)
        return self.is_ours

    def release(self) -> None:
        """Give it back, so that the next instance need not request it."""
        if self._name and not self._rename(self._name, FREE) and not self._rename(self._name + REQUESTED, FREE):
            logger.debug("The lease was not ours any more")
        self._name = self.holder = ""

    def _current(self) -> str:
        """The name of the lease; empty where there is none. Of two made at the same time, the first by name counts."""
        found = (name_of(entry.path) for entry in self._remote.children(DATABASE) if not entry.is_folder)
        names = sorted(name for name in found if _LEASE.fullmatch(name))
        for name in names[1:]:
            if _holder(name) == self.instance:
                self._remote.delete(join(DATABASE, name))
        return names[0] if names else ""

    def _take(self, name: str) -> None:
        """Rename the lease to our next number; make one where `name` is empty."""
        self._number += 1
        ours = f"lease-{self.instance}-{self._number}"
        if not name:
            self._remote.write(join(DATABASE, ours), _CONTENT, guard=ABSENT)
        elif not self._rename(name, ours):
            self._name = self.holder = ""
            return
        self._set_ours(ours)

    def _set_ours(self, name: str) -> None:
        if self.holder != self.instance:
            logger.info("This instance ({}) saves the index from now on", self.instance)
        self._name, self.holder = name, self.instance

    def _set_theirs(self, holder: str) -> None:
        if holder and holder != self.holder:
            logger.warning("Another instance ({}) uses this library and saves the index; this one does not", holder)
        self._name, self.holder = "", holder

    def _is_dead(self, name: str) -> bool:
        """Request the lease unless it is requested already. True once the request has timed out."""
        if not name.endswith(REQUESTED):
            self._rename(name, name + REQUESTED)
            name += REQUESTED
        if name != self._request:
            self._request, self._requested = name, self._clock()
        return self._clock() - self._requested >= REQUEST_SECONDS

    def _rename(self, name: str, new: str) -> bool:
        """Whether it was still called `name`; False where another instance was quicker."""
        try:
            self._remote.move(join(DATABASE, name), join(DATABASE, new), guard=ABSENT)
        except (NotFound, Conflict):
            return False
        return True


def _holder(name: str) -> str:
    lease = _LEASE.fullmatch(name)
    return (lease and lease["holder"]) or ""
