"""The core of both doors: the tree of files and folders, and the songs in it."""

from davproxy.contents.cache import Cache
from davproxy.library.album_art import AlbumArt
from davproxy.library.library import Library
from davproxy.remote.protocol import BLOCK, Upload, send, send_file

__all__ = ["BLOCK", "AlbumArt", "Cache", "Library", "Upload", "send", "send_file"]
