"""A client of the first version's API, written from its description alone: it imports nothing of the product."""

import json
import urllib.error
import urllib.parse
import urllib.request
from typing import Any

BOUNDARY = "first-version"


class FirstClient:
    """Each call returns (status, JSON object)."""

    def __init__(self, address: str) -> None:
        self._address = address

    def ask(self, method: str, path: str, body: bytes | None = None, kind: str = "") -> tuple[int, Any]:
        headers = {"Content-Type": kind} if kind else {}
        request = urllib.request.Request(f"{self._address}{path}", body, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=300) as response:
                return response.status, json.loads(response.read())
        except urllib.error.HTTPError as error:
            return error.code, json.loads(error.read())

    def get(self, path: str) -> tuple[int, Any]:
        return self.ask("GET", path)

    def put(self, path: str, value: object) -> tuple[int, Any]:
        return self.ask("PUT", path, json.dumps(value).encode(), "application/json")

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
