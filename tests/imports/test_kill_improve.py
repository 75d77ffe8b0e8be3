"""SIGKILL after every change of the remote while a song is improved: files are whole, and a restart adds the rest."""

from pathlib import Path

import pytest

from davproxy.remote.protocol import Remote
from tests.imports.archives import zip_of
from tests.imports.conftest import house
from tests.imports.remotes import kill_at
from tests.imports.test_kill import FORMER, KNOWN, SECONDS, connected, killed_at_each_change, songs_on

BETTER = FORMER | {
    "song.ini": FORMER["song.ini"] + b"genre = Rock\r\n",
    "video.webm": b"\x1a\x45\xdf\xa3" + bytes(5000),
    "background.png": b"\x89PNG\r\n\x1a\n" + bytes(3000),
}


def improve(folder: Path, environment: dict[str, str], at: int) -> None:
    with connected(environment) as remote:
        remote.write("/Drop/pack.zip", zip_of(BETTER))
        with house(folder, kill_at(remote, at)) as home:
            home.library.tree.refresh("/Songs")
            list(home.library.notes.read())
            home.library.tree.refresh("/Drop")
            home.jobs.wait_until_idle(SECONDS)


def check_files(remote: Remote, *, complete: bool) -> None:
    """The song has files of the better package alone, each whole, and all of its own."""
    songs = songs_on(remote)
    assert set(songs) == {KNOWN}
    for name, content in songs[KNOWN].items():
        assert content in (BETTER[name], FORMER.get(name)), f"{name} is not whole"
    assert set(songs[KNOWN]) >= set(FORMER)
    assert not complete or songs[KNOWN] == BETTER


@pytest.mark.slow
@pytest.mark.parametrize("on_nextcloud", [False, True], ids=["local folder", "Nextcloud"])
def test_kill_after_every_change(on_nextcloud: bool, tmp_path: Path) -> None:
    for at, case, reached in killed_at_each_change(tmp_path, improve, on_nextcloud=on_nextcloud):
        with connected(case.environment) as remote:
            if "pack.zip" in {entry.path.rpartition("/")[2] for entry in remote.walk("/Drop")}:
                if remote.read("/Drop/pack.zip") != zip_of(BETTER):
                    continue  # killed before the better package was there
                check_files(remote, complete=not reached)
            with house(case.folder, remote) as home:
                home.library.tree.refresh("/Songs")
                list(home.library.notes.read())
                home.library.tree.refresh("/Drop")
                home.imports.recover()
                assert home.jobs.wait_until_idle(SECONDS)
                check_files(remote, complete=True)
                assert home.tree("/Drop") == {}, at
        assert reached or at > 10
