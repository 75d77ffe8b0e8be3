"""The dashboard: the library in numbers, jobs, problems, and how to mount the library."""

import re

from playwright.sync_api import expect

from tests.webui.browser.conftest import Open, wait_until_idle
from tests.webui.conftest import Site
from tests.webui.songs import add_song


def test_the_library_in_numbers(served: Site, open_page: Open) -> None:
    add_song(served.library, "Whole", art="red")
    add_song(served.library, "Broken")
    served.library.tree.delete("/Songs/Broken/song.wav")
    page = open_page("/")
    expect(page.get_by_text(re.compile(r"\d+ songs by \d+ artists? · local folder"))).to_be_visible()
    page.get_by_role("link", name="a game would refuse").click()
    expect(page.locator(".song-title")).to_have_text(["Broken"])


def test_home_reads_what_it_shows_when_its_stream_begins(served: Site, open_page: Open) -> None:
    """Once. It read jobs three times, and all else twice; a second time is left to a stream that is slow to begin."""
    page = open_page("/robots.txt")  # which asks for nothing itself
    asked: list[str] = []
    assert served.jobs.wait_until_idle(60)
    page.on("request", lambda request: asked.append(request.url.removeprefix(served.url)))
    page.goto(f"{served.url}/")
    expect(page.get_by_text("hours of music")).to_be_visible()
    expect(page.get_by_text("All quiet.").or_(page.locator(".job").first)).to_be_visible()
    wait_until_idle(page)
    assert 1 <= asked.count("/api/jobs") <= 2


def test_a_sync_shows_its_progress_and_result(served: Site, open_page: Open) -> None:
    page = open_page("/")
    expect(page.get_by_text("All quiet.").or_(page.locator(".job").first)).to_be_visible()
    page.get_by_role("button", name="Sync now").click()
    expect(page.get_by_text(re.compile(r"Synced \d+ songs?: \d+ new"))).to_be_visible()
    expect(page.locator(".job.done", has_text="Read the library")).to_be_visible()


def test_what_could_not_be_imported_is_counted_and_tried_again(served: Site, open_page: Open) -> None:
    served.library.tree.write("/Drop/cut.zip", b"no archive at all")
    page = open_page("/")
    expect(page.get_by_role("link", name="in /Drop could not be imported")).to_be_visible()
    page.get_by_role("button", name="Try again: Import cut.zip").click()
    expect(page.locator(".job-title", has_text="Import cut.zip")).to_have_count(2)
    served.library.tree.delete("/Drop/cut.zip")


def test_the_address_is_copied_and_each_system_has_instructions(served: Site, open_page: Open) -> None:
    page = open_page("/")
    expect(page.get_by_label("WebDAV address")).to_have_value(f"{served.url}/dav/")
    page.get_by_role("button", name="Copy").click()
    expect(page.get_by_text("Copied the address.")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == f"{served.url}/dav/"
    page.get_by_role("tab", name="Windows").focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("tabpanel", name="macOS")).to_be_visible()
    page.get_by_role("tab", name="rclone").click()
    expect(page.get_by_text(f"url={served.url}/dav/")).to_be_visible()


def test_the_library_in_plots(served: Site, open_page: Open) -> None:
    for title, year in (("Plot 1", "1990"), ("Plot 2", "1990"), ("Plot 3", "1993")):
        add_song(served.library, title, genre="Plotted", year=year, diff_guitar="6")
    page = open_page("/")
    expect(page.get_by_role("img", name=re.compile("From 1990 to .*; most are of"))).to_be_visible()
    expect(page.get_by_role("img", name=re.compile(r"grew to \d+ songs; \d+ came in"))).to_be_visible()
    page.get_by_label("Instrument").select_option("guitar")
    expect(page.get_by_role("img", name=re.compile("Intensity 6: [3-9]"))).to_be_visible()
    page.get_by_role("link", name="Plotted").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Plotted")
