"""Reads a recorded sequence of requests and sends it, byte by byte as its client does, on one connection.

A file begins with comments, which name its sources, and with header fields of every request. Then come, in order:

    ### before PATH             a file that is in the library before, and its content
    ### METHOD TARGET -> STATUS a request: header fields, an empty line, the body; `<<< TEXT` is text of the response
    ### leaves PATH             a file that the library has after it, and its content

In header fields `{token}` stands for the lock token that the target got last, and `{server}` for the server's address.
"""

import http.client
import re
from base64 import b64encode
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from tests.raw_http import chunk_body
from tests.serving import Running

FOLDER = Path(__file__).parent / "sequences"
NAME, PASSWORD = "jo", "secret"
_SIGN_IN = "Basic " + b64encode(f"{NAME}:{PASSWORD}".encode()).decode()
_HEAD = re.compile(r"### (\S+) (.*?)(?: -> (\d{3}))?")


@dataclass(frozen=True, slots=True)
class Step:
    """One request, the status of its response, and texts that the response contains."""

    method: str
    target: str
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    contains: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.method} {self.target}"


@dataclass(slots=True)
class Sequence:
    """A recorded sequence; `before` and `leaves` are contents of files by tree path."""

    before: dict[str, bytes] = field(default_factory=dict)
    steps: list[Step] = field(default_factory=list)
    leaves: dict[str, bytes] = field(default_factory=dict)


def names() -> list[str]:
    """The names of all sequences."""
    return sorted(file.stem for file in FOLDER.glob("*.http"))


def read(name: str) -> Sequence:
    """The sequence called `name`."""
    first, *parts = re.split(r"^(?=### )", (FOLDER / f"{name}.http").read_text("utf-8"), flags=re.MULTILINE)
    always = _fields(line for line in first.splitlines() if not line.startswith("#"))
    sequence = Sequence()
    for part in parts:
        head, _, rest = part.partition("\n")
        found = _HEAD.fullmatch(head)
        assert found, head
        method, target, status = found.groups()
        if method in ("before", "leaves"):
            (sequence.before if method == "before" else sequence.leaves)[target] = rest.strip("\n").encode()
            continue
        lines = rest.splitlines()
        contains = tuple(line.removeprefix("<<< ") for line in lines if line.startswith("<<< "))
        text = "\n".join(line for line in lines if not line.startswith("<<< "))
        fields, _, body = text.partition("\n\n")
        headers = (*always, *_fields(fields.splitlines()))
        sequence.steps.append(Step(method, target, int(status), headers, body.strip("\n").encode(), contains))
    return sequence


def _fields(lines: Iterable[str]) -> tuple[tuple[str, str], ...]:
    pairs = (line.partition(": ") for line in lines if line)
    return tuple((name, value) for name, _, value in pairs)


def replay(sequence: Sequence, running: Running) -> None:
    """Send every request, and assert what comes back. A response of 401 is expected where nobody signs in yet."""
    tokens: dict[str, str] = {}
    connection = http.client.HTTPConnection("127.0.0.1", running.port, timeout=20)
    try:
        for step in sequence.steps:
            status, headers, body = _send(connection, step, running.url, tokens.get(step.target, ""))
            said = f"{headers}\n{body.decode('utf-8', 'replace')}"
            assert status == step.status, f"{step}: {status} {said}"
            missing = [text for text in step.contains if text not in said]
            assert not missing, f"{step} lacks {missing}: {said}"
            if token := headers.get("Lock-Token"):
                tokens[step.target] = token
    finally:
        connection.close()


def _send(
    connection: http.client.HTTPConnection, step: Step, server: str, token: str
) -> tuple[int, http.client.HTTPMessage, bytes]:
    connection.putrequest(step.method, step.target, skip_accept_encoding=True)
    body = step.body
    for name, value in step.headers:
        connection.putheader(name, value.replace("{token}", token).replace("{server}", server))
        if name == "Transfer-Encoding":
            body = chunk_body(body)
    if body == step.body and (body or step.method in ("PUT", "PROPFIND", "MKCOL", "OPTIONS")):
        connection.putheader("Content-Length", str(len(body)))
    if step.status != http.client.UNAUTHORIZED:
        connection.putheader("Authorization", _SIGN_IN)
    connection.endheaders(body)
    response = connection.getresponse()
    return response.status, response.headers, response.read()
