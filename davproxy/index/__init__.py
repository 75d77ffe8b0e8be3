"""The SQLite cache of entries, songs and jobs, always rebuildable from the remote. sqlite_utils lives here alone."""
