"""The index saved to the remote, so that a start on an empty disk need not read the whole library again."""

from davproxy.snapshot.snapshot import FILE_NAME, Snapshot

__all__ = ["FILE_NAME", "Snapshot"]
