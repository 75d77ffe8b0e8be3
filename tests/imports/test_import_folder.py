"""Song folders that arrive in /Drop."""

from tests.imports.archives import zipped
from tests.imports.conftest import House, pack, song, target, wait_for


def test_song_folders_are_moved_once_they_are_complete(home: House) -> None:
    one, two = song("One"), song("Two")
    home.put_folder("/Drop/Loose", pack(("a", one), ("b", two)) | {"readme.txt": b"kept"})
    wait_for(home, "/Drop/Loose")
    assert set(home.tree(target(one, "One"))) == set(one)
    assert set(home.tree(target(two, "Two"))) == set(two)
    assert home.tree("/Drop") == {"Loose/readme.txt": 4}


def test_a_song_folder_waits_for_a_file_that_is_still_sent(home: House) -> None:
    one = song("One")
    home.library.tree.make_folder("/Drop/Slow")
    video = home.library.tree.upload("/Drop/Slow/video.webm")
    video.write(b"first half, ")
    home.put_folder("/Drop/Slow", one)
    home.put_folder("/Drop/Later", song("Later"))
    wait_for(home, "/Drop/Later")  # its debounce ends after that of the first folder
    assert home.imports.job_for("/Drop/Slow") is None
    video.write(b"second half")
    video.commit()
    wait_for(home, "/Drop/Slow")
    assert set(home.tree(target(one, "One"))) == {*one, "video.webm"}


def test_a_song_folder_that_is_a_duplicate_is_deleted(home: House) -> None:
    one = song("One")
    home.run_import("/Drop/a.zip", zipped(pack(("x", one))))
    home.put_folder("/Drop/Again", one)
    wait_for(home, "/Drop/Again")
    assert home.tree("/Drop") == {}
    assert len(home.tree("/Songs")) == 4
