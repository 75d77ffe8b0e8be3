"""The log: on standard output alone, in colour for people at a terminal, else one JSON object a line; no secrets."""

import json
import logging
import re
import sys
import traceback
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, TextIO
from urllib.parse import quote

from loguru import logger

if TYPE_CHECKING:
    from loguru import Message

HIDDEN = "********"
_encode = json.JSONEncoder(ensure_ascii=False).encode
_LINE = "<green>{time:HH:mm:ss}</green> <level>{level: <7}</level> {message}\n{exception}"
_QUIET = ("httpx", "httpcore", "urllib3", "PIL", "numba", "py7zr")
"""Libraries that tell of each step of their work."""


def configure(level: str, secrets: Iterable[str] = (), stream: TextIO = sys.stdout) -> None:
    """Send what is logged, by libraries too, to `stream`. No text equal to one of `secrets` comes through."""
    hide = _hider(secrets)
    people = stream.isatty()

    def write(message: "Message") -> None:
        stream.write(hide(message) if people else _as_json(message, hide) + "\n")
        stream.flush()

    logger.remove()
    logger.add(
        write, level=level, format=_LINE if people else "{message}", colorize=people, backtrace=False, diagnose=False
    )
    logging.basicConfig(handlers=[_ToLoguru()], level=logging.INFO, force=True)
    logging.captureWarnings(True)
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)


class _ToLoguru(logging.Handler):
    """Hands on what libraries log by way of the standard library."""

    def emit(self, record: logging.LogRecord) -> None:
        try:
            level: str | int = logger.level(record.levelname).name
        except ValueError:
            level = record.levelno
        logger.bind(source=record.name).opt(exception=record.exc_info).log(level, "{}", record.getMessage())


def _as_json(message: "Message", hide: Callable[[str], str]) -> str:
    record = message.record
    line: dict[str, object] = {
        "time": record["time"].isoformat(timespec="milliseconds"),
        "level": record["level"].name,
        "source": record["name"],
        "message": record["message"],
        **record["extra"],
    }
    if record["exception"] is not None:
        line["exception"] = "".join(traceback.format_exception(record["exception"].value))
    shown = {key: value if isinstance(value, int | float | None) else hide(str(value)) for key, value in line.items()}
    return _encode(shown)


def _hider(secrets: Iterable[str]) -> Callable[[str], str]:
    """Replaces each secret, as it is and as it looks in an address or in JSON; the longest first."""
    forms = {
        form for secret in secrets if secret for form in (secret, quote(secret, safe=""), json.dumps(secret)[1:-1])
    }
    if not forms:
        return str
    found = re.compile("|".join(re.escape(form) for form in sorted(forms, key=len, reverse=True)))
    return lambda text: found.sub(HIDDEN, text)
