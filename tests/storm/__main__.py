"""`make storm ARGS="--instances 3 --seconds 900 --seed 7"`."""

import argparse
import sys
import tempfile
from pathlib import Path

from tests.storm import nextclouds
from tests.storm.storm import storm


def main() -> int:
    parser = argparse.ArgumentParser(prog="make storm", description=__doc__)
    parser.add_argument("--instances", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=900)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--real", action="store_true", help="on the Nextcloud of NEXTCLOUD_TEST_URL")
    parser.add_argument("--no-kills", action="store_true", help="let all instances live")
    given = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="storm-"))
    with (
        nextclouds.real() if given.real else nextclouds.fake() as truth,
        storm(
            folder, truth, seed=given.seed, count=given.instances, seconds=given.seconds, kills=not given.no_kills
        ) as done,
    ):
        clients = done.clients
        total = sum(clients.answers.values())
        print(f"seed {given.seed}, {given.instances} instances, {given.seconds:.0f} s: {total} requests, ", end="")
        print(f"{len(clients.archives)} archives; logs in {folder}")
        for (method, status), count in sorted(clients.answers.items()):
            print(f"  {method} {status or 'no answer'}: {count}")
        print(*done.happened, sep="\n")
        print("\n".join(done.problems) or "Nothing is lost, doubled or brought back.")
    return bool(done.problems)


if __name__ == "__main__":
    sys.exit(main())
