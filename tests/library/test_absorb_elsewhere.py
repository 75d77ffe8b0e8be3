"""What another instance found on the remote, written into the index of this one."""

from dataclasses import replace

import pytest

from davproxy.index import Index
from davproxy.library import Library
from davproxy.library.unlisted_etags import is_unlisted
from davproxy.model import Entry

FOLDER, FILE = "/Backgrounds/A", "/Backgrounds/A/x.txt"
SECONDS = 30.0


@pytest.fixture
def indexed(library: Library, index: Index) -> Index:
    """An index in which the folder and the file are as they were listed."""
    index.entries.put([Entry(FOLDER, True, etag="f1"), Entry(FILE, False, 1, 1.0, "x1")])
    return index


def etag(index: Index, path: str) -> str:
    entry = index.entries.get(path)
    assert entry
    return entry.etag


def test_a_folder_has_the_etag_from_there_only_where_the_same_is_in_it(library: Library, indexed: Index) -> None:
    updates = library.updates
    folder = Entry(FOLDER, True, etag="f2")
    there = updates.digest(FOLDER)
    indexed.entries.put([Entry(FILE, False, 1, 1.0, "older")])
    updates.absorb_elsewhere([folder], [], {}, {FOLDER: there}, SECONDS)
    assert is_unlisted(etag(indexed, FOLDER)), "no sync would ever list it again"
    updates.absorb_elsewhere([folder, Entry(FILE, False, 1, 1.0, "x1")], [], {}, {FOLDER: there}, SECONDS)
    assert etag(indexed, FOLDER) == "f2"
    assert updates.listed(FOLDER) == (folder, there)
    updates.absorb_elsewhere([replace(folder, etag="f3")], [], {}, {}, SECONDS)
    assert is_unlisted(etag(indexed, FOLDER))
    assert updates.listed(FOLDER)[1] == "", "an etag of ours says nothing to others"


def test_a_doubt_of_another_instance_ends_with_what_is_found(library: Library, indexed: Index) -> None:
    updates = library.updates
    updates.doubt_elsewhere(FILE)
    assert is_unlisted(etag(indexed, FILE))
    assert updates.absorb_elsewhere([Entry(FILE, False, 1, 2.0, "x2")], [], {}, {}, SECONDS) == (set(), set())
    assert etag(indexed, FILE) == "x2"


def test_a_doubt_of_another_instance_outdates_a_listing_under_way(library: Library, indexed: Index) -> None:
    listing = library.updates.begin_listing()
    library.updates.doubt_elsewhere(FILE)
    assert library.updates.absorb([Entry(FILE, False, 1, 1.0, "x2")], [], {}, listing) == {FILE}
    assert is_unlisted(etag(indexed, FILE))


def test_what_crosses_a_change_of_our_own_is_in_doubt_once(library: Library, indexed: Index) -> None:
    updates = library.updates
    ours = Entry(FILE, False, 1, 3.0, "x3")
    with updates.transaction(FILE):
        indexed.entries.put([ours])
    assert updates.absorb_elsewhere([ours], [], {}, {}, SECONDS) == (set(), set()), "it says the same"
    theirs = replace(ours, etag="x4")
    assert updates.absorb_elsewhere([theirs], [], {}, {}, SECONDS) == ({FILE}, {FILE})
    assert updates.absorb_elsewhere([theirs], [], {}, {}, SECONDS) == ({FILE}, set()), "all were told already"
    assert updates.absorb_elsewhere([], [FILE], {}, {}, SECONDS) == ({FILE}, set())
    assert is_unlisted(etag(indexed, FILE))
