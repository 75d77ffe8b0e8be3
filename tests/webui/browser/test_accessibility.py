"""Accessibility of every page, on a desk and on the smallest phone: no violation that axe finds, use by keyboard alone,
nothing cut off; and a screenshot of each page."""

import pytest
from playwright.sync_api import Page, expect

from tests.webui import showcase
from tests.webui.browser.conftest import ARTEFACTS, Open, check, wait_until_idle
from tests.webui.conftest import Site, Start

PAGES = {
    "dashboard": "/",
    "songs": "/songs",
    "songs-list": "/songs?layout=list",
    "songs-filters": "/songs?genre=Pop+Rock&has=art,-video",
    "songs-none": "/songs?search=nothing-like-it",
    "artists": "/artists",
    "artist": "/artist?name=Harrow",
    "lists": "/lists",
    "duplicates": "/duplicates",
    "repairs": "/repairs",
    "organiser": "/organiser",
    "scores": "/scores",
    "fill-in": "/fill-in",
    "upload": "/upload",
    "generator": "/generator",
    "browser": "/browser/Songs/Harrow",
    "trash": "/trash",
    "docs": "/api/docs",
    "setup": "/setup",
    "missing": "/nowhere",
}
ZOOMED = 720
"""The width that a desk's 1440 pixels have at 200 %."""
LABELLED = 390
"""The width of a phone that shows a label below each icon of the bar of pages."""
LONG = {"docs"}
"""Pages of some hundred thousand elements, which axe reads once."""
SONG_PAGES = {
    "editor": "/edit",
    "song": "?t=42",
    "song-problems": "/problems",
    "song-files": "/files",
    "song-history": "/history",
}


@pytest.fixture(scope="module")
def filled(served: Site) -> Site:
    """A site with a varied library and something in the trash."""
    showcase.fill(served.library)
    served.library.tree.delete("/Songs/Harrow/Furrow/notes.chart")
    return served


@pytest.mark.parametrize(("theme", "width", "locale"), [("dark", 1440, "en-US"), ("light", 320, "de-DE")])
@pytest.mark.parametrize("name", [*PAGES, *SONG_PAGES])
def test_every_page_is_accessible(
    filled: Site, open_page: Open, name: str, theme: str, width: int, locale: str
) -> None:
    """German words are longer, so that they are what the smallest phone shows."""
    song = filled.library.songs.of("/Songs/June & the Receipts/Fine Print")
    assert song
    path = PAGES.get(name) or f"/songs/{song.id}{SONG_PAGES[name]}"
    page = open_page(path, theme=theme, width=width, locale=locale, allow="status of 404" if name == "missing" else "")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    if name in LONG and width == 320:
        wait_until_idle(page)
    else:
        check(page, name)
    ARTEFACTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=ARTEFACTS / f"{name}-{theme}-{width}.png")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    if width < ZOOMED:
        page.set_viewport_size({"width": LABELLED, "height": 844})
        assert _labels_out_of_place(page) == []
    if width > ZOOMED:
        page.set_viewport_size({"width": ZOOMED, "height": 450})
        assert page.evaluate("document.documentElement.scrollWidth") <= ZOOMED


def _labels_out_of_place(page: Page) -> list[str]:
    """The labels of the bar of pages that are not seen, or begin less than two pixels behind the one before."""
    found: list[str] = page.evaluate(
        """() => {
            const words = [...document.querySelectorAll("[data-pages] span")];
            const box = (word) => word.getBoundingClientRect();
            const touches = (word, at) => at && box(word).left < box(words[at - 1]).right + 2;
            return words.filter((word, at) => box(word).width < 2 || touches(word, at)).map((word) => word.textContent);
        }"""
    )
    return found


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_dialogs_are_accessible(filled: Site, open_page: Open, theme: str) -> None:
    page = open_page("/songs?layout=list", theme=theme)
    page.get_by_label("Select Copper Wire", exact=True).check()
    check(page, "selection")
    page.get_by_role("button", name="Edit").click()
    check(page, "bulk edit")
    page.get_by_label("New value").fill("Jazz")
    page.get_by_role("button", name="Show the changes").click()
    expect(page.get_by_role("region", name="Changes")).to_be_visible()
    check(page, "bulk preview")
    page.screenshot(path=ARTEFACTS / f"bulk-{theme}-1440.png")


@pytest.mark.parametrize(("theme", "width"), [("dark", 1440), ("light", 320)])
def test_the_sign_in_page(start_site: Start, open_page: Open, theme: str, width: int) -> None:
    site = start_site(served=True, APP_USERNAME="me", APP_PASSWORD="secret")
    page = open_page("/songs", site=site, theme=theme, width=width, allow="status of 401")
    check(page, "sign in")
    page.screenshot(path=ARTEFACTS / f"sign-in-{theme}-{width}.png")
    page.keyboard.type("me")
    page.keyboard.press("Tab")
    page.keyboard.type("wrong")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_be_visible()
    check(page, "sign in, wrong")
    page.get_by_label("User name").fill("me")
    page.get_by_label("Password").fill("secret")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Songs")


def test_a_song_is_edited_by_keyboard_alone(filled: Site, open_page: Open) -> None:
    page = open_page("/songs?search=midnight+ferry&layout=list")
    expect(page.locator(".song-title")).to_have_count(1)

    def tab_to(name: str) -> None:
        for _ in range(80):
            page.keyboard.press("Tab")
            label = page.evaluate(
                "(document.activeElement.ariaLabel || document.activeElement.labels?.[0]?.innerText ||"
                " document.activeElement.innerText || '').trim()"
            )
            if label.startswith(name):
                return
        raise AssertionError(f"{name} cannot be reached by keyboard")

    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.innerText") == "Skip to the content"
    page.keyboard.press("Enter")
    tab_to("Midnight Ferry")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Midnight Ferry")
    expect(page.get_by_role("link", name="Edit", exact=True)).to_be_visible()
    tab_to("Edit")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Genre")).to_be_visible()
    tab_to("Genre")
    page.keyboard.press("Control+a")
    page.keyboard.type("Keyboard")
    tab_to("Save")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Saved.")).to_be_visible()
    song = filled.library.songs.of("/Songs/Old Harbour Line/Midnight Ferry")
    assert song
    assert song.genre == "Keyboard"


def test_the_theme_is_remembered(filled: Site, open_page: Open) -> None:
    page = open_page("/")
    page.get_by_role("button", name="Theme: system").click()
    page.goto(f"{filled.url}/songs")
    assert page.evaluate("document.documentElement.dataset.theme") == "light"
