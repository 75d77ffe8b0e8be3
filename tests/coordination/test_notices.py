"""Change notices: what is written at one instance is at the others without a request to the Nextcloud."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.coordination.instances import Instance, Start, instances
from tests.fakes.nextcloud import FakeNextcloud
from tests.redis_server import RedisServer
from tests.waiting import wait_until

pytestmark = pytest.mark.slow
INI = b"[song]\nname = %s\nartist = Ann\n"
CHART = b"[Song]\n{\n  Resolution = 192\n}\n[ExpertSingle]\n{\n  768 = N 0 0\n}\n"


@pytest.fixture
def fake() -> Iterator[FakeNextcloud]:
    with FakeNextcloud() as server:
        yield server


@pytest.fixture
def start(fake: FakeNextcloud, redis_server: RedisServer, tmp_path: Path) -> Iterator[Start]:
    with instances(fake, redis_server, tmp_path) as starter:
        yield starter


def two(start: Start) -> tuple[Instance, Instance]:
    one, other = start("one"), start("other")
    wait_until(lambda: is_current(one) and is_current(other))
    return one, other


def is_current(instance: Instance) -> bool:
    return bool(instance.json("GET", "/api/health")["remote"]["state"] == "current")


def add_song(at: Instance, folder: str, title: str) -> None:
    assert at.ask("MKCOL", f"/dav/Songs/{folder}")[0] == 201
    for name, content in (("song.ini", INI % title.encode()), ("notes.chart", CHART), ("song.ogg", b"OggS")):
        assert at.ask("PUT", f"/dav/Songs/{folder}/{name}", content)[0] == 201


def test_a_write_is_in_listings_answers_and_reads_of_the_other(start: Start, fake: FakeNextcloud) -> None:
    one, other = two(start)
    add_song(one, "X", "First")
    fake.forget()
    wait_until(lambda: other.titles() == ["First"])
    wait_until(lambda: b"song.ogg" in other.ask("PROPFIND", "/dav/Songs/X", Depth="1")[1])
    assert other.ask("GET", "/dav/Songs/X/song.ini") == (200, INI % b"First")
    assert other.ask("GET", "/dav/Songs/X/notes.chart") == (200, CHART)
    assert fake.count() == 0


def test_each_kind_of_change_arrives(start: Start, fake: FakeNextcloud) -> None:
    one, other = two(start)
    add_song(one, "X", "First")
    wait_until(lambda: other.titles() == ["First"])
    song = other.json("GET", "/api/songs")["songs"][0]["id"]
    assert other.ask("MOVE", "/dav/Songs/X", Destination="/dav/Songs/Y")[0] == 201
    wait_until(lambda: [each["path"] for each in one.json("GET", "/api/songs")["songs"]] == ["/Songs/Y"])
    assert one.json("GET", "/api/songs")["songs"][0]["id"] == song
    wait_until(lambda: one.ask("PROPFIND", "/dav/Songs/X", Depth="0")[0] == 404)
    assert one.ask("COPY", "/dav/Songs/Y", Destination="/dav/Songs/Z")[0] == 201
    wait_until(lambda: len(other.titles()) == 2)
    one.json("PUT", f"/api/songs/{song}", {"title": "Second"})
    wait_until(lambda: sorted(other.titles()) == ["First", "Second"])
    assert other.ask("DELETE", "/dav/Songs/Y")[0] == 204
    wait_until(lambda: one.titles() == ["First"])
    with fake.lock:
        fake.tree.delete(["CloneHero", "Songs", "Z"])
    assert one.ask("POST", "/api/library/sync?wait=true")[0] == 200
    wait_until(lambda: other.titles() == [])


def test_writes_at_both_at_once_end_the_same(start: Start, fake: FakeNextcloud) -> None:
    one, other = two(start)
    add_song(one, "X", "First")
    wait_until(lambda: other.titles() == ["First"])
    for number in range(10):
        for each in (one, other):
            each.ask("PUT", "/dav/Songs/X/song.ini", INI % f"{each.port} {number}".encode())
    there = fake.content("CloneHero/Songs/X/song.ini")
    wait_until(lambda: {each.ask("GET", "/dav/Songs/X/song.ini")[1] for each in (one, other)} == {there})


def test_what_was_missed_while_the_redis_was_away_is_read_after_it(
    start: Start, fake: FakeNextcloud, redis_server: RedisServer
) -> None:
    one, other = two(start)
    redis_server.stop()
    fake.put("CloneHero/Songs/X/song.ini", INI % b"First")
    assert one.ask("POST", "/api/library/sync?wait=true")[0] == 200
    assert (one.titles(), other.titles()) == (["First"], [])
    redis_server.start()
    wait_until(lambda: other.titles() == ["First"])
