"""An HTTP client of the server that runs with these settings."""

import http.client
import json
import ssl
from base64 import b64encode
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO

from davproxy.access import local_host
from davproxy.errors import BadInput, DavproxyError, Unavailable
from davproxy.settings import Settings


class RunningServer:
    """The server at APP_HOST and APP_PORT. Each call is one request; its answer must begin within `timeout` seconds."""

    def __init__(self, settings: Settings, timeout: float = 30.0) -> None:
        self._host, self._port, self._timeout = local_host(settings.host).strip("[]"), settings.port, timeout
        self._context = None if settings.tls_certificate == Path() else _trusting_context(settings.tls_certificate)
        self._headers = {"Accept": "application/json", "Sec-Fetch-Site": "none"}
        if settings.username:
            token = b64encode(f"{settings.username}:{settings.password}".encode()).decode()
            self._headers["Authorization"] = f"Basic {token}"

    def ask(
        self, method: str, path: str, body: bytes | BinaryIO | None = None, headers: Mapping[str, str] | None = None
    ) -> tuple[int, dict[str, Any]]:
        """(status, JSON object) of the answer; an empty object for any other body. Raises Unavailable."""
        connection = (
            http.client.HTTPConnection(self._host, self._port, timeout=self._timeout)
            if self._context is None
            else http.client.HTTPSConnection(self._host, self._port, timeout=self._timeout, context=self._context)
        )
        where = f"{self._host}:{self._port}"
        try:
            connection.request(method, path, body=body, headers={**self._headers, **(headers or {})})
            response = connection.getresponse()
            content = response.read()
        except (OSError, http.client.HTTPException) as error:
            reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
            raise Unavailable(f"No server answers at {where} ({reason}). Start one: davproxy serve") from error
        finally:
            connection.close()
        try:
            answer = json.loads(content) if content else {}
        except ValueError:
            answer = {}
        return response.status, answer if isinstance(answer, dict) else {}

    def get(self, method: str, path: str, value: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """The object of the answer to a request with `value` as JSON. Raises Unavailable or BadInput for an error."""
        body = None if value is None else json.dumps(value).encode()
        return check_status(*self.ask(method, path, body, {"Content-Type": "application/json"} if body else {}))


def check_status(status: int, answer: dict[str, Any]) -> dict[str, Any]:
    """`answer`, if `status` is no error. Raises Unavailable or BadInput with the message of the server."""
    if status < http.client.BAD_REQUEST:
        return answer
    message = str(answer.get("detail") or answer.get("title") or f"The server answered with status {status}.")
    error: type[DavproxyError] = Unavailable if status == http.client.SERVICE_UNAVAILABLE else BadInput
    raise error(message)


def _trusting_context(certificate: Path) -> ssl.SSLContext:
    """A context that trusts only the server's own certificate. Host names are not compared: it is this computer."""
    context = ssl.create_default_context(cafile=str(certificate))
    context.check_hostname = False
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    return context
