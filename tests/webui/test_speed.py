"""Fifty thousand songs: the page and the search answer in an instant."""

import time
from dataclasses import replace

import pytest

from davproxy.library import Library
from tests.webui.conftest import Site, Start
from tests.webui.songs import add_song, archive

SONGS = 50_000
WORDS = (
    "Electric",
    "Silver",
    "Broken",
    "Neon",
    "Golden",
    "Hollow",
    "Endless",
    "Crimson",
    "Wild",
    "Paper",
    "Static",
    "Café",
)


def fill(library: Library, count: int = SONGS) -> None:
    """Give the index `count` songs like a real one."""
    model = add_song(library, "Model", diff_guitar="4")
    songs = (
        replace(
            model,
            id=1_000_000 + number,
            path=f"/Songs/{WORDS[number % 12]} {number % 700}/Song {number}",
            title=f"{WORDS[number % 11]} {WORDS[number // 11 % 12]} {number}",
            artist=f"{WORDS[number % 12]} {number % 700}",
            album=f"{WORDS[number % 7]} {number % 3000}",
            genre=WORDS[number % 5],
            year=str(1970 + number % 55),
            identity=f"{number:032x}",
        )
        for number in range(count)
    )
    library.index.songs.put(songs)


@pytest.fixture(scope="module")
def large(start_site: Start) -> Site:
    """A site with a large library."""
    site = start_site()
    fill(site.library)
    return site


@pytest.mark.slow
def test_the_page_answers_while_a_sync_and_an_import_run(start_site: Start) -> None:
    site = start_site()
    for number in range(200):
        add_song(site.library, f"Song {number}", art="red")
    jobs = [site.client.post("/api/library/sync").json["id"]]
    pack = archive(*(f"Packed {number}" for number in range(40)))
    head = b'--b\r\nContent-Disposition: form-data; name="file"; filename="pack.zip"\r\n\r\n'
    body = {"data": head + pack + b"\r\n--b--\r\n", "content_type": "multipart/form-data; boundary=b"}
    sent = site.client.post("/api/upload", **body)
    jobs.append(sent.json["files"][0]["job"]["id"])
    slowest, asked = 0.0, 0
    while asked < 20 or not all(site.jobs.get(job).final for job in jobs):
        began = time.perf_counter()
        assert site.client.get("/songs").status_code == 200
        assert site.client.get("/api/songs?search=song").status_code == 200
        slowest, asked = max(slowest, time.perf_counter() - began), asked + 1
    print(f"slowest of {asked} looks: {slowest * 1000:.0f} ms")
    assert slowest < 2.0
    assert site.get("/api/songs")["total"] == 240


@pytest.mark.slow
@pytest.mark.parametrize(
    "addresses",
    [
        pytest.param(["/songs"], id="page"),
        pytest.param([f"/api/songs?search={word[:length]}" for word in WORDS for length in (1, 3, 6)], id="search"),
        pytest.param([f"/api/songs?search={word}%20{number}" for word in WORDS for number in (3, 70)], id="words"),
        pytest.param(
            [
                f"/api/songs?sort={sort}&order={order}"
                for sort in ("title", "artist", "year", "added")
                for order in ("asc", "desc")
            ],
            id="sorted",
        ),
        pytest.param([f"/api/songs?offset={offset}" for offset in range(0, SONGS, 4000)], id="scrolled"),
        pytest.param([f"/api/songs?genre={word}&year=1999" for word in WORDS], id="filtered"),
    ],
)
def test_the_slowest_twentieth_takes_a_tenth_of_a_second(large: Site, addresses: list[str]) -> None:
    asked = addresses * max(1, 40 // len(addresses))
    windows = []
    for _ in range(6):  # other work on the machine may hold up a window, but not every one
        windows.append(p95(large, asked))
        if windows[-1] < 0.1:
            break
    print("p95:", *(f"{each * 1000:.1f} ms" for each in windows))
    assert windows[-1] < 0.1


def p95(site: Site, addresses: list[str]) -> float:
    """Seconds, on the clock on the wall, that all but the slowest twentieth of these requests stay below."""
    times = []
    for address in addresses:
        began = time.perf_counter()
        answer = site.client.get(address)
        times.append(time.perf_counter() - began)
        assert answer.status_code == 200
    return sorted(times)[int(len(times) * 0.95)]
