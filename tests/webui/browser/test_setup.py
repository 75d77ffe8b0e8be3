"""The page that connects a Nextcloud, from the dashboard's link to the restart."""

import re

from playwright.sync_api import expect

from davproxy.settings import Settings
from tests.fakes.nextcloud import FakeNextcloud
from tests.webui.browser.conftest import ARTEFACTS, Open, check
from tests.webui.conftest import Start


def test_signing_in_through_the_browser(start_site: Start, open_page: Open) -> None:
    site = start_site(served=True)
    with FakeNextcloud() as fake:
        page = open_page("/", site=site, width=390)
        page.get_by_role("link", name="Connect a Nextcloud").click()
        page.get_by_label("Address").fill(fake.url)
        page.get_by_role("button", name="Sign in through the browser").click()
        link = page.get_by_role("link", name="Open the Nextcloud")
        expect(link).to_have_attribute("href", re.compile(f"^{re.escape(fake.url)}/login/v2/flow/"))
        check(page, "setup, waiting")
        fake.grant()
        expect(page.get_by_role("heading", name="Restart davproxy to use it")).to_be_visible()
        expect(page.get_by_text("The library is on: Nextcloud 32")).to_be_visible()
        check(page, "setup, done")
        ARTEFACTS.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=ARTEFACTS / "setup-done-dark-390.png")
        page.reload()
        expect(page.get_by_role("heading", name="Restart davproxy to use it")).to_be_visible()
        assert Settings.read({}, site.dotenv).nextcloud_password == fake.password


def test_a_wrong_app_password(start_site: Start, open_page: Open) -> None:
    site = start_site(served=True)
    with FakeNextcloud() as fake:
        page = open_page("/setup", site=site, allow="status of 422")
        page.get_by_label("Address").fill(fake.url)
        page.get_by_text("Or type an app password").click()
        page.get_by_label("User name").fill(fake.user)
        page.get_by_label("App password", exact=True).fill("wrong")
        page.keyboard.press("Enter")
        expect(page.get_by_role("alert")).to_contain_text("refuses the user name or the app password")
        expect(page.get_by_label("Address")).to_have_value(fake.url)
        ARTEFACTS.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=ARTEFACTS / "setup-wrong-dark-1440.png")
