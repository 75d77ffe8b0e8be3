"""What health and doctor say of the Redis."""

from pathlib import Path

import pytest

from davproxy.coordination import InProcess, OnRedis
from davproxy.diagnosis import Grade, check_coordination
from tests.coordination.instances import instances
from tests.fakes.nextcloud import FakeNextcloud
from tests.redis_server import RedisServer
from tests.waiting import wait_until


def test_doctor_checks_the_redis(redis_server: RedisServer) -> None:
    one = OnRedis(redis_server.url, "library")
    assert [check.grade for check in check_coordination(one)] == [Grade.GOOD]
    redis_server.stop()
    (check,) = check_coordination(one)
    assert check.grade is Grade.BAD
    assert "REDIS_URL" in check.advice
    assert "hush" not in check.text
    one.close()
    assert [check.grade for check in check_coordination(InProcess())] == [Grade.HINT]


@pytest.mark.slow
def test_health_tells_whether_it_is_there(redis_server: RedisServer, tmp_path: Path) -> None:
    with FakeNextcloud() as fake, instances(fake, redis_server, tmp_path) as start:
        one = start("one")
        wait_until(lambda: one.json("GET", "/api/health")["status"] == "ok")
        assert one.json("GET", "/api/health")["shared"] == {"state": "ok", "message": ""}
        redis_server.stop()
        wait_until(lambda: one.json("GET", "/api/health")["shared"]["state"] == "away")
        assert one.json("GET", "/api/health")["status"] == "degraded"
        redis_server.start()
        wait_until(lambda: one.json("GET", "/api/health")["status"] == "ok")
