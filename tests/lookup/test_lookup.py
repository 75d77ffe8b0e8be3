"""The client, and the servers that it asks, against fakes with their shapes."""

from collections.abc import Iterator

import httpx
import pytest

from davproxy import __version__
from davproxy.errors import BadInput, Unavailable
from davproxy.lookup.client import SECONDS_BETWEEN, Client
from davproxy.lookup.cover_art import CoverArt
from davproxy.lookup.lrclib import Lrclib
from davproxy.lookup.musicbrainz import MusicBrainz, Release
from tests.fakes.lookup import FakeServers, Track

LYRICS = "[00:11.50] One\n[00:15.00] Two"
ONE = Track("The Band", "One", "First", "1991-09-24", 3, 200_000, {"grunge": 2, "rock": 9}, b"JPEG", LYRICS)


class Clock:
    """A clock that a pause turns forward."""

    def __init__(self) -> None:
        self.now = 100.0
        self.pauses: list[float] = []

    def read(self) -> float:
        return self.now

    def pause(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.now += seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def servers() -> FakeServers:
    return FakeServers(ONE)


@pytest.fixture
def client(servers: FakeServers, clock: Clock) -> Iterator[Client]:
    client = Client(servers, clock.read, clock.pause)
    yield client
    client.close()


def test_a_recording_has_its_release_track_and_genres(client: Client) -> None:
    (found,) = MusicBrainz(client).recordings("The Band", "One")
    assert (found.title, found.artists, found.length) == ("One", ("The Band",), 200_000)
    assert found.genres == ("rock", "grunge")
    assert found.releases == (Release(ONE.release, "First", "1991-09-24", "3", is_album=True),)
    assert MusicBrainz(client).recordings('A "quoted" \\ name', "Two") == []


def test_a_cover_is_fetched_from_the_archive(client: Client) -> None:
    covers = CoverArt(client)
    address = covers.front(ONE.release)
    assert address == f"https://coverartarchive.org/release/{ONE.release}/829521842-500.jpg"
    assert covers.picture(address) == b"JPEG"
    assert covers.front("00000000-0000-0000-0000-000000000000") == ""
    for elsewhere in ("https://example.org/x.jpg", "http://coverartarchive.org/x.jpg", "https://notarchive.org/x"):
        with pytest.raises(BadInput):
            covers.picture(elsewhere)


def test_lyrics_have_times(client: Client, servers: FakeServers) -> None:
    lyrics = Lrclib(client).lyrics("The Band", "One", "First", 200)
    assert lyrics == LYRICS
    assert dict(servers.requests[-1].url.params) == {
        "artist_name": "The Band", "track_name": "One", "album_name": "First", "duration": "200",
    }  # fmt: skip
    assert Lrclib(client).lyrics("The Band", "Two", "", 0) == ""


def test_one_request_a_second_is_sent_under_our_name(client: Client, servers: FakeServers, clock: Clock) -> None:
    for _ in range(3):
        MusicBrainz(client).recordings("The Band", "One")
    assert clock.pauses == pytest.approx([SECONDS_BETWEEN] * 2)
    assert all(f"davproxy/{__version__}" in request.headers["User-Agent"] for request in servers.requests)


def test_a_busy_server_is_asked_again_when_it_says(client: Client, servers: FakeServers, clock: Clock) -> None:
    servers.failures["musicbrainz.org"] = [503, 429]
    assert MusicBrainz(client).recordings("The Band", "One")
    assert clock.pauses == [2, 2]
    servers.failures["musicbrainz.org"] = [503] * 3
    with pytest.raises(Unavailable, match="musicbrainz"):
        MusicBrainz(client).recordings("The Band", "One")


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(200, text="<html>"),
        httpx.Response(200, json=[1]),
        httpx.Response(200, json={"recordings": [{"title": 1, "length": "x"}], "images": 7}),
        httpx.Response(200, json={"recordings": 3, "images": [None, 2]}),
        httpx.Response(500),
        httpx.Response(200, content=bytes(21 << 20)),
    ],
    ids=["html", "a list", "other values", "other kinds", "500", "too large"],
)
def test_what_is_no_answer_is_said(answer: httpx.Response, clock: Clock) -> None:
    client = Client(httpx.MockTransport(lambda _: answer), clock.read, clock.pause)
    with pytest.raises(Unavailable):
        MusicBrainz(client).recordings("A", "B")
    with pytest.raises(Unavailable):
        CoverArt(client).front("x")
    client.close()
