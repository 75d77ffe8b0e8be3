"""When a client last sent a request, so that background work waits while a game scans."""

import time


class Activity:
    """The WebDAV door notes each request here; background work reads `last`."""

    def __init__(self) -> None:
        self.last = 0.0
        """Monotonic seconds; 0 before the first request."""

    def note(self) -> None:
        """Record a request, or the end of one that waited."""
        self.last = time.monotonic()
