"""The page of the API: search, curl examples, and requests that are tried from it."""

from playwright.sync_api import expect

from tests.webui.browser.conftest import Open
from tests.webui.conftest import Site
from tests.webui.songs import add_song


def test_an_operation_is_found_copied_and_tried(served: Site, open_page: Open) -> None:
    song = add_song(served.library, "Tried")
    page = open_page("/api/docs", allow="404")
    page.get_by_label("Search the operations").fill("one song etag")
    expect(page.get_by_text("operations found")).to_be_visible()
    operation = page.locator("#get-api-songs-\\{song_id\\}")
    expect(page.locator("#get-api-jobs")).to_be_hidden()
    expect(operation.locator("[data-curl]")).to_have_text(f"curl '{served.url}/api/songs/1'")
    operation.get_by_role("button", name="Try it GET /api/songs/{song_id}").click()
    operation.get_by_role("textbox", name="song_id").fill("1")
    operation.get_by_role("button", name="Send").click()
    expect(operation.get_by_role("region", name="Response")).to_contain_text("404")
    operation.get_by_role("textbox", name="song_id").fill(str(song.id))
    operation.get_by_role("button", name="Send").click()
    expect(operation.get_by_role("region", name="Response")).to_contain_text('"title": "Tried"')
    operation.get_by_role("button", name="Copy the command").click()
    expect(page.get_by_text("Copied the command.")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == f"curl '{served.url}/api/songs/{song.id}'"


def test_an_example_has_the_body_that_is_required(served: Site, open_page: Open) -> None:
    page = open_page("/api/docs")
    command = page.locator("#post-api-webdav-restore [data-curl]")
    expect(command).to_have_text(
        f"curl -X POST -H 'Content-Type: application/json' -d '{{ \"key\": \"…\" }}' '{served.url}/api/webdav/restore'"
    )
    expect(page.locator("#post-api-upload [data-curl]")).to_contain_text("-F file=@FILE")
    expect(page.locator("#post-api-upload [data-try]")).to_be_hidden()
