"""A stateful Nextcloud to test and measure against: a real HTTP server on loopback that can be told to fail.

It behaves as a Nextcloud 32.0.1 was seen to, traps included: etags bubble to the root, file ids stay over moves, a cut
PUT over an existing file leaves the truncated body live.

    with FakeNextcloud() as fake:
        fake.fail("MOVE", status=423, times=2)
        Nextcloud(fake.url, fake.user, fake.password, "CloneHero", folders).connect()
"""

from tests.fakes.nextcloud.faults import Fault, Request
from tests.fakes.nextcloud.server import MEASURED, Costs, FakeNextcloud

__all__ = ["MEASURED", "Costs", "FakeNextcloud", "Fault", "Request"]
