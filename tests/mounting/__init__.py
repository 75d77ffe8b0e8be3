"""Mounting: the files and command lines that are written, and real mounts (tests/commands/test_mount.py)."""
