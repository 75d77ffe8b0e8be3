"""A server in a process of its own that may open few files: prints its port, serves until its standard input ends."""

import resource
import sys
from typing import Any

from davproxy.server.listener import Listener
from tests.serving import no_log, no_repeats


def answer(_environ: dict[str, Any], start_response: Any) -> list[bytes]:
    """A WSGI application."""
    start_response("200 OK", [("Content-Length", "5")])
    return [b"small"]


def main() -> None:
    """Serve with the limits of descriptors and connections that the arguments give."""
    descriptors, connections = map(int, sys.argv[1:])
    resource.setrlimit(resource.RLIMIT_NOFILE, (descriptors, descriptors))
    listener = Listener(answer, no_repeats(), no_log, "127.0.0.1", 0, threads=4, connections=connections or None)
    listener.start()
    print(listener.address[1], flush=True)
    sys.stdin.read()
    listener.stop(1)


if __name__ == "__main__":
    main()
