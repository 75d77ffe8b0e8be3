"""Archives: `unpack.py` is the step of an import, run in a child; the other files read one kind of archive each."""
