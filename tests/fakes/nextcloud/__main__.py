"""The fake as a command: `python -m tests.fakes.nextcloud --port 8085 --measured`."""

import argparse
import tempfile
import threading
from contextlib import ExitStack, suppress
from pathlib import Path

from tests.fakes.nextcloud import MEASURED, Costs, FakeNextcloud


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=8085)
    parser.add_argument("--user", default="player")
    parser.add_argument("--password", default="app-password")
    parser.add_argument("--latency", type=float, default=0.0, help="seconds added to each request")
    parser.add_argument("--measured", action="store_true", help="requests take as long as on a real one")
    parser.add_argument("--on-disk", action="store_true", help="keep contents in a temporary folder, not in memory")
    options = parser.parse_args()
    with ExitStack() as stack:
        bodies = Path(stack.enter_context(tempfile.TemporaryDirectory())) if options.on_disk else None
        fake = stack.enter_context(
            FakeNextcloud(
                port=options.port,
                user=options.user,
                password=options.password,
                latency=options.latency,
                costs=MEASURED if options.measured else Costs(),
                bodies=bodies,
            )
        )
        print(f"{fake.url} (user {options.user}, password {options.password})", flush=True)
        with suppress(KeyboardInterrupt):
            threading.Event().wait()


if __name__ == "__main__":
    main()
