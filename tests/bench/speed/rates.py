"""Requests a second of one kind over a few connections, as a program of its own. Prints one JSON line.

It writes to bare sockets: what http.client spends on a request is more than what a quick server does.
"""

import argparse
import json
import re
import socket
import threading
import time
from itertools import count
from urllib.parse import urlsplit

from tests.bench.speed.scan import BODY, signature

BODIES = {"PROPFIND": BODY, "GET": b"", "PUT": bytes(2048)}
DIFFERING = {"PROPFIND": b"Range: bytes=%d-\r\n", "GET": b'If-None-Match: "%d"\r\n', "PUT": b"X-Request-Id: %d\r\n"}
"""A header field that lets no server take a request for one that it had, and that changes no response."""
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_CHUNKED_END = b"\r\n0\r\n\r\n"


class Client:
    """One connection that sends the same request again, or with `differ` each with another header that counts."""

    def __init__(self, url: str, method: str, number: int, headers: dict[str, str], *, differ: bool) -> None:
        address = urlsplit(url)
        path = f"{address.path}-{number}" if method == "PUT" else address.path
        body = BODIES[method]
        head = f"{method} {path} HTTP/1.1\r\nHost: {address.netloc}\r\n"
        if method == "PROPFIND":
            head += "Depth: 1\r\nContent-Type: application/xml\r\n"
        head += "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        if body:
            head += f"Content-Length: {len(body)}\r\n"
        self._head, self._body, self._differing = head.encode(), body, DIFFERING[method] if differ else b""
        self._numbers = count(number * 10_000_000)
        self._socket = socket.create_connection((address.hostname or "", address.port or 80), timeout=60)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.seconds: list[float] = []

    def run(self, until: float) -> None:
        """Send requests until then, and note how long each took."""
        with self._socket:
            while (began := time.perf_counter()) < until:
                other = self._differing % next(self._numbers) if self._differing else b""
                self._socket.sendall(b"%b%b\r\n%b" % (self._head, other, self._body))
                self._read()
                self.seconds.append(time.perf_counter() - began)

    def _read(self) -> None:
        """Read one response. Raises RuntimeError unless it is a success."""
        found = self._socket.recv(1 << 18)
        if found[9:10] != b"2":
            raise RuntimeError(repr(found[:200]))
        while (end := found.find(b"\r\n\r\n")) < 0:
            found += self._more()
        length = _LENGTH.search(found, 0, end + 2)
        if length is None and found[9:12] != b"204":
            while not found.endswith(_CHUNKED_END):
                found += self._more()
            return
        missing = end + 4 + int(length[1] if length else 0) - len(found)
        while missing > 0:
            missing -= len(self._more())

    def _more(self) -> bytes:
        if not (block := self._socket.recv(1 << 18)):
            raise RuntimeError("the server closed the connection")
        return block


def measure(
    url: str, method: str, headers: dict[str, str], *, connections: int, seconds: float, differ: bool
) -> dict[str, float]:
    """Requests a second, and of their seconds the median, the 99th percentile and the longest."""
    clients = [Client(url, method, number, headers, differ=differ) for number in range(connections)]
    began = time.perf_counter()
    threads = [threading.Thread(target=client.run, args=(began + seconds,)) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    spent = time.perf_counter() - began
    found = sorted(each for client in clients for each in client.seconds)
    return {
        "rate": len(found) / spent, "p50": found[len(found) // 2], "p99": found[int(len(found) * 0.99)],
        "longest": found[-1],
    }  # fmt: skip


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url", help="of a folder, a file, or the beginning of the names that are put")
    parser.add_argument("method", choices=BODIES)
    parser.add_argument("--connections", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--differ", action="store_true", help="send each request with another header that counts")
    parser.add_argument("--user", default="")
    parser.add_argument("--password", default="")
    options = parser.parse_args()
    found = measure(
        options.url,
        options.method,
        signature(options.user, options.password),
        connections=options.connections,
        seconds=options.seconds,
        differ=options.differ,
    )
    print(json.dumps(found))
