"""How much room the remote has."""

import time

from davproxy.model import Quota
from davproxy.remote.protocol import Remote

QUOTA_SECONDS = 30.0


class Space:
    """The bytes used and free on the remote, requested at most once in QUOTA_SECONDS."""

    def __init__(self, remote: Remote) -> None:
        self._remote = remote
        self._quota: tuple[float, Quota] | None = None

    def quota(self) -> Quota:
        """Bytes used and free, as of at most QUOTA_SECONDS ago."""
        now = time.monotonic()
        if self._quota is None or now - self._quota[0] > QUOTA_SECONDS:
            self._quota = (now, self._remote.quota())
        return self._quota[1]
