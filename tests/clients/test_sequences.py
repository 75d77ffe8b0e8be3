"""Windows Explorer, Word, Finder and TextEdit, as they were recorded, get what they need, and lose nothing."""

from collections.abc import Iterator

import pytest

from davproxy import paths
from tests.clients.replay import NAME, PASSWORD, names, read, replay
from tests.fakes.nextcloud import FakeNextcloud
from tests.serving import Running, Site


@pytest.fixture(params=["folder", "nextcloud"])
def running(request: pytest.FixtureRequest, site: Site) -> Iterator[Running]:
    """A server that asks for a password, on a local folder and on a Nextcloud."""
    account = {"APP_USERNAME": NAME, "APP_PASSWORD": PASSWORD}
    if request.param == "folder":
        yield site.start(**account)
        return
    with FakeNextcloud() as fake:
        yield site.start(**account, **fake.account)
        site.close()


@pytest.mark.parametrize("name", names())
def test_a_recorded_client_works(running: Running, name: str) -> None:
    sequence = read(name)
    for path, content in sequence.before.items():
        if (folder := paths.parent_of(path)) not in paths.STORED:
            running.library.tree.make_folder(folder)
        running.library.tree.write(path, content)
    replay(sequence, running)
    files = {entry.path for top in paths.STORED for entry in running.remote.walk(top) if not entry.is_folder}
    assert {path: running.remote.read(path) for path in files} == sequence.leaves
    assert {path: running.library.tree.read(path) for path in files} == sequence.leaves
