"""A file that is written while the remote is listed: what was learned with the write stays in the index."""

import pytest

from davproxy.index import Index
from davproxy.library import Library
from davproxy.remote.local.folder import Folder

FOLDER, FILE = "/Songs/A", "/Songs/A/song.ini"


@pytest.mark.parametrize("case", ["written before it was listed", "written after it was listed", "written twice"])
def test_it_keeps_its_bytes_and_checksums(library: Library, remote: Folder, index: Index, case: str) -> None:
    library.tree.make_folder(FOLDER)
    listing = library.updates.begin_listing()
    written = library.tree.write(FILE, b"[song]\nname = One\n")
    found, gone = ([], [FILE]) if case == "written after it was listed" else ([written], [])
    if case == "written twice":
        written = library.tree.write(FILE, b"[song]\nname = Two\n")
    assert written.checksums

    left_out = library.updates.absorb(found, gone, {}, listing)
    library.tree.refresh(FOLDER)

    assert left_out == {FILE}
    entry = index.entries.get(FILE)
    assert entry is not None
    assert (entry.etag, entry.checksums) == (remote.stat(FILE).etag, written.checksums)
    assert index.entries.content(FILE) == remote.read(FILE)
