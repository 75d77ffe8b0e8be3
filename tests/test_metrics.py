"""Measurements for Prometheus."""

from pathlib import Path

from davproxy.log import RequestLine
from davproxy.metrics import Metrics
from tests.coordination.instances import instances
from tests.fakes.nextcloud import FakeNextcloud
from tests.waiting import wait_until


def test_requests_are_counted_and_timed() -> None:
    metrics = Metrics()
    metrics.show("songs", "Songs.", lambda: 7)
    metrics.note([RequestLine(0.0, method, "/", "200", 3.0) for method in ("GET", "GET", "FOO", "BAR")])
    lines = metrics.render().decode().splitlines()
    assert 'davproxy_requests_total{method="GET",status="200"} 2.0' in lines
    assert 'davproxy_requests_total{method="other",status="200"} 2.0' in lines
    assert 'davproxy_request_seconds_bucket{le="0.001",method="GET"} 0.0' in lines
    assert 'davproxy_request_seconds_bucket{le="0.005",method="GET"} 2.0' in lines
    assert "davproxy_songs 7.0" in lines


def test_they_are_off_unless_asked_for(tmp_path: Path) -> None:
    with FakeNextcloud() as fake:
        with instances(fake, None, tmp_path) as start:
            assert start("off").ask("GET", "/metrics")[0] == 404
        with instances(fake, None, tmp_path, METRICS="yes") as start:
            one = start("on")
            one.ask("GET", "/api/health")
            wait_until(lambda: b'davproxy_requests_total{method="GET",status="200"}' in one.ask("GET", "/metrics")[1])
            assert b"davproxy_sync_age_seconds" in one.ask("GET", "/metrics")[1]
