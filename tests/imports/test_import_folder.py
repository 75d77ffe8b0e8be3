"""Song folders that arrive in /Drop."""

from tests.imports.archives import zipped
from tests.imports.conftest import House, pack, song, target, wait_for
from tests.waiting import wait_until


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


def test_a_song_folder_waits_while_a_file_in_it_is_locked(home: House) -> None:
    """Explorer and the Finder store an empty file, lock it, and then send its bytes."""
    locked = {"/Drop/Slow/video.mp4"}
    home.library.writers.ask(lambda path: any(each.startswith(path) for each in locked))
    one = song("One")
    home.put_folder("/Drop/Slow", one | {"video.mp4": b""})
    home.put_folder("/Drop/Later", song("Later"))
    wait_for(home, "/Drop/Later")
    assert home.imports.job_for("/Drop/Slow") is None
    home.library.tree.write("/Drop/Slow/video.mp4", b"video")
    locked.clear()
    wait_for(home, "/Drop/Slow")
    assert set(home.tree(target(one, "One"))) == {*one, "video.mp4"}


def test_a_song_folder_waits_for_the_content_of_an_empty_file(home: House) -> None:
    one = song("One")
    home.library.tree.make_folder("/Drop/Slow")
    home.library.tree.write("/Drop/Slow/video.mp4", b"")
    home.put_folder("/Drop/Slow", one)
    home.put_folder("/Drop/Later", song("Later"))
    wait_for(home, "/Drop/Later")
    assert home.imports.job_for("/Drop/Slow") is None
    home.library.tree.write("/Drop/Slow/video.mp4", b"video")
    wait_for(home, "/Drop/Slow")
    assert home.tree(target(one, "One"))["video.mp4"] == 5


def test_a_late_file_joins_the_song_of_its_folder(home: House) -> None:
    one = song("One")
    home.put_folder("/Drop/One", one)
    wait_for(home, "/Drop/One")
    assert home.tree("/Drop") == {}
    home.put_folder("/Drop/One", {"video.mp4": b"video", "extra/readme.txt": b"text"})
    wait_until(lambda: home.tree("/Drop") == {})
    assert set(home.tree(target(one, "One"))) == {*one, "video.mp4", "extra/readme.txt"}
    wait_until(lambda: home.library.tree.find("/Drop/One") is None)


def test_what_is_no_late_file_stays_or_is_a_song_of_its_own(home: House) -> None:
    one, two = song("One"), song("Two")
    home.put_folder("/Drop/One", one)
    wait_for(home, "/Drop/One")
    home.put_folder("/Drop/One", {"song.ini": two["song.ini"], "video.mp4": b"of the second song"})
    home.put_folder("/Drop/Elsewhere", {"video.mp4": b"of no song"})
    home.put_folder("/Drop/Later", song("Later"))
    wait_for(home, "/Drop/Later")  # its debounce ends after theirs
    assert set(home.tree("/Drop")) == {"One/song.ini", "One/video.mp4", "Elsewhere/video.mp4"}
    home.put_folder("/Drop/One", two)
    wait_until(lambda: set(home.tree("/Drop")) == {"Elsewhere/video.mp4"})
    assert set(home.tree(target(two, "Two"))) == {*two, "video.mp4"}
    assert set(home.tree(target(one, "One"))) == set(one)


def test_a_late_file_of_a_name_that_the_song_has_stays(home: House) -> None:
    one = song("One")
    home.put_folder("/Drop/One", one | {"video.mp4": b"first"})
    wait_for(home, "/Drop/One")
    home.put_folder("/Drop/One", {"video.mp4": b"second", "crowd.ogg": b"late"})
    wait_until(lambda: "crowd.ogg" in home.tree(target(one, "One")))
    assert home.tree(target(one, "One"))["video.mp4"] == 5
    assert home.tree("/Drop") == {"One/video.mp4": 6}


def test_a_locked_archive_waits_until_it_is_unlocked_or_a_while(home: House) -> None:
    locked = {"/Drop/a.zip"}
    home.library.writers.ask(locked.__contains__)
    content = zipped(pack(("x", song("One"))))
    home.put("/Drop/a.zip", content)
    assert home.imports.job_for("/Drop/a.zip") is None
    wait_for(home, "/Drop/a.zip")
    locked.add("/Drop/b.zip")
    home.put("/Drop/b.zip", content)
    assert home.imports.job_for("/Drop/b.zip") is None
    locked.clear()
    home.library.writers.released("/Drop/b.zip")
    assert home.imports.job_for("/Drop/b.zip") is not None
