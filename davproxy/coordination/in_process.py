"""Coordination within this process, for a single instance (tests use several): nothing to install."""

import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from loguru import logger

from davproxy.coordination.protocol import Receiver, Table

T = TypeVar("T")


@dataclass
class Shared:
    """What the instances share. `clock` returns seconds that never jump; with `ahead` added they are Unix seconds.

    A value of a table is never changed, only replaced.
    """

    clock: Callable[[], float] = time.monotonic
    ahead: float = field(default_factory=lambda: time.time() - time.monotonic())
    lock: threading.RLock = field(default_factory=threading.RLock)
    tables: dict[str, Table] = field(default_factory=dict)
    claims: dict[str, tuple[str, float]] = field(default_factory=dict)
    """Holder and end of each claim."""
    instances: "list[InProcess]" = field(default_factory=list)


class InProcess:
    """One instance; `Coordination` documents each method. It can always be reached."""

    is_shared = False
    problem = ""

    def __init__(self, shared: Shared | None = None) -> None:
        self.instance = uuid.uuid4().hex[:12]
        self._shared = shared or Shared()
        self._receivers: dict[str, list[Receiver]] = {}

    def now(self) -> float:
        """Unix seconds, unaffected by later changes of the system's clock."""
        return self._shared.clock() + self._shared.ahead

    def table(self, name: str) -> Table:
        """A copy of the table."""
        with self._shared.lock:
            return dict(self._shared.tables.get(name, {}))

    def change(self, name: str, change: Callable[[Table], T]) -> T:
        """Call `change` once, with all others waiting."""
        with self._shared.lock:
            table = self.table(name)
            result = change(table)
            self._shared.tables[name] = table
            return result

    def put(self, name: str, key: str, value: Any) -> None:
        """Store or remove one value."""
        with self._shared.lock:
            table = self._shared.tables.setdefault(name, {})
            if value is None:
                table.pop(key, None)
            else:
                table[key] = value

    def claim(self, name: str, seconds: float) -> bool:
        """Claim, or prolong."""
        with self._shared.lock:
            if self.holder(name) not in ("", self.instance):
                return False
            self._shared.claims[name] = (self.instance, self._shared.clock() + seconds)
            return True

    def release(self, name: str) -> None:
        """Give up a claim."""
        with self._shared.lock:
            if self.holder(name) == self.instance:
                del self._shared.claims[name]

    def holder(self, name: str) -> str:
        """Who has claimed it."""
        with self._shared.lock:
            holder, ends = self._shared.claims.get(name, ("", 0.0))
            return holder if ends > self._shared.clock() else ""

    def send(self, topic: str, message: Any) -> None:
        """Call the receivers of the other instances, in this thread."""
        for other in list(self._shared.instances):
            if other is not self:
                other.deliver(topic, message)

    def deliver(self, topic: str, message: Any) -> None:
        """Hand a notice to the receivers; an error of one is logged."""
        for receiver in self._receivers.get(topic, ()):
            try:
                receiver(message)
            except Exception:  # noqa: BLE001 - an error of a receiver is not the sender's
                logger.exception("A notice could not be used")

    def receive(self, topic: str, receiver: Receiver) -> None:
        """Add a receiver."""
        self._receivers.setdefault(topic, []).append(receiver)

    def on_reconnect(self, subscriber: Callable[[], None]) -> None:
        """No notice is ever lost here."""

    def start(self) -> None:
        """Take part from now on."""
        self._shared.instances.append(self)

    def close(self) -> None:
        """Take part no longer."""
        with self._shared.lock:
            if self in self._shared.instances:
                self._shared.instances.remove(self)
            held = [name for name, (holder, _) in self._shared.claims.items() if holder == self.instance]
            for name in held:
                del self._shared.claims[name]
