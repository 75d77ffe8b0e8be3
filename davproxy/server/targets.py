"""Request targets: the path that a request line names (RFC 9112, 3.2)."""

import re
from functools import lru_cache
from urllib.parse import unquote_to_bytes

from davproxy.errors import BadPath

_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")


@lru_cache(maxsize=2048)
def decode_path(raw: str) -> str:
    """The path of a request target such as `/dav/Songs/A%3FB?query`, percent-decoded once. Raises BadPath."""
    path = raw.partition("?")[0].partition("#")[0]
    try:
        if _PERCENT.search(path) or "%2f" in path.lower():
            raise BadPath("This address is malformed: a percent sign is written %25, and a name holds no slash.")
        return unquote_to_bytes(path.encode("latin-1")).decode("utf-8")
    except UnicodeError:
        raise BadPath("This address is malformed: names are UTF-8.") from None
