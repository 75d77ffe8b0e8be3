"""Synchronisation: finds changes made elsewhere on the remote, at a cost that grows with the number of changes."""

from davproxy.sync.notices import Notices
from davproxy.sync.sync import State, Sync

__all__ = ["Notices", "State", "Sync"]
