"""The first read of a library that is there already: by searches, and how many songs there will be is known soon."""

from pathlib import Path

from davproxy.app import open_core
from davproxy.settings import Settings
from davproxy.sync.comparison import Comparison
from tests.fakes.nextcloud import FakeNextcloud
from tests.sync.conftest import SONGS, connect, open_sync, titles
from tests.webui.songs import chart, ini, tone


def test_a_first_read_says_how_many_songs_there_will_be(tmp_path: Path) -> None:
    for number in range(30):
        folder = tmp_path / "stored/Songs" / f"Song {number}"
        folder.mkdir(parents=True)
        for name, content in (("song.ini", ini(name="x")), ("notes.chart", chart()), ("song.wav", tone(0.1))):
            (folder / name).write_bytes(content)
    given = {"TEMP_DIR": str(tmp_path / "temp"), "LIBRARY_DIR": str(tmp_path / "stored")}
    seen: list[tuple[int, int]] = []
    with open_core(Settings.read(given, Path("/nonexistent"))) as core:

        def note() -> None:
            if core.sync.progress:
                seen.append((core.library.songs.counts().songs, core.sync.progress.songs))

        core.sync.subscribe(note)
        core.sync.run()
        assert core.library.songs.counts().unread == 30
        batches: list[int] = []
        core.library.notes.subscribe(lambda: batches.append(core.library.songs.counts().unread))
        for _ in core.library.notes.read():
            pass
    assert seen[-1] == (30, 30)
    assert {expected for _, expected in seen} == {30}
    assert batches[-1] == 0


def test_a_first_read_lists_the_songs_by_searches(fake: FakeNextcloud, tmp_path: Path) -> None:
    """They cost a Nextcloud half as much as a listing of Depth infinity."""
    with open_sync(fake, tmp_path) as (sync, index), connect(fake) as remote:
        fake.forget()
        sync.run()
        assert fake.count("SEARCH") == 2, "one names the song.ini files, one everything"
        assert fake.count("PROPFIND", "/Songs/.") == 0
        assert titles(index) == SONGS
        assert index.entries.below("/Songs") == sorted(remote.walk("/Songs"), key=lambda entry: entry.path)


def test_an_index_in_which_nobody_looked_for_other_storage_is_compared_whole(
    fake: FakeNextcloud, tmp_path: Path
) -> None:
    """That of an older version: the etags of the folders above say nothing about what is in the other storage."""
    with open_sync(fake, tmp_path) as (sync, index), connect(fake) as remote:
        sync.run()
        with fake.lock:
            mount = fake.tree.find(["CloneHero", "Songs", "Ann"])
            assert mount is not None
            mount.etag_rises, mount.mount_type = False, "group"
        fake.put("CloneHero/Songs/Ann/New/song.ini", b"[song]\n")
        for every in (False, True):
            comparison = Comparison(remote, index, sync._library)
            comparison.run(remote.children("/"), lambda _step, _part: None, every=every)
            assert ("/Songs/Ann/New/song.ini" in [entry.path for entry in comparison.found]) is every
            assert comparison.mounts == ({"/Songs/Ann"} if every else set())
