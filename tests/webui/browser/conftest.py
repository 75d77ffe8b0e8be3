"""Chromium, which reports each error of a page and each request to another host."""

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from ctypes.util import find_library
from pathlib import Path
from weakref import WeakKeyDictionary

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, expect, sync_playwright

from tests.waiting import SECONDS
from tests.webui.conftest import Site, Start

ARTEFACTS = Path(__file__).parents[3] / "artefacts" / "pages"
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--autoplay-policy=no-user-gesture-required",
]  # fmt: skip

PATIENCE = SECONDS * 1000
"""Milliseconds to wait for what a page does: playwright's own five seconds are too few on a busy machine."""
expect.set_options(timeout=PATIENCE)

Open = Callable[..., Page]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests of this folder as slow."""
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker("slow")


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The browser, started once for all tests."""
    # The shell draws no window of its own around each page, which costs as much as the page.
    program = os.environ.get("CHROMIUM") or shutil.which("chromium-headless-shell") or shutil.which("chromium")
    if not program:
        pytest.skip("chromium is missing: apt install chromium-headless-shell")
    if sys.platform == "linux" and not find_library("atomic"):
        pytest.skip("playwright's driver needs libatomic1: apt install libatomic1")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def served(start_site: Start) -> Site:
    """A site with both doors on one address, without a password."""
    return start_site(served=True)


@pytest.fixture
def open_page(chromium: Browser, served: Site) -> Iterator[Open]:
    """A function that opens pages. Fails at the end if a page had an error or requested another host."""
    errors: list[str] = []
    contexts = []

    def open_page(
        path: str,
        *,
        width: int = 1440,
        theme: str = "dark",
        site: Site = served,
        allow: str = "",
        locale: str = "en-US",
    ) -> Page:
        height = 844 if width < 500 else 900
        context = chromium.new_context(
            viewport={"width": width, "height": height},
            color_scheme="light" if theme == "light" else "dark",
            reduced_motion="reduce",
            locale=locale,
            permissions=["clipboard-read", "clipboard-write"],
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(PATIENCE)

        def on_console(message: ConsoleMessage) -> None:
            if message.type in ("error", "warning") and not (allow and allow in message.text):
                errors.append(f"{message.type} at {page.url}: {message.text}")

        def on_request(request: Request) -> None:
            if not request.url.startswith((site.url, "blob:", "data:")):
                errors.append(f"{page.url} asked {request.url}")

        page.on("console", on_console)
        page.on("pageerror", lambda error: errors.append(f"{page.url}: {error}"))
        page.on("request", on_request)
        _count_requests(page)
        page.goto(site.url + path)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert errors == []


_pending: WeakKeyDictionary[Page, set[Request]] = WeakKeyDictionary()
"""The requests of each page that are not answered yet, but for the stream of events, which has no end."""


def _count_requests(page: Page) -> None:
    pending = _pending[page] = set()
    page.on("request", lambda request: None if request.url.endswith("/api/events") else pending.add(request))
    page.on("requestfinished", lambda request: pending.discard(request))
    page.on("requestfailed", lambda request: pending.discard(request))


def wait_until_idle(page: Page) -> None:
    """Wait until the page has loaded, and all that it asked for is there."""
    page.wait_for_load_state("load")
    quiet = 0
    while quiet < 5:
        page.wait_for_timeout(50)  # handles the page's events meanwhile
        quiet = 0 if _pending[page] else quiet + 1


def drop(page: Page, zone: str, *files: tuple[str, str, bytes]) -> None:
    """Drop files (name, type, content) on the element `zone`."""
    transfer = page.evaluate_handle(
        """(files) => {
            const transfer = new DataTransfer();
            for (const [name, type, bytes] of files) {
                transfer.items.add(new File([new Uint8Array(bytes)], name, {type}));
            }
            return transfer;
        }""",
        [[name, kind, list(content)] for name, kind, content in files],
    )
    for event in ("dragenter", "dragover", "drop"):
        page.dispatch_event(zone, event, {"dataTransfer": transfer})


def check(page: Page, name: str) -> None:
    """Fail if axe finds a violation in the page."""
    wait_until_idle(page)  # axe checks what is shown now
    found = Axe().run(page).response["violations"]
    assert [f"{name}: {each['id']} at {each['nodes'][0]['html']}" for each in found] == []
