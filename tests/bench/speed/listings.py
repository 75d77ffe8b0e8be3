"""One folder listed repeatedly over eight connections, as a program of its own. Prints one JSON line."""

import argparse
import http.client
import json
import threading
import time
from urllib.parse import urlsplit

from tests.bench.speed.scan import BODY

CONNECTIONS, TIMES = 8, 500


def list_often(url: str) -> list[float]:
    """Seconds of each of TIMES listings, on one connection."""
    address = urlsplit(url)
    connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=60)
    seconds = []
    for _ in range(TIMES):
        started = time.perf_counter()
        connection.request("PROPFIND", address.path, BODY, {"Depth": "1", "Content-Type": "application/xml"})
        answer = connection.getresponse()
        answer.read()
        seconds.append(time.perf_counter() - started)
        assert answer.status == 207, answer.status
    return seconds


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url")
    options = parser.parse_args()
    seconds: list[float] = []
    clients = [threading.Thread(target=lambda: seconds.extend(list_often(options.url))) for _ in range(CONNECTIONS)]
    for client in clients:
        client.start()
    for client in clients:
        client.join()
    assert len(seconds) == CONNECTIONS * TIMES
    seconds.sort()
    print(json.dumps({"p50": seconds[len(seconds) // 2], "p99": seconds[int(len(seconds) * 0.99)]}))
