"""The remote compared with the index: changes made elsewhere are found, at a cost that grows with what changed."""

from davproxy.sync.notices import Notices
from davproxy.sync.sync import State, Sync

__all__ = ["Notices", "State", "Sync"]
