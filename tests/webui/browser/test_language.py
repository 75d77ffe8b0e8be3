"""The pages in the language of the browser, and the choice of another one."""

import pytest
from playwright.sync_api import Page, expect

from tests.webui.browser.conftest import Open, check, wait_until_idle
from tests.webui.conftest import Site

HEADINGS = {"/upload": "Hochladen", "/trash": "Papierkorb und Verlauf", "/browser": "Dateien"}


@pytest.fixture
def german(open_page: Open) -> Page:
    """The upload page in a browser that prefers German."""
    return open_page("/upload", locale="de-DE")


def test_a_german_browser_gets_german(german: Page, served: Site) -> None:
    for path, heading in HEADINGS.items():
        german.goto(served.url + path)
        expect(german.get_by_role("heading", level=1)).to_have_text(heading)
        assert german.evaluate("document.documentElement.lang") == "de"
    expect(german.get_by_role("button", name="Design: auto")).to_be_visible()  # the scripts say
    check(german, "German")


def test_the_choice_lasts_and_german_needs_one_request_more(open_page: Open, served: Site) -> None:
    page = open_page("/upload")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.get_by_label("Language").select_option("Deutsch")
    expect(page.get_by_role("heading", level=1)).to_have_text("Hochladen")
    assert page.url == f"{served.url}/upload"
    page.get_by_role("link", name="Dateien").click()  # without a new document
    expect(page.get_by_role("heading", level=1)).to_have_text("Dateien")
    assert sum("/translations/" in url for url in asked) == 1
    expect(page.get_by_label("Sprache")).to_have_value("de")
    page.get_by_label("Sprache").select_option("System")
    expect(page.get_by_role("heading", level=1)).to_have_text("Files")
    wait_until_idle(page)
    assert sum("/translations/" in url for url in asked) == 1


def test_numbers_and_dates_are_those_of_the_language(german: Page, served: Site) -> None:
    script = german.locator("script[data-turns]").get_attribute("src") or ""
    values = german.evaluate(
        """async (folder) => {
            const { ago, bytes, count, dateTime } = await import(`${folder}/format.js`);
            return [count(12345), bytes(2_500_000), ago(Date.now() / 1000 - 90_000), dateTime(0).slice(0, 8)];
        }""",
        script.rpartition("/")[0],
    )
    assert values == ["12.345", "2,5 MB", "gestern", "1.1.1970"]
