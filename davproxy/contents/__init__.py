"""The bytes of remote files: the cache, ranges of large files, and downloads that several readers share."""
