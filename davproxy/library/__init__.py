"""The verbs both doors use: the tree of files and folders, their contents, and the songs among them."""

from davproxy.contents.cache import Cache
from davproxy.library.library import Library

__all__ = ["Cache", "Library"]
