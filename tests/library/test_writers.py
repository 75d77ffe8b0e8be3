"""Who is writing what, and where the songs of imported folders went."""

import math
from contextlib import nullcontext

from davproxy.library import Library
from davproxy.library.imported_folders import EXPECTED_SECONDS, ImportedFolders
from davproxy.library.upload import LibraryUpload
from davproxy.library.writers import EMPTY_SECONDS, Writers
from davproxy.model import Entry


def test_an_upload_counts_until_it_ends(library: Library) -> None:
    library.tree.make_folder("/Drop/A")
    seen: list[bool] = []
    library.subscribe(lambda change: seen.append(library.writers.any_at(change.path)))
    for end in ("commit", "abort"):
        upload = library.tree.upload("/Drop/A/x")
        upload.write(b"1")
        assert [library.writers.any_at(path) for path in ("/Drop", "/Drop/A/x", "/Drop/B")] == [True, True, False]
        getattr(upload, end)()
        assert not library.writers.any_at("/Drop")
    assert seen == [False]  # whoever hears that a file was written finds it free


def test_an_upload_that_was_left_no_longer_counts(library: Library) -> None:
    library.tree.make_folder("/Drop/A")
    upload = LibraryUpload(
        "/Drop/A/x", library.tree.upload("/Drop/A/x"), 1000, lambda _: nullcontext(), lambda new, _: new
    )
    upload.write(b"1")
    for writers, counts in ((Writers(), True), (Writers(lambda: math.inf), False)):
        writers.add(upload)
        assert writers.any_at("/Drop/A") == counts
    upload.abort()


def test_an_empty_file_counts_for_a_while(library: Library) -> None:
    library.tree.make_folder("/Drop/A")
    library.tree.write("/Drop/A/x", b"")
    assert library.writers.any_at("/Drop/A")
    library.tree.write("/Drop/A/x", b"content")
    assert not library.writers.any_at("/Drop/A")


def test_an_empty_file_that_stays_empty_is_done() -> None:
    now = 0.0
    writers = Writers(lambda: now)
    writers.note_stored(Entry("/Drop/A/x", False))
    now = EMPTY_SECONDS - 1
    assert writers.any_at("/Drop/A")
    now += 2
    assert not writers.any_at("/Drop/A")


def test_what_clients_have_locked_counts() -> None:
    writers, released = Writers(), list[str]()
    writers.ask(lambda path: path == "/Drop/A")
    writers.when_released(released.append)
    assert [writers.any_at(path) for path in ("/Drop/A", "/Drop/B")] == [True, False]
    writers.released("/Drop/A/x")
    assert released == ["/Drop/A/x"]


def test_where_the_song_of_a_folder_is_now() -> None:
    now = 0.0
    imported = ImportedFolders(lambda: now)
    imported.record({"/Drop/A": "/Songs/x/A", "/Drop/Pack/B": "/Songs/x/B"})
    assert imported.song_of("/Drop/A") == "/Songs/x/A"
    assert imported.song_of("/Drop/Pack") is None
    assert imported.below("/Drop/Pack") == {"/Drop/Pack/B": "/Songs/x/B"}
    now = EXPECTED_SECONDS + 1
    assert imported.song_of("/Drop/A") is None
    imported.record({})
    assert imported.below("/") == {}
