"""The types of settings: each function turns what a person wrote into a value, or raises ValueError.

The message of the ValueError follows the name of the setting in a sentence: “APP_PORT must lie between …”.
"""

import math
import re
from pathlib import Path
from urllib.parse import urlsplit

_SIZES = {"": 1, "kib": 1024, "mib": 1024**2, "gib": 1024**3, "tib": 1024**4, "kb": 1000, "mb": 1000**2, "gb": 1000**3}


def text(raw: str) -> str:
    """`raw` without outer spaces."""
    return raw.strip()


def whole(raw: str) -> int:
    """A whole number."""
    return int(raw.strip())


def seconds(raw: str) -> float:
    """A time in seconds, more than 0; an `s` may follow it."""
    value = float(raw.strip().removesuffix("s"))
    if not 0 < value < math.inf:
        raise ValueError("must be more than 0")
    return value


def port(raw: str) -> int:
    """A TCP port, or 0."""
    value = int(raw.strip())
    if not 0 <= value <= 65535:
        raise ValueError("must lie between 0 and 65535")
    return value


def size(raw: str) -> int:
    """Bytes, given as `512 MiB`, `8 GiB`, `1.5 GB` or a plain number."""
    found = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([a-z]*)\s*", raw.lower())
    if not found or found[2] not in _SIZES:
        raise ValueError("must be a size such as 512 MiB or 8 GiB")
    return int(float(found[1]) * _SIZES[found[2]])


def flag(raw: str) -> bool:
    """Yes or no, in the usual spellings."""
    word = raw.strip().lower()
    if word not in ("1", "true", "yes", "on", "0", "false", "no", "off"):
        raise ValueError("must be yes or no")
    return word in ("1", "true", "yes", "on")


def path(raw: str) -> Path:
    """A path, with `~` expanded."""
    try:
        return Path(raw.strip()).expanduser()
    except RuntimeError:
        raise ValueError("must not begin with the home of a user who is unknown here") from None


def names(raw: str) -> tuple[str, ...]:
    """A list with commas, in lower case."""
    return tuple(name.strip().lower() for name in raw.split(",") if name.strip())


def folder(raw: str) -> str:
    """One folder name."""
    name = raw.strip().strip("/")
    if not name or "/" in name or name in (".", ".."):
        raise ValueError("must be one folder name")
    return name


def level(raw: str) -> str:
    """A level of the log, in capitals."""
    word = raw.strip().upper()
    if word not in ("TRACE", "DEBUG", "INFO", "WARNING", "ERROR"):
        raise ValueError("must be one of TRACE, DEBUG, INFO, WARNING, ERROR")
    return word


def address(raw: str) -> str:
    """An http or https address without credentials and without a slash at its end, or nothing."""
    url = raw.strip().rstrip("/")
    if url:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError("must be an address such as https://cloud.example.org")
        if parts.username or parts.password:
            raise ValueError("must not hold a user name or password; those have settings of their own")
    return url
