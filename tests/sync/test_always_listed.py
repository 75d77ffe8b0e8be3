"""Folders whose etags do not rise with their contents, as on external storage: they are listed at every sync."""

from pathlib import Path

from davproxy.sync.always_listed import LASTING_ETAGS, MOUNTS
from tests.fakes.nextcloud import FakeNextcloud
from tests.sync.conftest import FOLDERS, SONGS, open_sync, titles
from tests.waiting import wait_until


def test_a_folder_whose_etag_does_not_rise_is_listed_at_every_sync(fake: FakeNextcloud, tmp_path: Path) -> None:
    with open_sync(fake, tmp_path, interval=0.05) as (sync, index):
        with fake.lock:
            songs = fake.tree.find(["CloneHero", "Songs"])
            assert songs is not None
            songs.etag_rises = False
        sync.start()
        wait_until(lambda: index.facts.get(LASTING_ETAGS) == "/Songs")
        fake.put("CloneHero/Songs/Ann/2/song.ini", b"[song]\nname = Changed\n")
        wait_until(lambda: titles(index) == SONGS | {"/Songs/Ann/2": "Changed"})
        sync.stop()
        with fake.lock:
            assert not [names for names, _ in fake.tree.root.below() if "probe" in names[-1]], "nothing is left behind"
            assert fake.tree.trash == []


def test_a_folder_on_external_storage_is_listed_at_every_sync(fake: FakeNextcloud, tmp_path: Path) -> None:
    with fake.lock:
        songs = fake.tree.find(["CloneHero", "Songs"])
        assert songs is not None
        songs.etag_rises, songs.mount_type = False, "external"
    with open_sync(fake, tmp_path) as (sync, index):
        sync.run()
        fake.put("CloneHero/Songs/Ann/2/song.ini", b"[song]\nname = Changed\n")
        sync.run()
        assert titles(index) == SONGS | {"/Songs/Ann/2": "Changed"}


def test_etags_that_rise_are_tried_once(fake: FakeNextcloud, tmp_path: Path) -> None:
    fake.fail("MOVE", "/Temp/", status=500, times=3)
    with open_sync(fake, tmp_path, interval=0.05) as (sync, index):
        sync.start()
        wait_until(lambda: index.facts.get(LASTING_ETAGS) is not None)
        moves = fake.count("MOVE")
        fake.forget()
        wait_until(lambda: fake.count("PROPFIND") > 5)
        sync.stop()
        assert moves >= len(FOLDERS) - 2
        assert (fake.count("MOVE"), index.facts.get(LASTING_ETAGS)) == (0, "")


def test_a_folder_in_songs_on_another_storage_is_listed_at_every_sync(fake: FakeNextcloud, tmp_path: Path) -> None:
    with fake.lock:
        mount = fake.tree.find(["CloneHero", "Songs", "Ann"])
        assert mount is not None
        mount.etag_rises, mount.mount_type = False, "group"
    with open_sync(fake, tmp_path) as (sync, index):
        sync.run()
        assert index.facts.get(MOUNTS) == "/Songs/Ann"
        fake.put("CloneHero/Songs/Ann/2/song.ini", b"[song]\nname = Changed\n")
        fake.put("CloneHero/Songs/Ann/New/song.ini", b"[song]\nname = New\n")
        sync.run()
        assert titles(index) == SONGS | {"/Songs/Ann/2": "Changed", "/Songs/Ann/New": "New"}
        sync.run()
        fake.forget()
        sync.run()
        assert {request.path.partition("CloneHero")[2] for request in fake.requests} == {"/", "/Songs/Ann/"}


def test_a_mount_that_is_taken_away_is_gone_at_the_next_sync(fake: FakeNextcloud, tmp_path: Path) -> None:
    fake.put("CloneHero/Songs/Team/1/song.ini", b"[song]\nname = Team\n")
    with fake.lock:
        songs, mount = (fake.tree.find(["CloneHero", "Songs", *more]) for more in ([], ["Team"]))
        assert songs is not None
        assert mount is not None
        mount.mount_type = "external"
    with open_sync(fake, tmp_path) as (sync, index):
        sync.run()
        with fake.lock:
            del songs.children["Team"]  # no etag changes
        sync.run()
        assert titles(index) == SONGS
        assert index.entries.get("/Songs/Team") is None
        sync.run()
        assert index.facts.get(MOUNTS) == ""
