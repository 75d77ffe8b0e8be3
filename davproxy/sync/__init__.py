"""Synchronisation: finds changes made elsewhere on the remote, at a cost that grows with the number of changes."""

from davproxy.sync.notices import Notices
from davproxy.sync.report import State
from davproxy.sync.sync import Sync

__all__ = ["Notices", "State", "Sync"]
