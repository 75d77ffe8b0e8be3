"""Which of several instances on one remote saves the index: the one that holds the lease.

The lease is a small file in /Database. Its name says who holds it and how often that was renewed; renewing, taking over
and giving back are renames of exactly the name that was seen, which one request does on every server and of which only
one can succeed. Nobody's clock is compared with anybody else's.
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

RENEW_SECONDS = 60.0
"""Between renewals: one request a minute."""
LOOK_SECONDS = 15.0
"""Between looks at a lease that somebody else holds."""
LAPSE_SECONDS = 90.0
"""A lease seen unchanged for so long is taken over: at the latest one minute after the renewal that did not come."""

FREE = "lease-free"
_HELD = re.compile(r"lease-(?P<holder>.+)-(?P<turn>\d+)")
_WORDS = b"The instance named in this file's name saves the index here. Other instances do not.\n"


class Lease:
    """One instance's part in it. `turn` is called every `pause` seconds from one thread. `clock` gives seconds."""

    def __init__(self, remote: Remote, *, clock: Callable[[], float] = time.monotonic) -> None:
        host = re.sub(r"[^A-Za-z0-9]+", "-", socket.gethostname()).strip("-")[:40] or "host"
        self.instance = f"{host}-{uuid.uuid4().hex[:6]}"
        self.holder = ""
        """Who holds it as far as is known: `instance`, another's name, or nobody."""
        self._remote, self._clock = remote, clock
        self._name = ""
        self._turn = 0
        self._seen: dict[str, float] = {}

    @property
    def held(self) -> bool:
        """Whether it is ours."""
        return bool(self._name)

    @property
    def pause(self) -> float:
        """Seconds until the next turn is due."""
        return RENEW_SECONDS if self.held else LOOK_SECONDS

    def turn(self) -> None:
        """Renew what is ours; else look at it, and take it when it is free or has lapsed."""
        if self._name and self._rename(self._name):
            return
        if self._name:
            logger.warning("Another instance has taken over saving the index")
        self._name = ""
        names = self._names()
        self._seen = {name: self._seen.get(name, self._clock()) for name in names}
        if not names:
            self._make()
            return
        name = names[0]
        if name == FREE or self._clock() - self._seen[name] >= LAPSE_SECONDS:
            if self._rename(name):
                logger.info("This instance ({}) saves the index from now on", self.instance)
            return
        if self.holder != (holder := _holder(name)):
            self.holder = holder
            logger.warning("Another instance ({}) uses this library and saves the index; this one does not", holder)

    def confirm(self) -> bool:
        """Whether it is ours and nobody else's.

        Two instances that start at once on a new library may both make one: the first by name stays.
        """
        names = self._names()
        if self._name and self._name == min(names, default=""):
            return True
        if self._name in names:
            self._remote.delete(join(DATABASE, self._name))
        self._name = self.holder = ""
        return False

    def release(self) -> None:
        """Give it back, so that a waiting instance need not wait for it to lapse."""
        if self._name:
            try:
                self._remote.move(join(DATABASE, self._name), join(DATABASE, FREE), guard=ABSENT)
            except (NotFound, Conflict):
                logger.debug("The lease was not ours any more")
            self._name = self.holder = ""

    def _names(self) -> list[str]:
        found = (name_of(entry.path) for entry in self._remote.children(DATABASE) if not entry.is_folder)
        return sorted(name for name in found if name == FREE or _HELD.fullmatch(name))

    def _next(self) -> str:
        self._turn += 1
        return f"lease-{self.instance}-{self._turn}"

    def _make(self) -> None:
        name = self._next()
        self._remote.write(join(DATABASE, name), _WORDS, guard=ABSENT)
        self._name, self.holder = name, self.instance

    def _rename(self, name: str) -> bool:
        """Make the lease called `name` ours; False when it is not called that any more."""
        ours = self._next()
        try:
            self._remote.move(join(DATABASE, name), join(DATABASE, ours), guard=ABSENT)
        except NotFound:
            return False
        self._name, self.holder = ours, self.instance
        return True


def _holder(name: str) -> str:
    held = _HELD.fullmatch(name)
    return held["holder"] if held else ""
