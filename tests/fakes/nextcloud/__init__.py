"""A stateful Nextcloud to test and measure against: a real HTTP server on loopback that fails on request.

It behaves as a Nextcloud 32.0.1 does, defects included: etags change up to the root, file ids survive moves, and a PUT
over an existing file that is cut off leaves a truncated file.

    with FakeNextcloud() as fake:
        fake.fail("MOVE", status=423, times=2)
        Nextcloud(fake.url, fake.user, fake.password, "CloneHero", folders).connect()
"""

from tests.fakes.nextcloud.faults import Fault, Request
from tests.fakes.nextcloud.push import Push
from tests.fakes.nextcloud.server import MEASURED, Costs, FakeNextcloud

__all__ = ["MEASURED", "Costs", "FakeNextcloud", "Fault", "Push", "Request"]
