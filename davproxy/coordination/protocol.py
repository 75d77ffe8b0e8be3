"""The protocol of every coordination: what the instances of one library can rely on."""

from collections.abc import Callable
from typing import Any, Protocol, TypeVar

AWAY = "The Redis that the instances of this library share cannot be reached. Try again in a moment."
"""The message of each Unavailable."""
NEWER = (
    "A newer version of davproxy shares the Redis of this library. Update this instance; or, to go back to this "
    "version everywhere, stop the newer instances and empty the Redis."
)
"""The message of each Unavailable where what is stored may have a form that this version does not know."""
T = TypeVar("T")
Table = dict[str, Any]
"""Values by key, all of them JSON. A value must not be changed in place."""
Receiver = Callable[[Any], None]


class Coordination(Protocol):
    """Tables, claims and notices that all instances of a library see.

    Each method is atomic across the instances, and raises Unavailable while the shared store cannot be reached, except
    where it says that it raises nothing. All that is stored here may be lost at any time.
    """

    @property
    def instance(self) -> str:
        """The name of this instance, different in each run. Raises nothing."""

    @property
    def is_shared(self) -> bool:
        """Whether other instances can take part. Raises nothing."""

    @property
    def problem(self) -> str:
        """Why the shared store cannot be reached, for people; empty where it can. Raises nothing."""

    def now(self) -> float:
        """Unix seconds by a clock that all instances share and that never jumps. Raises nothing."""

    def table(self, name: str) -> Table:
        """A copy of the table called `name`; empty where there is none."""

    def change(self, name: str, change: Callable[[Table], T]) -> T:
        """Change a table atomically: `change` changes a copy, and is called again if another instance stored one first.
        Returns its result, once the changed table is stored."""

    def put(self, name: str, key: str, value: Any) -> None:
        """Store one value of a table; None removes it."""

    def claim(self, name: str, seconds: float) -> bool:
        """Claim `name` for this instance for `seconds` from now, or prolong its claim. False while another has it."""

    def release(self, name: str) -> None:
        """Give up a claim, if it is this instance's."""

    def holder(self, name: str) -> str:
        """The instance that has claimed `name`; empty where none has."""

    def send(self, topic: str, message: Any) -> None:
        """Send a notice to all other instances. It may get lost while they cannot be reached. Raises nothing."""

    def receive(self, topic: str, receiver: Receiver) -> None:
        """Call `receiver` with each notice of others about `topic`, one at a time in a thread of its own.

        To be called before `start`. Raises nothing.
        """

    def on_reconnect(self, subscriber: Callable[[], None]) -> None:
        """Call `subscriber` after each break in which notices may have been lost. Raises nothing."""

    def start(self) -> None:
        """Begin to receive. Raises nothing."""

    def close(self) -> None:
        """End receiving, and give up all claims. Raises nothing."""
