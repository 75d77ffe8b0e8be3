"""The log: one line an event, libraries included, and never a secret."""

import io
import json
import logging
from collections.abc import Iterator

import pytest
from loguru import logger

from davproxy.log import HIDDEN, configure


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def _restore() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    logger.remove()
    logging.captureWarnings(False)
    root.handlers[:], root.level = handlers, level


def test_without_a_terminal_each_event_is_one_json_line() -> None:
    out = io.StringIO()
    configure("INFO", stream=out)
    logger.debug("too small")
    logger.bind(status=200).info("GET {} took {} ms", "/Songs/ü\n", 3)
    try:
        raise ValueError("it broke\nin two lines")
    except ValueError:
        logger.exception("Oops")
    first, second = (json.loads(line) for line in out.getvalue().splitlines())
    assert (first["level"], first["message"], first["status"]) == ("INFO", "GET /Songs/ü\n took 3 ms", 200)
    assert first["time"][10] == "T"
    assert "ValueError: it broke" in second["exception"]


def test_at_a_terminal_it_is_coloured_text() -> None:
    out = Terminal()
    configure("INFO", stream=out)
    logger.warning("Hear {}", "{me}")
    assert "\x1b[" in out.getvalue()
    assert "Hear {me}" in out.getvalue()


def test_libraries_are_logged_and_verbose_ones_from_warnings_on() -> None:
    out = io.StringIO()
    configure("INFO", stream=out)
    logging.getLogger("some.library").warning("100%% of %s {braces}", "it")
    logging.getLogger("httpx").info("HTTP Request: GET /")
    (line,) = (json.loads(line) for line in out.getvalue().splitlines())
    assert (line["source"], line["message"]) == ("some.library", "100% of it {braces}")


@pytest.mark.parametrize("secret", ["hunter2", 'with "quotes" and \\', "spaces & /slashes?", "ünïcode", "a.b*c"])
@pytest.mark.parametrize("terminal", [True, False])
def test_secrets_are_replaced(secret: str, terminal: bool) -> None:
    out = Terminal() if terminal else io.StringIO()
    configure("TRACE", ["", secret, f"{secret}-longer"], stream=out)
    logger.info("Signing in with {}", secret)
    logger.bind(password=secret).info("and with {}-longer", secret)
    logging.getLogger("library").error("url https://me:%s@host/", secret)
    try:
        raise ValueError(f"refused: {secret}")
    except ValueError:
        logger.exception("Oops")
    text = out.getvalue()
    assert secret not in text
    assert "longer" not in text
    assert HIDDEN in text
    if not terminal:
        for line in text.splitlines():
            assert secret not in str(json.loads(line))
