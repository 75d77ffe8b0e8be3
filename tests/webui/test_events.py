"""The stream of events says what happens to jobs and songs, as it happens."""

import http.client
import json
from collections.abc import Iterator
from typing import Any

from tests.webui.conftest import Site, Start
from tests.webui.songs import add_song


def read(response: http.client.HTTPResponse) -> Iterator[tuple[str, Any]]:
    """Name and data of each event."""
    name = ""
    while True:
        line = response.readline().decode().rstrip("\n")
        if line.startswith("event: "):
            name = line.removeprefix("event: ")
        elif line.startswith("data: "):
            yield name, json.loads(line.removeprefix("data: "))


def follow(site: Site) -> tuple[http.client.HTTPConnection, Iterator[tuple[str, Any]]]:
    connection = http.client.HTTPConnection(site.url.removeprefix("http://"), timeout=60)
    connection.request("GET", "/api/events")
    response = connection.getresponse()
    assert response.status == 200
    assert response.headers["Content-Type"].startswith("text/event-stream")
    events = read(response)
    assert next(events) == ("reload", None)
    return connection, events


def test_a_new_song_and_a_job_are_events(start_site: Start) -> None:
    site = start_site(served=True)
    connection, events = follow(site)
    add_song(site.library, "Feelings")
    name, data = next((name, data) for name, data in events if name == "library" and data["songs"] == 1)
    assert data["state"] == "current"
    site.client.post("/api/library/sync?wait=false")
    states = []
    for name, data in events:
        if name == "job":
            states.append(data["state"])
            if data["final"]:
                break
    assert states[-1] == "done"
    connection.close()
