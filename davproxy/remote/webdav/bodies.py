"""Bodies of responses, read in blocks: fast for large ones, and given up when they are too slow or end early."""

import time
from collections.abc import Callable, Iterator

import httpcore
import httpx

from davproxy.errors import Unavailable
from davproxy.remote.webdav.failures import translate_errors

READ_TIMEOUT = 30.0
"""Seconds to wait for the next bytes of a response."""
SLOWEST = 16 * 1024
"""Bytes a second. A body that is slower over more than READ_TIMEOUT seconds of waiting is given up."""
READ_SIZE = 256 * 1024
"""Bytes of a body that are read and passed on at a time; httpcore's own 64 KiB cost a third more processor time."""
LARGE = 8 * 1024 * 1024
"""A body with more bytes left than this is read straight from the socket."""
httpcore.HTTP11Connection.READ_NUM_BYTES = READ_SIZE


def body_blocks(response: httpx.Response, about: str, clock: Callable[[], float] = time.monotonic) -> Iterator[bytes]:
    """The decoded body in blocks of READ_SIZE bytes or a little more.

    Raises Unavailable if it ends early or is slower than SLOWEST.
    """
    chunks_held: list[bytes] = []
    held = received = 0
    waited = 0.0
    chunks = _chunks(response)
    while True:
        began = clock()
        with translate_errors(about, may_repeat=True, final=True):
            chunk = next(chunks, b"")
        waited += clock() - began
        if not chunk:
            break
        chunks_held.append(chunk)
        held += len(chunk)
        received += len(chunk)
        if waited > READ_TIMEOUT + received / SLOWEST:
            raise Unavailable(f"The server sends “{about}” too slowly. Try again later.")
        if held >= READ_SIZE:
            yield b"".join(chunks_held)
            chunks_held, held = [], 0
    if chunks_held:
        yield b"".join(chunks_held)


def _chunks(response: httpx.Response) -> Iterator[bytes]:
    """The decoded body as it arrives; a LARGE one straight from the socket, because httpx copies each byte five times.

    After the first chunk httpx holds no bytes back. It closes a connection whose body it did not see end.
    """
    chunks = response.iter_bytes()
    yield next(chunks, b"")
    rest = int(response.headers.get("Content-Length", 0)) - response.num_bytes_downloaded
    if rest < LARGE or "Content-Encoding" in response.headers:
        yield from chunks
        return
    stream: httpcore.NetworkStream = response.extensions["network_stream"]
    try:
        while rest and (chunk := stream.read(min(READ_SIZE, rest), READ_TIMEOUT)):
            rest -= len(chunk)
            yield chunk
    except (httpcore.NetworkError, httpcore.TimeoutException) as error:
        raise httpx.ReadError(str(error)) from error
