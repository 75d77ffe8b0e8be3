"""A client of the first version's API, written from its description alone: it imports nothing of the product."""

import base64
import json
import urllib.error
import urllib.parse
import urllib.request
from typing import Any

BOUNDARY = "first-version"


class FirstClient:
    """Each call returns (status, JSON object). `account` is the user name and password."""

    def __init__(self, address: str, account: tuple[str, str] | None = None) -> None:
        self._address = address
        self._headers = {}
        if account:
            self._headers["Authorization"] = "Basic " + base64.b64encode(":".join(account).encode()).decode()

    def ask(self, method: str, path: str, body: bytes | None = None, kind: str = "", **headers: str) -> tuple[int, Any]:
        try:
            status, content = self._open(method, path, body, headers | ({"Content-Type": kind} if kind else {}))
        except urllib.error.HTTPError as error:
            status, content = error.code, error.read()
        return status, json.loads(content)

    def _open(self, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> tuple[int, bytes]:
        request = urllib.request.Request(f"{self._address}{path}", body, self._headers | headers, method=method)
        with urllib.request.urlopen(request, timeout=300) as response:
            return response.status, response.read()

    def events(self, path: str) -> list[Any]:
        """The JSON objects of a stream of server-sent events, which have no names."""
        _, content = self._open("GET", path, None, {})
        lines = [line for line in content.decode().splitlines() if line and not line.startswith(":")]
        assert all(line.startswith("data: ") for line in lines)
        return [json.loads(line.removeprefix("data: ")) for line in lines]

    def get(self, path: str) -> tuple[int, Any]:
        return self.ask("GET", path)

    def put(self, path: str, value: object) -> tuple[int, Any]:
        return self.ask("PUT", path, json.dumps(value).encode(), "application/json")

    def post(self, path: str, value: object) -> tuple[int, Any]:
        return self.ask("POST", path, json.dumps(value).encode(), "application/json")

    def form(self, path: str, **fields: str) -> tuple[int, Any]:
        body = urllib.parse.urlencode(fields).encode()
        return self.ask("POST", path, body, "application/x-www-form-urlencoded")

    def send(self, path: str, name: str, content: bytes, **fields: str) -> tuple[int, Any]:
        """A file, with the text fields after it."""
        head = f'Content-Disposition: form-data; name="file"; filename="{name}"'
        parts = [f"--{BOUNDARY}\r\n{head}\r\n\r\n".encode() + content]
        parts += [
            f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{field}"\r\n\r\n{value}'.encode()
            for field, value in fields.items()
        ]
        body = b"\r\n".join([*parts, f"--{BOUNDARY}--\r\n".encode()])
        return self.ask("POST", path, body, f"multipart/form-data; boundary={BOUNDARY}")
