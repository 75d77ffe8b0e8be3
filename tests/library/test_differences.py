"""A listing compared with the index: what is new, changed or gone, whatever the order."""

from hypothesis import given
from hypothesis import strategies as st

from davproxy.library.differences import differences
from davproxy.model import Entry

LISTINGS = st.dictionaries(st.sampled_from("abcdef"), st.integers(0, 2)).flatmap(
    lambda sizes: st.permutations([Entry(f"/Songs/{name}", False, size) for name, size in sizes.items()])
)


@given(indexed=LISTINGS, listed=LISTINGS)
def test_every_entry_is_unchanged_changed_or_gone(indexed: list[Entry], listed: list[Entry]) -> None:
    found = differences(indexed, iter(listed))
    assert set(found.changed) == set(listed) - set(indexed)
    assert {entry.path for entry in found.gone} == {e.path for e in indexed} - {e.path for e in listed}
    unchanged = [entry for entry in indexed if entry not in found.gone and entry.path not in paths(found.changed)]
    assert sorted(paths([*unchanged, *found.changed])) == sorted(paths(listed))


def paths(entries: list[Entry]) -> list[str]:
    return [entry.path for entry in entries]
