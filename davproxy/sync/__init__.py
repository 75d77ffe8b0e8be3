"""The remote against the index: what was changed elsewhere is found, at the price of what changed."""

from davproxy.sync.sync import State, Sync

__all__ = ["State", "Sync"]
