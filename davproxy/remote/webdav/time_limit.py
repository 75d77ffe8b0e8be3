"""How long a request may last: proxies and load balancers cut off those that take longer than they like."""

import time
from collections.abc import Iterator
from contextlib import suppress
from uuid import uuid4

from davproxy.errors import DavproxyError, Forbidden, NoSpace, SignInRefused
from davproxy.paths import TEMP, join
from davproxy.remote.webdav.files import Files

BYTES = 70
"""Bytes that are sent one by one, so that the connection is never silent for long: only the whole takes its time."""


def cut_off_after(files: Files, seconds: float) -> float | None:
    """Seconds after which an upload that takes `seconds` was cut off; None where it got through. Nothing is left."""
    path = join(TEMP, f"probe-{uuid4().hex}")
    began = time.monotonic()
    try:
        files.connection.send(
            "PUT",
            files.url(path),
            expect={201, 204},
            about=path,
            headers={"Content-Length": str(BYTES)},
            content=_slowly(seconds / BYTES),
        )
    except (Forbidden, NoSpace, SignInRefused):
        raise
    except DavproxyError:
        return time.monotonic() - began
    finally:
        with suppress(DavproxyError):
            files.delete(path)
    return None


def _slowly(pause: float) -> Iterator[bytes]:
    for _ in range(BYTES):
        time.sleep(pause)
        yield b"."
