"""A game's scan of a mounted library, as a program of its own: PROPFIND of each folder, GET of song.ini and notes.

Prints one JSON line. http.client keeps the client's own share of the time small.
"""

import argparse
import base64
import http.client
import json
import queue
import re
import threading
import time
from urllib.parse import quote, urlsplit

BODY = (
    b'<?xml version="1.0"?><d:propfind xmlns:d="DAV:"><d:prop><d:getetag/><d:getcontentlength/><d:getlastmodified/>'
    b"<d:resourcetype/></d:prop></d:propfind>"
)
_HREF = re.compile(rb"<(?:\w+:)?href>([^<]*)</")
WANTED: dict[str, tuple[bytes, ...]] = {"all": (b"/song.ini", b"/notes.chart"), "ini": (b"/song.ini",), "listings": ()}


def signature(user: str, password: str) -> dict[str, str]:
    """The header that signs a request; none without a user."""
    return {"Authorization": "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()} if user else {}


class Scan:
    """One run over `base`, which ends with the folder to scan."""

    def __init__(self, base: str, user: str, password: str, connections: int, wanted: str, agent: str) -> None:
        self.wanted = WANTED[wanted]
        self.url = urlsplit(base)
        self.headers = {"User-Agent": agent} | signature(user, password)
        self.connections = connections
        self.work: queue.SimpleQueue[tuple[str, str]] = queue.SimpleQueue()
        self.pending = 0
        self.lock = threading.Lock()
        self.done = threading.Event()
        self.listings: list[float] = []
        self.files = 0
        self.bytes = 0
        self.failures: list[str] = []

    def put(self, method: str, path: str) -> None:
        with self.lock:
            self.pending += 1
        self.work.put((method, path))

    def run(self) -> dict[str, object]:
        started = time.perf_counter()
        self.put("PROPFIND", quote(self.url.path.rstrip("/"), safe="/%") + "/")
        threads = [threading.Thread(target=self.client) for _ in range(self.connections)]
        for thread in threads:
            thread.start()
        self.done.wait()
        seconds = time.perf_counter() - started
        for _ in threads:
            self.work.put(("", ""))
        ordered = sorted(self.listings)
        return {
            "seconds": seconds, "listings": len(ordered), "files": self.files, "bytes": self.bytes,
            "p50": ordered[len(ordered) // 2], "p99": ordered[int(len(ordered) * 0.99)],
            "failures": self.failures[:5], "failed": len(self.failures),
        }  # fmt: skip

    def client(self) -> None:
        connection = http.client.HTTPConnection(self.url.hostname or "", self.url.port, timeout=600)
        cookies: dict[str, str] = {}
        while (task := self.work.get())[0]:
            method, path = task
            headers = dict(self.headers)
            if cookies:
                headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in cookies.items())
            if method == "PROPFIND":
                headers |= {"Depth": "1", "Content-Type": "application/xml"}
            started = time.perf_counter()
            try:
                connection.request(method, path, body=BODY if method == "PROPFIND" else None, headers=headers)
                answer = connection.getresponse()
                content = answer.read()
            except (OSError, http.client.HTTPException):
                connection.close()
                self.take(method, path, 0, b"", 0.0)
                continue
            seconds = time.perf_counter() - started
            for cookie in answer.headers.get_all("Set-Cookie") or ():
                name, _, value = cookie.partition(";")[0].partition("=")
                cookies[name] = value
            self.take(method, path, answer.status, content, seconds)

    def take(self, method: str, path: str, status: int, content: bytes, seconds: float) -> None:
        if status not in (200, 207):
            with self.lock:
                self.failures.append(f"{method} {path} {status}")
        elif method == "PROPFIND":
            self.listings.append(seconds)
            own = urlsplit(path).path.rstrip("/")
            for found in _HREF.findall(content):
                href = urlsplit(found.decode()).path
                if href.endswith("/") and href.rstrip("/") != own:
                    self.put("PROPFIND", href)
                elif found.endswith(self.wanted):
                    self.put("GET", href)
        else:
            with self.lock:
                self.files += 1
                self.bytes += len(content)
        with self.lock:
            self.pending -= 1
            if self.pending == 0:
                self.done.set()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("base")
    parser.add_argument("--user", default="")
    parser.add_argument("--password", default="")
    parser.add_argument("--connections", type=int, default=8)
    parser.add_argument("--wanted", choices=WANTED, default="all")
    parser.add_argument("--agent", default="Game", help="the client's name")
    options = parser.parse_args()
    scan = Scan(options.base, options.user, options.password, options.connections, options.wanted, options.agent)
    print(json.dumps(scan.run()))
