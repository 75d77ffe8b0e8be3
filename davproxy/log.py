"""The log: on standard output only, in colour at a terminal, else one JSON object a line; without secrets."""

import json
import logging
import re
import sys
import traceback
from collections.abc import Callable, Iterable
from typing import TextIO
from urllib.parse import quote

import loguru
from loguru import logger

HIDDEN = "********"
_encode = json.JSONEncoder(ensure_ascii=False).encode
_LINE = "<green>{time:HH:mm:ss}</green> <level>{level: <7}</level> {message}\n{exception}"
_QUIET = ("httpx", "httpcore", "urllib3", "PIL", "numba", "py7zr")
"""Libraries that log each step of their work."""


def configure(level: str, secrets: Iterable[str] = (), stream: TextIO = sys.stdout) -> None:
    """Send the log, with that of libraries, to `stream`. Each of `secrets` is replaced in every line."""
    hide = _hider(secrets)
    at_terminal = stream.isatty()

    def write(message: "loguru.Message") -> None:
        stream.write(hide(message) if at_terminal else _as_json(message, hide) + "\n")
        stream.flush()

    logger.remove()
    line = _LINE if at_terminal else "{message}"
    logger.add(write, level=level, format=line, colorize=at_terminal, backtrace=False, diagnose=False)
    logging.basicConfig(handlers=[_ToLoguru()], level=logging.INFO, force=True)
    logging.captureWarnings(True)
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)


class _ToLoguru(logging.Handler):
    """Passes records of the standard library's logging to loguru."""

    def emit(self, record: logging.LogRecord) -> None:
        try:
            level: str | int = logger.level(record.levelname).name
        except ValueError:
            level = record.levelno
        logger.bind(source=record.name).opt(exception=record.exc_info).log(level, "{}", record.getMessage())


def _as_json(message: "loguru.Message", hide: Callable[[str], str]) -> str:
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
    """A function that replaces each secret in a text, as it is and as quoted in a URL or in JSON; the longest first."""
    forms = {
        form for secret in secrets if secret for form in (secret, quote(secret, safe=""), json.dumps(secret)[1:-1])
    }
    if not forms:
        return str
    pattern = re.compile("|".join(re.escape(form) for form in sorted(forms, key=len, reverse=True)))
    return lambda text: pattern.sub(HIDDEN, text)
