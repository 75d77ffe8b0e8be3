"""Several instances with nothing in common but the remote: each source is imported by one of them."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from davproxy.coordination import InProcess
from davproxy.errors import Conflict
from davproxy.imports import error_notes
from davproxy.imports.claim import Claim, Superseded
from davproxy.jobs import Run
from davproxy.model import Job, JobState
from davproxy.paths import name_of
from davproxy.remote.local.folder import Folder
from davproxy.remote.protocol import Remote
from davproxy.remote.webdav.nextcloud import Nextcloud
from davproxy.settings import Settings
from davproxy.shared_records import SharedRecords
from tests.fakes.nextcloud import FakeNextcloud
from tests.imports.archives import zip_of
from tests.imports.conftest import House, house, pack, song
from tests.imports.remotes import watch
from tests.waiting import wait_until

pytestmark = pytest.mark.slow

FOLDERS = Settings.read({}, Path("/nonexistent")).folders


@pytest.fixture(params=["folder", "nextcloud"])
def remotes(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[list[Remote]]:
    """Two connections to one library."""
    if request.param == "folder":
        made: list[Remote] = [Folder(tmp_path / "remote", FOLDERS) for _ in range(2)]
        for remote in made:
            remote.connect()
        yield made
    else:
        with FakeNextcloud() as fake:
            made = [Nextcloud(fake.url, fake.user, fake.password, "CloneHero", FOLDERS) for _ in range(2)]
            for remote in made:
                remote.connect()
            yield made
            for remote in made:
                remote.close()


def test_one_of_two_instances_imports_each_archive(remotes: list[Remote], tmp_path: Path) -> None:
    with (
        house(tmp_path / "one", remotes[0], stale_seconds=60) as one,
        house(tmp_path / "other", remotes[1], stale_seconds=60) as other,
    ):
        for number in range(4):
            remotes[0].write(f"/Drop/{number}.zip", zip_of(pack(("x", song(f"Song {number // 2}")))))
        for each in (one, other):
            each.library.tree.refresh("/Drop")
        for each in (one, other):
            assert each.jobs.wait_until_idle(60)
        jobs = [job for each in (one, other) for job in each.jobs.recent()]
        assert {job.state for job in jobs} == {JobState.DONE}, jobs
        assert sum(len((job.result or {}).get("songs", [])) for job in jobs) == 2, "each song is new once"
        there = [name_of(entry.path).split("_")[0] for entry in remotes[0].children("/Songs/The Testers")]
        assert sorted(there) == ["Song 0", "Song 1"]
        assert list(remotes[0].walk("/Drop")) == []


def claim(home: House, path: str) -> Claim:
    job = Job("0123456789ab", "import", "Import", subject=path)
    run = Run(job, lambda job: job, SharedRecords(home.index.jobs, InProcess()))
    return Claim(run, home.library, home.library.tree.stat(path))


def test_a_source_that_is_gone_was_imported_elsewhere(home: House) -> None:
    home.put("/Backgrounds/a.png", b"a")
    with claim(home, "/Backgrounds/a.png") as mine:
        home.remote.delete("/Backgrounds/a.png")
        with pytest.raises(Superseded):
            mine.take()


def test_a_source_that_failed_elsewhere_is_not_tried_again(home: House) -> None:
    home.put("/Backgrounds/a.png", b"a")
    with claim(home, "/Backgrounds/a.png") as mine:
        fingerprint = error_notes.fingerprint(home.library, "/Backgrounds/a.png")
        home.remote.write("/Backgrounds/a.png.error.txt", f"Version: {fingerprint}\n".encode())
        with pytest.raises(Superseded):
            mine.take()
    with claim(home, "/Backgrounds/a.png") as mine:  # a person asks for it all the same
        mine.take()


def test_a_source_that_changed_is_looked_at_again(home: House) -> None:
    home.put("/Backgrounds/a.png", b"a")
    with claim(home, "/Backgrounds/a.png") as mine:
        home.remote.write("/Backgrounds/a.png", b"another")
        with pytest.raises(Conflict):
            mine.take()
    assert home.library.tree.read("/Backgrounds/a.png") == b"another"


def as_it_is(home: House) -> None:
    """Have the index know the source again, as a notice of another instance does."""
    home.library.tree.refresh("/Drop/pack.zip")


def test_a_source_that_seems_another_file_for_a_moment_is_imported_then(tmp_path: Path) -> None:
    remote = Folder(tmp_path / "remote", FOLDERS)
    remote.connect()
    asked: list[str] = []

    def around(name: str, call: Callable[[], Any]) -> Any:
        result = call()
        if name == "stat" and result.path == "/Drop/pack.zip":
            asked.append(result.etag)
            if len(asked) == 2:  # the first time that the job asks
                return replace(result, etag="other")
        return result

    with house(tmp_path, watch(remote, around)) as home:
        home.library.subscribe(lambda change: as_it_is(home) if change.path.endswith(error_notes.ERROR) else None)
        remote.write("/Drop/pack.zip", zip_of(pack(("x", song("Twice")))))
        home.library.tree.refresh("/Drop/pack.zip")
        wait_until(lambda: any(path.startswith("The Testers/Twice") for path in home.tree("/Songs")))
        wait_until(lambda: home.tree("/Drop") == {})
        assert [job.state for job in home.jobs.recent()][-1] == JobState.FAILED, "asked too seldom"
