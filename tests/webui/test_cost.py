"""The cost of pages with a large library: bytes sent, queries, and steps of SQLite's virtual machine."""

import threading
from dataclasses import dataclass, replace

import pytest

from davproxy.model import Entry
from tests.webui.conftest import Site, Start
from tests.webui.songs import add_song

SONGS = 2_000
WORDS = [
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
]
PAGE_BYTES = 88_000
"""Most bytes of a page of 100 songs with short texts: 21 fields, and what players did in a song."""
STEPS_COUNTED = 100
"""SQLite reports its steps in units of this many."""


@dataclass
class Cost:
    """The cost of one request. `steps` are instructions of SQLite's virtual machine."""

    bytes: int
    queries: int
    steps: int


def cost(site: Site, address: str) -> Cost:
    """The cost of a GET of `address`. Inside a transaction, so that it reads through the observed connection."""
    statements: list[str] = []
    ticks: list[None] = []
    with site.index.transaction() as connection:
        connection.set_trace_callback(statements.append)
        connection.set_progress_handler(lambda: ticks.append(None), STEPS_COUNTED)
        answer = site.client.get(address)
        connection.set_progress_handler(None, 0)
        connection.set_trace_callback(None)
    assert answer.status_code == 200, answer.text
    queries = sum(
        not statement.startswith("--") for statement in statements
    )  # the full-text search's own are marked with --
    return Cost(len(answer.data), queries, len(ticks) * STEPS_COUNTED)


def fill(site: Site, count: int) -> None:
    """Give the index `count` songs like a real one."""
    model = add_song(site.library, "Model", diff_guitar="4")
    site.index.songs.put(
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


@pytest.fixture(scope="module")
def large(start_site: Start) -> Site:
    """A site with a large library."""
    site = start_site()
    fill(site, SONGS)
    return site


def test_the_page_is_the_same_for_any_library(large: Site, site: Site) -> None:
    assert cost(large, "/songs") == cost(site, "/songs")
    assert cost(large, "/songs").queries == 0


@pytest.mark.parametrize(
    "query",
    [
        *(f"sort={sort}&order={order}" for sort in ("title", "artist", "added") for order in ("asc", "desc")),
        "sort=year&order=desc",
        "offset=1000",
        "offset=1900",
    ],
)
def test_a_page_of_the_list_reads_little_more_than_its_songs(large: Site, query: str) -> None:
    spent = cost(large, f"/api/songs?{query}")
    assert spent.bytes < PAGE_BYTES
    assert spent.queries == 3, "the count, the ids of the page, and the page"
    assert 0 < spent.steps < 12_000


def test_a_filter_that_leaves_nothing_is_a_count(large: Site) -> None:
    spent = cost(large, "/api/songs?genre=Silver&year=1999")
    assert (spent.queries, spent.bytes < 1000) == (1, True)


@pytest.mark.parametrize("search", ["s", "sil", "Silver", "Silver+Neon", "Silver+3", "Silver+70"])
def test_a_search_takes_few_steps_a_song(large: Site, search: str) -> None:
    spent = cost(large, f"/api/songs?search={search}")
    assert spent.bytes < PAGE_BYTES
    assert spent.queries == 3, "the ids that match, their order, and the page"
    assert 0 < spent.steps < 12 * SONGS


@pytest.mark.parametrize(
    "query", ["search=s&sort=relevance", "search=silver+ne&sort=relevance", "sort=nps", "sort=random"]
)
def test_an_order_that_no_index_has_reads_no_row_that_is_not_shown(large: Site, query: str) -> None:
    spent = cost(large, f"/api/songs?{query}")
    assert spent.queries <= 6, "the count, the page's ids in up to four groups, the page"
    assert 0 < spent.steps < 25 * SONGS, "a row that is read takes hundreds"


def test_facets_are_read_as_one_row(large: Site) -> None:
    assert cost(large, "/api/songs/facets?search=s").queries == 2, "the ids that match, and the columns"


def test_a_search_for_words_that_no_song_has_looks_for_similar_ones(large: Site) -> None:
    spent = cost(large, "/api/songs?search=none+such")
    assert spent.queries <= 6, "two counts, and the words that begin alike and are as long"
    assert 0 < spent.steps < 10 * SONGS


def test_a_folder_of_five_thousand_takes_few_queries(site: Site) -> None:
    folder = site.library.tree.make_folder("/Songs/Many")
    site.index.entries.put(
        [folder, *(Entry(f"/Songs/Many/Song {number}", is_folder=True, etag="x") for number in range(5000))]
    )
    assert len(site.get("/api/webdav/browse?path=/Songs/Many")["entries"]) == 5000
    queries = cost(site, "/api/webdav/browse?path=/Songs/Many").queries
    assert queries <= 4, "the folder, its entries, its songs, and the jobs that say what becomes of them"


def test_pages_are_answered_while_the_index_is_written(large: Site) -> None:
    answered, writing = threading.Event(), threading.Event()
    in_time: list[bool] = []

    def write() -> None:
        with large.index.transaction():
            large.index.entries.put([Entry("/Songs/Written", is_folder=True, etag="x")])
            writing.set()
            in_time.append(answered.wait(60))

    writer = threading.Thread(target=write)
    writer.start()
    assert writing.wait(60)
    assert large.client.get("/songs").status_code == 200
    assert large.get("/api/songs?search=silver")["total"] > 100
    answered.set()
    writer.join()
    assert in_time == [True]
