"""The turn to add songs to the library: of several instances on one remote, one at a time has it.

It is a small file in /Database whose name tells which instance has it. An instance takes and returns it by renaming the
file: of several instances that rename the same name, one succeeds, on every server. Clocks of instances are never
compared: a name that stays the same for `stale_seconds` is that of an instance that died.
"""

import re
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from loguru import logger

from davproxy.errors import AlreadyExists, Conflict, DavproxyError, NotFound, Unavailable
from davproxy.model import ABSENT
from davproxy.paths import DATABASE, join, name_of
from davproxy.remote.protocol import Remote

STALE_SECONDS = 30.0
LOOK_SECONDS = 1.0
"""Seconds between checks of the name while another instance has the turn."""
FREE = "imports-free"
_TAKEN = re.compile(r"imports-[0-9a-f]{12}-\d+")
_CONTENT = b"The instance named in this file's name adds songs to the library now. Other instances wait.\n"


class Turn:
    """One instance's view of the turn."""

    def __init__(
        self,
        remote: Remote,
        *,
        stale_seconds: float = STALE_SECONDS,
        look_seconds: float = LOOK_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._remote, self._clock = remote, clock
        self._stale_seconds, self._look_seconds = stale_seconds, look_seconds
        self._instance = uuid.uuid4().hex[:12]
        self._number = 0
        self._name, self._renamed = "", 0.0
        self._mutex = threading.Lock()
        self._never = threading.Event()

    @contextmanager
    def hold(self, check: Callable[[], None]) -> Iterator[None]:
        """Hold the turn for the block. `check` is called while this waits, and raises to stop waiting.

        Within a block that takes long, call `keep` now and then.
        """
        while not self._mutex.acquire(timeout=self._look_seconds):
            check()
        try:
            self._take(check)
            try:
                yield
            finally:
                self._give_back()
        finally:
            self._mutex.release()

    def keep(self) -> None:
        """Show that this instance is alive. Raises Unavailable where another one has taken the turn."""
        if self._clock() - self._renamed < self._stale_seconds / 3:
            return
        ours = self._next_name()
        if not self._rename(self._name, ours):
            raise Unavailable("Another instance adds songs to the library now. It is tried again later.")
        self._set(ours)

    def _take(self, check: Callable[[], None]) -> None:
        seen, since = "", self._clock()
        name = FREE
        while True:
            is_stale = name == seen and self._clock() - since >= self._stale_seconds
            if name == FREE or is_stale:
                ours = self._next_name()
                if self._rename(name, ours):
                    if is_stale:
                        logger.warning("An instance died while it added songs; this one goes on")
                    self._set(ours)
                    return
            name = self._current()
            if name not in (FREE, seen):
                seen, since = name, self._clock()
            elif name == seen:
                check()
                self._never.wait(self._look_seconds)

    def _current(self) -> str:
        """The name as it is on the remote; made where there is none."""
        for _ in range(3):  # a listing may lack a file that is renamed meanwhile
            with suppress(NotFound):
                found = sorted(name_of(entry.path) for entry in self._remote.children(DATABASE))
                if names := [name for name in found if name == FREE or _TAKEN.fullmatch(name)]:
                    return names[0]
        self._remote.make_folder(DATABASE)
        with suppress(Conflict, AlreadyExists, NotFound):  # NotFound: another instance has renamed it since
            self._remote.write(join(DATABASE, FREE), _CONTENT, guard=ABSENT)
        return FREE

    def _give_back(self) -> None:
        """Without success, another instance takes the turn once it is stale."""
        ours = join(DATABASE, self._name)
        try:
            if not self._rename(self._name, FREE):
                with suppress(NotFound):  # or there were two, made at the same time
                    self._remote.delete(ours)
        except DavproxyError as error:
            logger.warning("The turn to add songs is not given back: {}", error.message)

    def _next_name(self) -> str:
        self._number += 1
        return f"imports-{self._instance}-{self._number}"

    def _set(self, name: str) -> None:
        self._name, self._renamed = name, self._clock()

    def _rename(self, name: str, new: str) -> bool:
        """Whether it was still called `name`."""
        try:
            self._remote.move(join(DATABASE, name), join(DATABASE, new), guard=ABSENT)
        except (NotFound, Conflict, AlreadyExists):
            return False
        return True
