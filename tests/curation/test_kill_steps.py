"""SIGKILL after every change of the remote while songs move to their folders: each is whole, and a restart goes on."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from davproxy.curation.organiser import ORGANISE
from davproxy.remote.protocol import Remote
from tests.imports.conftest import House, house, song
from tests.imports.remotes import kill_at
from tests.imports.test_kill import FORMER, KNOWN, SECONDS, connected, killed_at_each_change, songs_on

OTHER = song("Other", "Known")
WANTED = {"/Songs/Known - Former": FORMER, "/Songs/Known - Other": OTHER}


@contextmanager
def refreshed(folder: Path, remote: Remote) -> Iterator[House]:
    """A house whose index is up to date."""
    with house(folder, remote) as home:
        home.library.tree.refresh("/Songs")
        list(home.library.notes.read())
        yield home


def organise(folder: Path, environment: dict[str, str], at: int) -> None:
    with connected(environment) as remote:
        remote.delete("/Drop/pack.zip")
        remote.make_folder("/Songs/x/Other")
        for name, content in OTHER.items():
            remote.write(f"/Songs/x/Other/{name}", content)
        with refreshed(folder, kill_at(remote, at)) as home:
            home.curation.steps.start(ORGANISE, {"pattern": "{artist} - {title}"})
            home.jobs.wait_until_idle(SECONDS)


@pytest.mark.slow
@pytest.mark.parametrize("on_nextcloud", [False, True], ids=["local folder", "Nextcloud"])
def test_kill_after_every_change(on_nextcloud: bool, tmp_path: Path) -> None:
    for at, case, reached in killed_at_each_change(tmp_path, organise, on_nextcloud=on_nextcloud):
        with connected(case.environment) as remote:
            found = songs_on(remote)
            if OTHER not in found.values():
                continue  # killed before all was there
            assert len(found) == len(WANTED), at
            assert FORMER in found.values(), at
            with refreshed(case.folder, remote) as home:
                home.jobs.resume()
                assert home.jobs.wait_until_idle(SECONDS)
                jobs = home.jobs.recent()
                if not jobs:  # killed before it was queued
                    assert set(found) == {KNOWN, "/Songs/x/Other"}
                    continue
                assert songs_on(remote) == WANTED, at
                home.jobs.outcome(home.curation.steps.undo(jobs[-1].id).id, SECONDS)
                assert songs_on(remote) == {KNOWN: FORMER, "/Songs/x/Other": OTHER}, at
        assert reached or at > 4
