"""The log: on standard output only, in colour at a terminal, else one JSON object a line; without secrets."""

import json
import logging
import re
import sys
import traceback
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple, TextIO
from urllib.parse import quote

import loguru
from loguru import logger

HIDDEN = "********"
_encode = json.JSONEncoder(ensure_ascii=False).encode
_LINE = "<green>{time:HH:mm:ss}</green> <level>{level: <7}</level> {message}"  # loguru adds line end and traceback
ACCESS_LOG = "davproxy.server.access_log"
"""The source of the lines of requests."""
_QUIET = ("httpx", "httpcore", "urllib3", "PIL", "numba", "py7zr")
"""Libraries that log each step of their work."""


class RequestLine(NamedTuple):
    """The line of one request. `time` is when it ended, in Unix seconds."""

    time: float
    method: str
    path: str
    status: str
    milliseconds: float

    @property
    def level(self) -> str:
        """Failures of ours stand out; what every page loads does not."""
        return "WARNING" if self.status[0] == "5" else "DEBUG" if self.path.startswith("/static/") else "INFO"


def _write_one_by_one(lines: Sequence[RequestLine]) -> None:
    for line in lines:
        logger.log(
            line.level,
            "{method} {path} {status} {milliseconds} ms",
            method=line.method,
            path=line.path,
            status=int(line.status),
            milliseconds=line.milliseconds,
        )


_write_requests: Callable[[Sequence[RequestLine]], None] = _write_one_by_one


def write_requests(lines: Sequence[RequestLine]) -> None:
    """Write the lines of requests, all at once where no person watches."""
    _write_requests(lines)


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
    global _write_requests
    _write_requests = _write_one_by_one if at_terminal else _batches(stream, level, hide)
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


def _batches(stream: TextIO, level: str, hide: Callable[[str], str]) -> Callable[[Sequence[RequestLine]], None]:
    """A function that writes lines of `level` and above, one JSON object each, in a tenth of the time of loguru."""
    shown = {name for name in ("DEBUG", "INFO", "WARNING") if logger.level(name).no >= logger.level(level).no}

    def as_json(line: RequestLine) -> str:
        method, path = _encode(hide(line.method))[1:-1], _encode(hide(line.path))[1:-1]
        return (
            f'{{"time": "{_iso(line.time)}", "level": "{line.level}", "source": "{ACCESS_LOG}",'
            f' "message": "{method} {path} {line.status} {line.milliseconds} ms", "method": "{method}",'
            f' "path": "{path}", "status": {line.status}, "milliseconds": {line.milliseconds}}}\n'
        )

    def write(lines: Sequence[RequestLine]) -> None:
        if text := "".join(as_json(line) for line in lines if line.level in shown):
            stream.write(text)
            stream.flush()

    return write


def _iso(seconds: float) -> str:
    """Unix seconds in local time, to the millisecond."""
    whole = int(seconds)
    date, zone = _second(whole)
    return f"{date}.{int((seconds - whole) * 1000):03}{zone}"


@lru_cache(maxsize=4)
def _second(second: int) -> tuple[str, str]:
    """Date with time, and the time zone."""
    text = datetime.fromtimestamp(second).astimezone().isoformat()
    return text[:19], text[19:]


def _hider(secrets: Iterable[str]) -> Callable[[str], str]:
    """A function that replaces each secret in a text, as it is and as quoted in a URL or in JSON; the longest first."""
    forms = {
        form for secret in secrets if secret for form in (secret, quote(secret, safe=""), json.dumps(secret)[1:-1])
    }
    if not forms:
        return str
    pattern = re.compile("|".join(re.escape(form) for form in sorted(forms, key=len, reverse=True)))
    return lambda text: pattern.sub(HIDDEN, text)
