"""Two servers that share a Redis: locks, sign-in and wrong passwords are the same at both."""

from collections.abc import Callable
from pathlib import Path

import pytest

from davproxy.connect import remote_of
from davproxy.coordination import OnRedis
from tests.redis_server import RedisServer
from tests.serving import LOCK, RIGHT, Running, Site, status_lines, wrong_credentials
from tests.waiting import wait_until

Start = Callable[[str], Running]


@pytest.fixture
def start(site: Site, redis_server: RedisServer, tmp_path: Path) -> Start:
    """Starts one server more."""

    def server(name: str) -> Running:
        return site.start_on(
            remote_of,
            status_lines,
            OnRedis(redis_server.url, "library"),
            TEMP_DIR=str(tmp_path / name),
            REDIS_URL=redis_server.url,
            SECRET_KEY="shared",
            APP_USERNAME="jo",
            APP_PASSWORD="secret",
        )

    return server


def lock(server: Running, path: str) -> str:
    answer = server.ask("LOCK", path, LOCK, Authorization=RIGHT, Timeout="Second-600")
    assert answer.status in (200, 201), answer
    return answer.headers["lock-token"]


def test_a_lock_holds_at_both(start: Start) -> None:
    one, other = start("one"), start("other")
    token = lock(one, "/dav/Drop/x.txt")
    assert other.ask("LOCK", "/dav/Drop/x.txt", LOCK, Authorization=RIGHT).status == 423
    assert other.ask("PUT", "/dav/Drop/x.txt", b"x", Authorization=RIGHT).status == 423
    assert other.ask("PUT", "/dav/Drop/x.txt", b"x", Authorization=RIGHT, If=f"({token})").status < 300
    asked = b'<propfind xmlns="DAV:"><prop><lockdiscovery/></prop></propfind>'
    listed = other.ask("PROPFIND", "/dav/Drop/x.txt", asked, Authorization=RIGHT, Depth="0")
    assert token.strip("<>").encode() in listed.body
    assert other.ask("UNLOCK", "/dav/Drop/x.txt", Authorization=RIGHT, Lock_Token=token).status == 204
    assert lock(one, "/dav/Drop/x.txt") != token


def test_what_file_managers_leave_is_at_both(start: Start) -> None:
    """The Finder gives up where the next request of its copy does not find the file of the last one."""
    one, other = start("one"), start("other")

    def ask(server: Running, method: str, path: str, body: bytes = b"", **headers: str) -> bytes:
        return server.ask(method, path, body, Authorization=RIGHT, **headers).body

    ask(one, "PUT", "/dav/Drop/._x.txt", b"resource fork")
    wait_until(lambda: ask(other, "GET", "/dav/Drop/._x.txt") == b"resource fork")
    assert other.ask("DELETE", "/dav/Drop/._x.txt", Authorization=RIGHT).status == 204
    wait_until(lambda: one.ask("GET", "/dav/Drop/._x.txt", Authorization=RIGHT).status == 404)


def test_while_the_redis_is_away_reading_goes_on(start: Start, redis_server: RedisServer) -> None:
    one = start("one")
    assert one.ask("PUT", "/dav/Drop/x.txt", b"x", Authorization=RIGHT).status == 201
    lock(one, "/dav/Drop/y.txt")
    redis_server.stop()
    for method, body in (("PUT", b"z"), ("LOCK", LOCK), ("DELETE", b"")):
        answer = one.ask(method, "/dav/Drop/x.txt", body, Authorization=RIGHT)
        assert (answer.status, b"Redis" in answer.body) == (503, True), (method, answer)
        assert answer.headers["retry-after"]
    assert one.ask("GET", "/dav/Drop/x.txt", Authorization=RIGHT).body == b"x"
    assert b"y.txt" in one.ask("PROPFIND", "/dav/Drop", None, Authorization=RIGHT, Depth="1").body
    redis_server.start()
    wait_until(lambda: one.ask("PUT", "/dav/Drop/x.txt", b"z", Authorization=RIGHT).status == 204)
    assert one.ask("PUT", "/dav/Drop/y.txt", b"z", Authorization=RIGHT).status == 201, "what it held is gone"


def test_wrong_passwords_count_together(start: Start) -> None:
    servers = [start("one"), start("other")]
    for number in range(10):
        assert servers[number % 2].ask("PROPFIND", "/dav/", Authorization=wrong_credentials(number)).status == 401

    def all_refuse() -> bool:
        return all(server.ask("PROPFIND", "/dav/", Authorization=RIGHT).status == 429 for server in servers)

    wait_until(all_refuse)
