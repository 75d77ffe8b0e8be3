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


def test_the_cache_and_the_requests_to_the_nextcloud_are_shown(tmp_path: Path) -> None:
    with FakeNextcloud() as fake, instances(fake, None, tmp_path, METRICS="yes") as start:
        one = start("one")
        assert one.ask("PUT", "/dav/Backgrounds/a.png", b"12345")[0] == 201
        assert one.ask("GET", "/dav/Backgrounds/a.png") == (200, b"12345")
        fake.fail("PUT", "b.png", drop_answer=True)
        one.ask("PUT", "/dav/Backgrounds/b.png", b"")
        shown = dict(line.rsplit(" ", 1) for line in one.ask("GET", "/metrics")[1].decode().splitlines())
        assert float(shown["davproxy_cache_bytes"]) >= 5
        assert float(shown["davproxy_cache_limit_bytes"]) > 5
        sent = sum((request.method, request.status) == ("PUT", 201) for request in fake.requests)
        assert float(shown['davproxy_remote_requests_total{method="PUT",status="201"}']) == sent > 0
        assert float(shown['davproxy_remote_requests_total{method="PUT",status="none"}']) == 1
