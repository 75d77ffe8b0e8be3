"""The pages on a phone: nothing jumps, and a long page has ways through it."""

import pytest
from playwright.sync_api import Page, expect

from tests.webui import showcase
from tests.webui.browser.conftest import Open
from tests.webui.conftest import Site


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


def test_the_editor_leads_to_its_parts_and_says_what_is_unsaved_in_a_line(song: int, open_page: Open) -> None:
    page = open_page(f"/songs/{song}/edit", width=390)
    expect(page.get_by_label("Genre")).to_be_visible()
    page.get_by_role("navigation", name="Parts of this page").get_by_role("link", name="Other keys").click()
    expect(page.locator("#fields-other")).to_be_in_viewport()
    page.get_by_label("Genre").fill("Other")
    words = page.get_by_text("1 change not saved")
    expect(words).to_be_visible()
    assert words.evaluate("each => each.getBoundingClientRect().height") < 30


def _top(page: Page, selector: str) -> float:
    return float(page.locator(selector).evaluate("each => each.getBoundingClientRect().top"))
