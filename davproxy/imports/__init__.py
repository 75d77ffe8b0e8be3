"""What happens to archives, song folders and audio that arrive: unpacked, identified, charted, published."""

from davproxy.imports.imports import Imports

__all__ = ["Imports"]
