"""The pages on a phone: nothing jumps, and a long page has ways through it."""

import pytest
from playwright.sync_api import Page, Route, expect

from tests.webui import showcase
from tests.webui.browser.conftest import Open, wait_until_idle
from tests.webui.conftest import Site
from tests.webui.songs import add_song


@pytest.fixture(scope="module")
def song(served: Site) -> int:
    """The id of a song, in a site with a varied library."""
    showcase.fill(served.library)
    found = served.library.songs.of("/Songs/June & the Receipts/Fine Print")
    assert found
    return found.id


def test_a_selection_moves_no_song(song: int, open_page: Open) -> None:
    page = open_page("/songs?layout=list", width=390)
    before = _top(page, ".songs")
    page.get_by_label("Select Copper Wire", exact=True).check()
    expect(page.locator(".selection-bar")).to_be_visible()
    assert _top(page, ".songs") == before


def test_the_edit_of_many_shows_its_field_and_value(song: int, open_page: Open) -> None:
    page = open_page("/songs?layout=list", width=390)
    page.get_by_label("Select Copper Wire", exact=True).check()
    page.get_by_role("button", name="Edit").click()
    for control in (page.get_by_label("Field", exact=True), page.get_by_label("New value")):
        expect(control).to_be_visible()
        assert control.evaluate("each => each.getBoundingClientRect().width") > 200


def test_the_editor_leads_to_its_parts_and_says_what_is_unsaved_in_a_line(song: int, open_page: Open) -> None:
    page = open_page(f"/songs/{song}/edit", width=390)
    expect(page.get_by_label("Genre")).to_be_visible()
    page.get_by_role("navigation", name="Parts of this page").get_by_role("link", name="Other keys").click()
    expect(page.locator("#fields-other")).to_be_in_viewport()
    page.get_by_label("Genre").fill("Other")
    words = page.get_by_text("1 change not saved")
    expect(words).to_be_visible()
    assert words.evaluate("each => each.getBoundingClientRect().height") < 30


def test_a_word_of_many_letters_makes_no_page_wider(served: Site, open_page: Open) -> None:
    word = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft"
    song = add_song(served.library, word, artist=word, album=word, genre=word, charter=word)
    page = open_page("/upload", width=320)
    tabs = [f"/songs/{song.id}{tab}" for tab in ("", "/edit", "/problems", "/files", "/history")]
    for path in (*tabs, "/setup", "/songs?search=donau", f"/artist?name={word}", "/browser/Songs"):
        page.goto(served.url + path)
        wait_until_idle(page)
        assert page.evaluate("document.documentElement.scrollWidth") == 320, path


@pytest.mark.parametrize("path", ["/browser", "/trash", "/repairs", "/songs/{song}", "/songs/{song}/edit"])
def test_nothing_moves_when_what_a_page_asked_for_arrives(served: Site, song: int, open_page: Open, path: str) -> None:
    for width in (390, 1440):
        assert _moved(open_page("/upload", width=width), served.url + path.format(song=song)) < 0.03


def test_a_page_says_what_it_cannot_show_and_shows_the_rest(served: Site, song: int, open_page: Open) -> None:
    page = open_page("/upload", allow="status of 502")
    for path, request in (
        ("/repairs", "repairs"), ("/browser", "webdav/browse?*"), ("/trash", "webdav/trash"),
        (f"/songs/{song}", f"songs/{song}"),
    ):  # fmt: skip
        page.route(f"**/api/{request}", lambda route: route.fulfill(status=502, json={"detail": "Away."}))
        page.goto(served.url + path)
        expect(page.locator("main").get_by_role("alert")).to_be_visible()
    held: list[Route] = []
    page.route("**/api/webdav/trash", lambda route: held.append(route))
    page.goto(f"{served.url}/trash")
    expect(page.get_by_text("Nothing yet. Edits and deletions")).to_be_visible()
    assert held


def _moved(page: Page, address: str) -> float:
    """How much moves once a page that is seen gets the answers of the API, which are held until then."""
    held: list[Route] = []
    seen: list[bool] = []
    page.route("**/api/**", lambda route: route.continue_() if seen else held.append(route))
    page.goto(address)
    page.evaluate("new Promise((seen) => requestAnimationFrame(() => requestAnimationFrame(seen)))")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert held
    seen.append(True)
    for route in held:
        route.continue_()
    wait_until_idle(page)
    return float(page.evaluate(SHIFTS))


SHIFTS = """new Promise((told) => new PerformanceObserver((list) => told(list.getEntries().reduce(
    (sum, each) => sum + each.value, 0
))).observe({type: "layout-shift", buffered: true}) || setTimeout(told, 100, 0))"""
"""What Chromium counts as moved, as a share of the window; nothing at all is told by the lack of an entry."""


def _top(page: Page, selector: str) -> float:
    return float(page.locator(selector).evaluate("each => each.getBoundingClientRect().top"))
