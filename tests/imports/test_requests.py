"""How many requests the import of a pack needs on a Nextcloud, and that the index is right without any more."""

from pathlib import Path

import pytest

from davproxy.model import JobState
from davproxy.remote.local.folder import Folder
from davproxy.remote.webdav.nextcloud import Nextcloud
from davproxy.settings import Settings
from tests.fakes.nextcloud import FakeNextcloud
from tests.imports.archives import zip_of
from tests.imports.conftest import house, pack, song

pytestmark = pytest.mark.slow

FOLDERS = Settings.read({}, Path("/nonexistent")).folders
SONGS = [(f"{number}", song(f"Song {number}", f"Artist {number % 10}")) for number in range(100)]
FILES_AND_FOLDERS = sum(len(files) for _, files in SONGS) + len(SONGS) + 10


@pytest.mark.parametrize("artists_there", [False, True])
def test_a_pack_of_a_hundred_songs(artists_there: bool, tmp_path: Path) -> None:
    with FakeNextcloud() as fake:
        remote = Nextcloud(fake.url, fake.user, fake.password, "CloneHero", FOLDERS)
        remote.connect()
        if artists_there:
            for number in range(10):
                remote.make_folder(f"/Songs/Artist {number}")
        with house(tmp_path, remote) as home:
            home.library.tree.refresh("/Songs")
            home.put("/Drop/pack.zip", zip_of(pack(*SONGS)))
            fake.forget()
            job = home.imports.job_for("/Drop/pack.zip")
            assert job is not None
            assert home.jobs.wait(job.id, 120).state is JobState.DONE
            assert home.jobs.get(job.id).result is not None
            requests = fake.count()
            stored = {entry.path: entry for entry in remote.walk("/Songs")}
            indexed = {entry.path: entry for entry in home.library.tree.below("/Songs")}
            artists = {f"/Songs/Artist {number}" for number in range(10)}
            assert {path: stored[path] for path in stored.keys() - artists} == {
                path: indexed[path] for path in indexed.keys() - artists
            }
            assert home.library.songs.counts().songs == 100
        remote.close()
    assert requests <= FILES_AND_FOLDERS // 3


def test_the_local_folder_keeps_what_the_index_learned_while_staging(tmp_path: Path) -> None:
    remote = Folder(tmp_path / "remote", FOLDERS)
    remote.connect()
    with house(tmp_path, remote) as home:
        assert home.run_import("/Drop/pack.zip", zip_of(pack(*SONGS[:5]))).state is JobState.DONE
        assert {entry.path: entry for entry in remote.walk("/Songs")} == {
            entry.path: entry for entry in home.library.tree.below("/Songs")
        }
