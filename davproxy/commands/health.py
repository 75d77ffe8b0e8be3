"""`davproxy health`: ask the running server whether it can do its work; what the container's health check runs."""

import http.client
import json
import ssl
from base64 import b64encode
from pathlib import Path
from typing import Any

import click

from davproxy.commands import FAILED
from davproxy.errors import Unavailable
from davproxy.settings import Settings


@click.command()
@click.option("--timeout", default=5.0, show_default=True, help="Seconds to wait for an answer.")
def command(timeout: float) -> int:
    """Ask the running server how it is. Exit code 0 when it serves, 3 when nobody answers."""
    settings = Settings.read()
    status, answer = ask(settings, timeout)
    words = [str(answer.get("status", f"status {status}"))]
    for part in ("index", "remote"):
        found = answer.get(part)
        if isinstance(found, dict):
            words.append(f"{part}: {found.get('state', '')} {found.get('message', '')}".rstrip())
    click.echo("; ".join(words))
    return 0 if status == http.client.OK else FAILED


def ask(settings: Settings, timeout: float) -> tuple[int, dict[str, Any]]:
    """Status and JSON object of the server's own answer. Raises Unavailable."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}.get(settings.host, settings.host)  # noqa: S104
    connection = (
        http.client.HTTPConnection(host, settings.port, timeout=timeout)
        if settings.tls_certificate == Path()
        else http.client.HTTPSConnection(host, settings.port, timeout=timeout, context=_trusting(settings))
    )
    headers = {"Accept": "application/json"}
    if settings.username:
        token = b64encode(f"{settings.username}:{settings.password}".encode()).decode()
        headers["Authorization"] = f"Basic {token}"
    try:
        connection.request("GET", "/api/health", headers=headers)
        response = connection.getresponse()
        answer = json.loads(response.read())
    except (OSError, http.client.HTTPException) as error:
        reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
        raise Unavailable(
            f"No server answers at {host}:{settings.port} ({reason}). Start it with: davproxy serve"
        ) from error
    except ValueError as error:
        raise Unavailable(f"What answers at {host}:{settings.port} is not davproxy. Check APP_PORT.") from error
    finally:
        connection.close()
    return response.status, answer if isinstance(answer, dict) else {}


def _trusting(settings: Settings) -> ssl.SSLContext:
    """Exactly the server's own certificate is trusted, whatever name it is made out to: we ask on this machine."""
    context = ssl.create_default_context(cafile=str(settings.tls_certificate))
    context.check_hostname = False
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    return context
