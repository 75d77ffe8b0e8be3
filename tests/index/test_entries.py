"""The tree in the index, compared with a plain dictionary."""

from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from davproxy.index import Index
from davproxy.model import Entry
from davproxy.paths import is_at_or_below, parent_of
from tests.examples import at_most

NAMES = st.sampled_from(["a", "b", "a0", "a!", "A", "ä", "%", "_"])
PATHS = st.lists(NAMES, min_size=1, max_size=3).map(lambda names: "/" + "/".join(names))
CHANGES = st.lists(st.tuples(st.sampled_from(["put", "remove", "move"]), PATHS, PATHS), max_size=12)


@settings(max_examples=at_most(60))
@given(changes=CHANGES)
def test_entries_follow_every_change(tmp_path_factory: object, changes: list[tuple[str, str, str]]) -> None:
    index = Index(Path(tmp_path_factory.mktemp("index")) / "index.db")  # type: ignore[attr-defined]
    model: dict[str, int] = {}
    for size, (change, path, target) in enumerate(changes):
        if change == "put":
            index.entries.put([Entry(path, False, size, etag=str(size))])
            model[path] = size
        elif change == "remove":
            index.entries.remove(path)
            model = {key: value for key, value in model.items() if not is_at_or_below(key, path)}
        elif not is_at_or_below(target, path) and not is_at_or_below(path, target):
            index.entries.move(path, target)
            model = {key: value for key, value in model.items() if not is_at_or_below(key, target)}
            model = {
                target + key[len(path) :] if is_at_or_below(key, path) else key: value for key, value in model.items()
            }
    assert {entry.path: entry.size for entry in index.entries.below("/")} == model
    for folder in {parent_of(path) for path in model}:
        assert {entry.path for entry in index.entries.children(folder)} == {
            path for path in model if parent_of(path) == folder
        }
        counts = [path.count("/") for path in model if is_at_or_below(path, folder)]
        assert index.entries.deepest(folder) == max(counts)
    index.close()


def test_stored_bytes_belong_to_an_etag(tmp_path: Path) -> None:
    index = Index(tmp_path / "index.db")
    index.entries.put([Entry("/a", False, 3, etag="1")])
    index.entries.put_contents([("/a", "1", b"old")])
    index.entries.put([Entry("/a", False, 3, modified=5.0, etag="1")])
    assert index.entries.content("/a") == b"old"
    index.entries.put_contents([("/a", "2", b"late")])
    assert index.entries.content("/a") == b"old"
    index.entries.move("/a", "/b")
    assert (index.entries.content("/a"), index.entries.content("/b")) == (None, b"old")
    index.entries.put([Entry("/b", False, 3, etag="2")])
    assert index.entries.content("/b") is None
    index.close()


def test_files_are_found_by_the_ends_of_their_names(tmp_path: Path) -> None:
    index = Index(tmp_path / "index.db")
    paths = ["/Songs/a.ZIP", "/Songs/b/c.zip", "/Songs/b/c.zipper", "/Drop/d.zip", "/Songs/e.rar"]
    index.entries.put([Entry(path, False) for path in paths] + [Entry("/Songs/folder.zip", True)])
    found = {entry.path for entry in index.entries.files_ending("/Songs", [".zip", ".7z"])}
    assert found == {"/Songs/a.ZIP", "/Songs/b/c.zip"}
    assert index.entries.files_ending("/Songs", []) == []
    index.close()
