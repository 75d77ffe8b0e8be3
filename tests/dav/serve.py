"""A server in a process of its own: `python -m tests.dav.serve FOLDER [NAME=VALUE…]` says its port, ends with stdin."""

import sys
from pathlib import Path

from loguru import logger

from tests.serving import Site


def main() -> None:
    """Serve until stdin ends."""
    logger.remove()
    site = Site(Path(sys.argv[1]))
    running = site.start(**dict(setting.split("=", 1) for setting in sys.argv[2:]))
    sys.stdout.write(f"{running.port}\n")
    sys.stdout.flush()
    sys.stdin.read()
    site.close()


if __name__ == "__main__":
    main()
