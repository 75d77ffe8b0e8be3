"""The types of settings: each function turns what a person wrote into a value, or raises ValueError.

The message of the ValueError follows the name of the setting in a sentence: “APP_PORT must lie between …”.
"""

import re
from collections.abc import Callable
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

_AROUND = " \t\r\n<>\"'“”‘’«»,;"
"""What stands around an address in a text that it is copied from."""
_AT_THE_END = _AROUND + "./"
_SCHEMES = {"dav": "http", "webdav": "http", "davs": "https", "webdavs": "https"}
"""What file managers call http and https."""
_HOST = re.compile(r"[^\s/?#@\\\[\]%\x00-\x20]+")
YEAR = 365 * 86_400
_SIZES = {"": 1, "kib": 1024, "mib": 1024**2, "gib": 1024**3, "tib": 1024**4, "kb": 1000, "mb": 1000**2, "gb": 1000**3}


def text(raw: str) -> str:
    """`raw` without outer spaces."""
    return raw.strip()


def whole(raw: str) -> int:
    """A whole number."""
    return int(raw.strip())


def seconds(raw: str) -> float:
    """A time in seconds, more than 0 and at most a year; an `s` may follow it."""
    value = float(raw.strip().removesuffix("s"))
    if not 0 < value <= YEAR:
        raise ValueError(f"must be more than 0, and at most a year ({YEAR} seconds)")
    return value


def pause(raw: str) -> float:
    """A time in seconds, or 0 for never."""
    return seconds(raw) if float(raw.strip().removesuffix("s")) else 0.0


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


PATTERN_FIELDS = ("artist", "title", "album", "genre", "year", "charter", "playlist", "source", "id")
PATTERN_FIELD = re.compile(r"\{(" + "|".join(PATTERN_FIELDS) + r")\}")
"""A field in a pattern of song folders."""


def song_folders(raw: str) -> str:
    """A pattern of song folders, such as `{artist}/{title}_{id}`."""
    pattern = "/".join(name.strip() for name in raw.strip().strip("/").split("/"))
    left = PATTERN_FIELD.sub("x", pattern)
    if unknown := re.search(r"\{[^}]*\}?|\}", left):
        raise ValueError(f"must hold only the fields {', '.join(PATTERN_FIELDS)} in braces, not {unknown[0]}")
    if "{title}" not in pattern.rpartition("/")[2]:
        raise ValueError("must have {title} in its last name, so that each song has a folder")
    if re.search(r'[\x00-\x1f<>:"\\|?*]', left) or any(not name.strip(" .") for name in left.split("/")):
        raise ValueError("must hold only what a name of a folder can hold")
    return pattern


def level(raw: str) -> str:
    """A level of the log, in capitals."""
    word = raw.strip().upper()
    if word not in ("TRACE", "DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"):
        raise ValueError("must be one of TRACE, DEBUG, INFO, WARNING, ERROR, CRITICAL")
    return word


def one_of(*words: str) -> Callable[[str], str]:
    """The type of a setting that is one of these words, in lower case."""

    def read(raw: str) -> str:
        word = raw.strip().lower()
        if word not in words:
            raise ValueError(f"must be one of {', '.join(words)}")
        return word

    return read


def address(raw: str) -> str:
    """An http or https address as people write it; nothing for nothing.

    Without a scheme it is https, or http for a host in the own network. Parts that a copied address has in addition are
    removed: quotes and full stops around it, the query and fragment of a page, a slash at the end.
    """
    text = re.split(r"[?#]", raw)[0].strip(_AROUND).rstrip(_AT_THE_END)
    if not text:
        return ""
    if written := re.match(r"([a-zA-Z][a-zA-Z0-9+.-]*):(?:/+|$)(.*)", text, re.DOTALL):
        scheme, rest = written[1].lower(), written[2]
    else:
        rest = text.lstrip("/")
        scheme = "http" if _is_own_network(urlsplit(f"//{rest}").hostname or "") else "https"
    parts = urlsplit(f"{_SCHEMES.get(scheme, scheme)}://{rest}")
    if parts.username or parts.password:
        raise ValueError("must not hold a user name or password; those have settings of their own")
    host = (parts.hostname or "").rstrip(_AT_THE_END)
    try:
        port = f":{parts.port}" if parts.port is not None else ""
    except ValueError:
        host = ""
    if parts.scheme not in ("http", "https") or not _HOST.fullmatch(host):
        raise ValueError("must be an address such as https://cloud.example.org")
    return f"{parts.scheme}://{f'[{host}]' if ':' in host else host}{port}{parts.path}"


def redis_address(raw: str) -> str:
    """The address of a Redis, with or without TLS; nothing for nothing."""
    text = raw.strip()
    parts = urlsplit(text)
    if text and (parts.scheme not in ("redis", "rediss") or not parts.hostname):
        raise ValueError("must be an address such as redis://:password@redis.example.org:6379/0, or rediss:// for TLS")
    return text


def _is_own_network(host: str) -> bool:
    """Whether a host is of this computer or its own network, where servers often have no certificate."""
    try:
        return ip_address(host).is_private
    except ValueError:
        return "." not in host or host.endswith((".local", ".lan", ".localhost", ".home.arpa"))
