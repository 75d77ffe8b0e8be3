"""One reader for each kind of archive; all have `unpack(archive, tree)`, which fills a `Tree` or raises."""
