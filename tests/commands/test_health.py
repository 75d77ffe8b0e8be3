"""`health`, which the health check of the container runs."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any, ClassVar

import pytest

from tests.commands.conftest import Run


class Answering(BaseHTTPRequestHandler):
    status: ClassVar[int] = 200
    answer: ClassVar[Any] = {}
    asked: ClassVar[list[tuple[str, str | None]]] = []

    def do_GET(self) -> None:
        self.asked.append((self.path, self.headers["Authorization"]))
        self.send_response(self.status)
        self.end_headers()
        self.wfile.write(self.answer if isinstance(self.answer, bytes) else json.dumps(self.answer).encode())

    def log_message(self, format: str, *args: object) -> None:
        """Quiet."""


@pytest.fixture
def port() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), Answering) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield str(server.server_port)
        server.shutdown()
        thread.join()


def test_a_server_that_is_well(run: Run, port: str) -> None:
    Answering.status, Answering.answer = 200, {"status": "ok", "remote": {"state": "current", "message": ""}}
    done = run("health", APP_HOST="0.0.0.0", APP_PORT=port, APP_USERNAME="ann", APP_PASSWORD="pass")
    assert (done.returncode, done.stdout) == (0, "ok; remote: current\n")
    assert Answering.asked[-1] == ("/api/health", "Basic YW5uOnBhc3M=")


def test_a_server_that_cannot_serve(run: Run, port: str) -> None:
    Answering.status, Answering.answer = 503, {"status": "unavailable", "index": {"state": "broken", "message": "Why."}}
    done = run("health", APP_PORT=port)
    assert (done.returncode, done.stdout) == (1, "unavailable; index: broken Why.\n")


def test_another_program_on_the_port(run: Run, port: str) -> None:
    Answering.status, Answering.answer = 200, b"<html>"
    done = run("health", APP_PORT=port)
    assert (done.returncode, "APP_PORT" in done.stderr) == (3, True)


def test_no_server(run: Run) -> None:
    done = run("health", APP_PORT="1")
    assert done.returncode == 3
    assert "davproxy serve" in done.stderr
