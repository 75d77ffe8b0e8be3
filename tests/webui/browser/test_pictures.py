"""The pictures of the documents, which `make pictures` copies into docs/pictures."""

import re

from playwright.sync_api import expect

from tests.webui import showcase
from tests.webui.browser.conftest import ARTEFACTS, Open, wait_until_idle
from tests.webui.browser.test_upload import colours_on
from tests.webui.conftest import Site

FOLDER = ARTEFACTS.parent / "pictures"


def test_the_documents_show_the_highway_the_songs_and_the_first_page(served: Site, open_page: Open) -> None:
    showcase.fill(served.library)
    song = served.library.songs.of("/Songs/June & the Receipts/Fine Print")
    assert song
    page = open_page(f"/songs/{song.id}?t=40")
    page.get_by_role("button", name="Play the song with its notes").click()
    expect(page.locator(".player-time")).to_have_text(re.compile("0:4[2-9]"))
    page.screenshot(path=FOLDER / "song.png")
    page.keyboard.press(" ")
    for name, path in {"songs": "/songs", "dashboard": "/"}.items():
        page.goto(served.url + path)
        wait_until_idle(page)
        picture = page.screenshot(path=FOLDER / f"{name}.png")
        assert colours_on(picture) > 100
