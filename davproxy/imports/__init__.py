"""Imports: archives, song folders and audio that arrive become songs. `imports.py` coordinates; one file a step."""
