"""Helpers of the contract suite: songs on a remote, and names that are hard to store."""

import pytest

from davproxy.model import Entry
from davproxy.paths import join
from davproxy.remote.protocol import Remote, Upload

NAMES = [
    "What?.txt",
    "AC;DC.txt",
    "#1 hit.txt",
    "100%.txt",
    "50%25 off.txt",
    "a+b & c.txt",
    "it's `quoted`.txt",
    'say "hi".txt',
    "[brackets] {braces} (round).txt",
    "<angle> = ~tilde^.txt",
    "comma, semicolon; colon: at@.txt",
    " leading space.txt",
    "Björk – Jóga.txt",
    "日本語の曲.txt",
    "emoji 🎸.txt",
    "é" * 98 + ".txt",
]


def paths(entries: list[Entry]) -> list[str]:
    return sorted(entry.path for entry in entries)


def song(remote: Remote, path: str = "/Songs/Artist/Title") -> str:
    remote.make_folder(path)
    remote.write(join(path, "song.ini"), b"[song]\nname = Title\n")
    remote.write(join(path, "notes.chart"), b"[Song]\n{\n}\n")
    return path


def send(upload: Upload, content: bytes) -> Entry:
    upload.write(content)
    return upload.commit()


def skip_where_a_move_cuts_names(kind: str, name: str) -> None:
    if kind == "plain_webdav" and set("?;") & set(name):
        pytest.skip("WsgiDAV itself cuts a Destination at a quoted ? or ;")
