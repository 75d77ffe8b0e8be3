"""A Redis that is away, comes back, or was emptied."""

from collections.abc import Callable
from typing import Any

import pytest

from davproxy.coordination import OnRedis
from davproxy.coordination.on_redis import FORMAT
from davproxy.diagnosis import Grade, check_coordination
from davproxy.errors import Unavailable
from tests.redis_server import RedisServer
from tests.waiting import wait_until

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    "call",
    [
        lambda one: one.table("songs"),
        lambda one: one.change("songs", dict),
        lambda one: one.put("songs", "a", 1),
        lambda one: one.claim("job", 1),
        lambda one: one.release("job"),
        lambda one: one.holder("job"),
    ],
)
def test_without_it_each_method_says_so(call: Callable[[OnRedis], Any]) -> None:
    one = OnRedis("redis://:secret@127.0.0.1:1", "library")
    with pytest.raises(Unavailable, match="Redis") as raised:
        call(one)
    assert "secret" not in raised.value.message
    one.send("news", 1)
    assert one.now() > 0
    assert "Redis" in one.problem
    one.close()


def test_it_comes_back_by_itself_and_says_that_notices_were_lost(redis_server: RedisServer) -> None:
    one, other = OnRedis(redis_server.url, "library"), OnRedis(redis_server.url, "library")
    received: list[Any] = []
    back: list[str] = []
    other.receive("news", received.append)
    other.on_reconnect(lambda: back.append("back"))
    one.start()
    other.start()
    assert one.claim("job", 60)
    assert back == []

    redis_server.stop()
    wait_until(lambda: one.problem and other.problem)
    one.send("news", "lost")
    with pytest.raises(Unavailable):
        one.claim("job", 60)

    redis_server.start()
    wait_until(lambda: back == ["back"] and not one.problem and not other.problem)
    assert other.claim("job", 60)
    one.send("news", "new")
    wait_until(lambda: received == ["new"])
    one.close()
    other.close()


def test_it_may_be_away_at_the_start(redis_server: RedisServer) -> None:
    redis_server.stop()
    one = OnRedis(redis_server.url, "library")
    back: list[str] = []
    one.on_reconnect(lambda: back.append("back"))
    one.start()
    assert one.problem
    redis_server.start()
    wait_until(lambda: back == ["back"])
    assert one.claim("job", 60)
    one.close()


def test_an_emptied_one_has_no_claims_and_no_tables(redis_server: RedisServer) -> None:
    one = OnRedis(redis_server.url, "library")
    one.start()
    one.put("songs", "a", 1)
    assert one.claim("job", 60)
    redis_server.empty()
    assert one.table("songs") == {}
    assert one.holder("job") == ""
    assert one.claim("job", 60)
    one.close()


def test_what_a_newer_version_stores_is_left_alone_and_said(redis_server: RedisServer) -> None:
    old = OnRedis(redis_server.url, "library")
    old.start()
    assert old.claim("a job", 60.0)
    [key] = redis_server.client.keys("*:format")
    redis_server.client.set(key, FORMAT + 1)
    wait_until(lambda: "newer version" in old.problem)
    before = set(redis_server.client.keys("*"))
    with pytest.raises(Unavailable, match="newer version"):
        old.put("songs", "a", 1)
    assert set(redis_server.client.keys("*")) == before
    (check,) = check_coordination(OnRedis(redis_server.url, "library"))
    assert "newer version" in check.text
    old.close()
    assert redis_server.client.keys("*") == [key], "its own claims end with it"


def test_only_an_instance_that_was_started_stores_its_format(redis_server: RedisServer) -> None:
    (check,) = check_coordination(OnRedis(redis_server.url, "library"))
    assert check.grade is Grade.GOOD
    assert redis_server.client.keys("*") == []


def test_two_libraries_on_one_redis_share_nothing(redis_server: RedisServer) -> None:
    one, other = OnRedis(redis_server.url, "library"), OnRedis(redis_server.url, "another library")
    one.put("songs", "a", 1)
    assert one.claim("job", 60)
    assert other.table("songs") == {}
    assert other.claim("job", 60)
    one.close()
    other.close()
