"""Which of several instances on one remote saves the index: the one that holds the lease.

The lease is a small file in /Database whose name says who holds it. Whoever wants it knocks: renames it to the same
name with ASKED behind it. A holder that lives renames it back, under its next number; one that has not done so in time
is dead, and the lease is taken. Each step renames exactly the name that was seen, which one request does on every
server and of which only one can succeed. Nobody's clock is compared with anybody else's, and a holder that nobody asks
does nothing.
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

LOOK_SECONDS = 15.0
"""Between looks at the lease, where nothing else tells of it."""
ANSWER_SECONDS = 30.0
"""How long a knock waits for its answer. With the looks before and after, a dead holder is followed within a minute."""

FREE = "lease-free"
ASKED = "-asked"
_LEASE = re.compile(rf"{FREE}|lease-(?P<holder>.+)-\d+(?:{ASKED})?")
_WORDS = b"The instance named in this file's name saves the index here. Other instances do not.\n"


class Lease:
    """One instance's part in it: `look` when it is `due`, always from one thread. `clock` gives seconds."""

    def __init__(self, remote: Remote, *, clock: Callable[[], float] = time.monotonic) -> None:
        host = re.sub(r"[^A-Za-z0-9]+", "-", socket.gethostname()).strip("-")[:40] or "host"
        self.instance = f"{host}-{uuid.uuid4().hex[:6]}"
        self.holder = ""
        """Who holds it as far as is known: `instance`, another's name, or nobody."""
        self.due = clock()
        """When to look next, by the clock."""
        self._remote, self._clock = remote, clock
        self._name, self._number = "", 0
        """Of the lease while it is ours, and how often we renamed it."""
        self._knock, self._knocked = "", 0.0
        """The name of another's lease that somebody has asked for, and since when we know."""
        self._told = self._followed = ""

    @property
    def held(self) -> bool:
        """Whether it is ours, as of the last look."""
        return bool(self._name)

    def told(self, etag: str) -> None:
        """Know the recursive etag of /Database from another's look at the remote: a holder looks when it changed, since
        somebody may have knocked, and need not while it has not."""
        self._told = etag
        if self.held:
            self.due = self._clock() + (LOOK_SECONDS if etag == self._followed else 0)

    def look(self) -> None:
        """Answer who knocked, if it is ours; else make it or take it where nobody lives who holds it, or knock."""
        told = self._told
        try:
            name = self._first()
            holder = _holder(name)
            if holder == self.instance and not name.endswith(ASKED):
                self._have(name)
            elif holder in ("", self.instance) or self._is_dead(name):
                self._take(name)
            else:
                self._leave(holder)
            self._followed = told
        finally:
            self.due = self._clock() + LOOK_SECONDS

    def confirm(self) -> bool:
        """Whether it is ours, as the remote says just now."""
        name = self._first()
        holder = _holder(name)
        if holder == self.instance:
            self._have(name)
        else:
            self._leave(holder)
        return self.held

    def release(self) -> None:
        """Give it back, so that nobody need wait for an answer."""
        if self._name and not self._rename(self._name, FREE) and not self._rename(self._name + ASKED, FREE):
            logger.debug("The lease was not ours any more")
        self._name = self.holder = ""

    def _first(self) -> str:
        """The lease that counts, or nothing. Where two instances made one at the same time, the first by name stays."""
        found = (name_of(entry.path) for entry in self._remote.children(DATABASE) if not entry.is_folder)
        names = sorted(name for name in found if _LEASE.fullmatch(name))
        for name in names[1:]:
            if _holder(name) == self.instance:
                self._remote.delete(join(DATABASE, name))
        return names[0] if names else ""

    def _take(self, name: str) -> None:
        """Call the lease ours, under our next number; make one where `name` says that there is none."""
        self._number += 1
        ours = f"lease-{self.instance}-{self._number}"
        if not name:
            self._remote.write(join(DATABASE, ours), _WORDS, guard=ABSENT)
        elif not self._rename(name, ours):
            self._name = self.holder = ""
            return
        self._have(ours)

    def _have(self, name: str) -> None:
        if self.holder != self.instance:
            logger.info("This instance ({}) saves the index from now on", self.instance)
        self._name, self.holder = name, self.instance

    def _is_dead(self, name: str) -> bool:
        """Knock, unless somebody did; whether that has been without an answer for too long."""
        if not name.endswith(ASKED):
            self._rename(name, name + ASKED)
            name += ASKED
        if name != self._knock:
            self._knock, self._knocked = name, self._clock()
        return self._clock() - self._knocked >= ANSWER_SECONDS

    def _leave(self, holder: str) -> None:
        """Know that another has it."""
        if holder and holder != self.holder:
            logger.warning("Another instance ({}) uses this library and saves the index; this one does not", holder)
        self._name, self.holder = "", holder

    def _rename(self, name: str, new: str) -> bool:
        """False when it is not called that any more: somebody was quicker."""
        try:
            self._remote.move(join(DATABASE, name), join(DATABASE, new), guard=ABSENT)
        except (NotFound, Conflict):
            return False
        return True


def _holder(name: str) -> str:
    lease = _LEASE.fullmatch(name)
    return (lease and lease["holder"]) or ""
