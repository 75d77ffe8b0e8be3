"""A listing of the remote compared with the index of the same folder or subtree."""

from collections.abc import Iterable
from dataclasses import dataclass

from davproxy.model import Entry


@dataclass(frozen=True, slots=True)
class Differences:
    """`changed` are listed entries that are new or differ from the indexed ones; `gone` are indexed ones not listed."""

    changed: list[Entry]
    gone: list[Entry]


def differences(indexed: Iterable[Entry], listed: Iterable[Entry]) -> Differences:
    """Compare what is indexed with what is listed, each in any order. Entries are equal when all their fields are."""
    known, listed = {entry.path: entry for entry in indexed}, list(listed)
    present = {entry.path for entry in listed}
    return Differences(
        changed=[entry for entry in listed if known.get(entry.path) != entry],
        gone=[entry for path, entry in known.items() if path not in present],
    )
