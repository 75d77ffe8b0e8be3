"""The log: one line an event, libraries included, and never a secret."""

import io
import json
import logging
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from loguru import logger

from davproxy.log import HIDDEN, RequestLine, configure, write_requests


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def _restore() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    configure("INFO", stream=Terminal())
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
    try:
        raise ValueError("it broke")
    except ValueError:
        logger.exception("Oops")
    assert "\x1b[" in out.getvalue()
    assert out.getvalue().count("Traceback") == 1
    assert "\n\n" not in out.getvalue()
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


@given(
    method=st.sampled_from(["GET", "PROPFIND", "hunter2"]),
    path=st.builds("".join, st.tuples(st.sampled_from(["/", "/static/", "/hunter2/"]), st.text(max_size=20))),
    status=st.sampled_from(["200", "207", "404", "500"]),
    milliseconds=st.floats(0, 1e6).map(lambda value: round(value, 1)),
    level=st.sampled_from(["TRACE", "DEBUG", "INFO", "WARNING", "ERROR"]),
)
def test_a_batch_is_what_the_log_would_write_line_by_line(
    method: str, path: str, status: str, milliseconds: float, level: str
) -> None:
    line = RequestLine(1.7e9, method, path, status, milliseconds)
    batch, single = io.StringIO(), io.StringIO()
    configure(level, ["hunter2"], batch)
    write_requests([line, line])
    configure(level, ["hunter2"], single)
    for _ in range(2):
        values = {"method": method, "path": path, "status": int(status), "milliseconds": milliseconds}
        logger.log(line.level, "{method} {path} {status} {milliseconds} ms", **values)
    written, expected = ([json.loads(each) for each in out.getvalue().split("\n")[:-1]] for out in (batch, single))
    for each in (*written, *expected):
        del each["time"], each["source"]
    assert written == expected
    assert "hunter2" not in batch.getvalue()


def test_the_time_of_a_line_is_local_and_to_the_millisecond() -> None:
    out = io.StringIO()
    configure("INFO", stream=out)
    write_requests([RequestLine(1.7e9 + 0.25, "GET", "/", "200", 0.1)])
    written = json.loads(out.getvalue())["time"]
    assert written[10] == "T"
    assert written[19:23] == ".250"
    assert written[23] in "+-"


def test_requests_are_lines_at_a_terminal_too() -> None:
    out = Terminal()
    configure("INFO", ["hunter2"], out)
    write_requests([RequestLine(1.7e9, "GET", f"/dav/{name}", "200", 0.1) for name in ("a", "hunter2")])
    first, second = out.getvalue().splitlines()
    assert "GET /dav/a 200 0.1 ms" in first
    assert f"GET /dav/{HIDDEN} 200 0.1 ms" in second
