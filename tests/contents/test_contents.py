"""Small files that are read by several threads at once."""

import threading
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from davproxy.contents.cache import Cache
from davproxy.contents.contents import Contents
from davproxy.index import Index
from davproxy.remote.local.folder import Folder
from davproxy.remote.protocol import Features
from davproxy.settings import Settings
from tests.waiting import wait_until


class Bulk(Folder):
    """Reads many files once `go` is set."""

    go, asked = threading.Event(), threading.Event()

    @property
    def features(self) -> Features:
        return replace(super().features, bulk_read=True)

    def read_many(self, paths: Iterable[str]) -> Iterator[tuple[str, bytes]]:
        self.asked.set()
        assert self.go.wait(60)
        yield from super().read_many(paths)


def test_a_transaction_does_not_wait_for_a_fetch_that_waits_for_it(tmp_path: Path) -> None:
    remote = Bulk(tmp_path / "remote", Settings.read({}, tmp_path / "none").folders)
    remote.connect()
    inis = [f"/Songs/{name}/song.ini" for name in "ABCD"]
    for path in inis:
        remote.make_folder(path.removesuffix("/song.ini"))
        remote.write(path, path.encode())
    index = Index(tmp_path / "index.db")
    index.entries.put(remote.walk("/Songs"))
    a, b, c, _ = (entry for path in inis if (entry := index.entries.get(path)))
    contents = Contents(remote, index, Cache(tmp_path / "cache", 1 << 24))
    contents.read(a)
    read: list[bytes] = []
    scan = threading.Thread(target=lambda: read.append(contents.read(b)), daemon=True)

    def change() -> None:
        with index.transaction():
            remote.go.set()  # the scan gets its files now, and keeps them after this transaction
            read.append(contents.read(c))

    scan.start()
    assert remote.asked.wait(60)
    changing = threading.Thread(target=change, daemon=True)
    changing.start()
    wait_until(lambda: len(read) == 2)
    scan.join()
    changing.join()
    assert sorted(read) == [b"/Songs/B/song.ini", b"/Songs/C/song.ini"]
    index.close()
