"""A session that is over: the page asks for the password where it is, and loses nothing."""

import pytest
from playwright.sync_api import Page, expect

from tests.webui.browser.conftest import ARTEFACTS, Open, check, drop, wait_until_idle
from tests.webui.conftest import Site, Start
from tests.webui.songs import add_song, archive


@pytest.fixture(scope="module")
def locked(start_site: Start) -> Site:
    """A site with a password."""
    return start_site(served=True, APP_USERNAME="me", APP_PASSWORD="secret")


def open_signed_in(open_page: Open, locked: Site, path: str) -> Page:
    """The page at `path`, whose session ends once it is there."""
    page = open_page(path, site=locked, allow="status of 401")
    page.get_by_label("User name").fill("me")
    page.get_by_label("Password").fill("secret")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("navigation", name="Pages")).to_be_visible()
    wait_until_idle(page)
    page.context.clear_cookies()
    return page


def sign_in(page: Page, password: str) -> None:
    dialog = page.get_by_role("dialog", name="Sign in again")
    expect(dialog.get_by_label("User name")).to_have_value("me")
    dialog.get_by_label("Password").fill(password)
    dialog.get_by_role("button", name="Sign in").click()


def test_an_edit_is_saved_after_a_sign_in_over_the_page(locked: Site, open_page: Open) -> None:
    song = add_song(locked.library, "Kept Edit")
    page = open_signed_in(open_page, locked, f"/songs/{song.id}/edit")
    page.get_by_label("Genre").fill("Typed")
    page.get_by_role("button", name="Save").click()
    sign_in(page, "wrong")
    expect(page.get_by_text("do not fit")).to_be_visible()
    check(page, "sign in again")
    page.screenshot(path=ARTEFACTS / "sign-in-again-dark-1440.png")
    sign_in(page, "secret")
    expect(page.get_by_text("Saved.")).to_be_visible()
    assert locked.library.songs.get(song.id).genre == "Typed"


def test_an_edit_stays_on_the_page_if_nobody_signs_in(locked: Site, open_page: Open) -> None:
    song = add_song(locked.library, "Not Now")
    page = open_signed_in(open_page, locked, f"/songs/{song.id}/edit")
    page.get_by_label("Genre").fill("Typed")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("dialog").get_by_role("button", name="Cancel").click()
    expect(page.get_by_text("1 change not saved")).to_be_visible()
    expect(page.get_by_label("Genre")).to_have_value("Typed")


def test_an_upload_goes_on_after_a_sign_in_over_the_page(locked: Site, open_page: Open) -> None:
    page = open_signed_in(open_page, locked, "/upload")
    drop(page, "[data-drop]", ("pack.zip", "application/zip", archive("Kept Upload")))
    sign_in(page, "secret")
    expect(page.get_by_role("link", name="Kept Upload")).to_be_visible()
