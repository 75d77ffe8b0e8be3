"""What survives a change of the page: uploads in their tray, and the song that plays."""

import re
from pathlib import Path

from playwright.sync_api import Dialog, Request, Route, expect

from tests.webui.browser.conftest import ARTEFACTS, Open, check, drop, wait_until_idle
from tests.webui.conftest import Site
from tests.webui.songs import add_song, archive, picture


def test_an_upload_goes_on_while_pages_change(served: Site, open_page: Open) -> None:
    page = open_page("/upload")
    wait_until_idle(page)
    held: list[Route] = []
    page.route("**/api/upload*", lambda route: held.append(route))
    drop(page, "[data-drop]", ("pack.zip", "application/zip", archive("Travelling")))
    expect(page.locator(".upload.busy")).to_have_count(1)
    page.get_by_role("navigation", name="Pages").get_by_role("link", name="Songs").click()
    expect(page.get_by_role("heading", name="Songs", level=1)).to_be_visible()
    tray = page.get_by_role("region", name="Uploads")
    expect(tray.get_by_text("0 of 1 upload done")).to_be_visible()
    page.screenshot(path=ARTEFACTS / "tray-dark-1440.png")
    held.pop().continue_()
    expect(tray.get_by_text("1 song added.")).to_be_visible()
    check(page, "tray")
    expect(page.locator(".song-title", has_text="Travelling")).to_be_visible()
    tray.get_by_role("link", name="Travelling").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Travelling")
    page.go_back()
    expect(page.get_by_role("heading", name="Songs", level=1)).to_be_visible()
    expect(page.locator(".song-title", has_text="Travelling")).to_be_visible()
    page.get_by_role("button", name="Clear the list").click()
    expect(tray).to_be_hidden()


def test_closing_the_page_while_files_are_sent_asks_first(served: Site, open_page: Open) -> None:
    page = open_page("/upload")
    wait_until_idle(page)
    page.route("**/api/upload*", lambda route: None)
    drop(page, "[data-drop]", ("pack.zip", "application/zip", archive("Never")))
    expect(page.get_by_role("button", name="Stop pack.zip")).to_be_visible()
    asked: list[str] = []

    def leave(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.accept()

    page.once("dialog", leave)
    page.reload()
    assert asked == ["beforeunload"]


def test_uploads_are_paused_and_go_on(served: Site, open_page: Open) -> None:
    page = open_page("/upload")
    wait_until_idle(page)
    page.route("**/api/upload*", lambda route: None, times=1)
    drop(page, "[data-drop]", ("pack.zip", "application/zip", archive("Paused", "Paused too")))
    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_text("0 of 1 upload done · paused")).to_be_visible()
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_text("2 songs added.")).to_be_visible()


def test_a_folder_that_is_uploaded_in_files_goes_on_after_what_is_stored(
    served: Site, open_page: Open, tmp_path: Path
) -> None:
    folder = tmp_path / "Stages"
    folder.mkdir()
    for name in ("one", "two", "three"):
        (folder / f"{name}.png").write_bytes(name.encode())
    page = open_page("/browser/Backgrounds")
    wait_until_idle(page)
    asked: list[Request] = []
    routed: list[Route] = []

    def hold_second(route: Route) -> None:
        routed.append(route)
        if len(routed) != 2:
            route.continue_()

    def is_second(request: Request) -> bool:
        asked.extend([request] if "/api/webdav/upload" in request.url else [])
        return len(asked) == 2

    page.route("**/api/webdav/upload?*", hold_second)
    page.locator("[data-files]").evaluate("input => { input.webkitdirectory = true; }")  # dropping one needs a person
    with page.expect_request(is_second):
        page.locator("[data-files]").set_input_files(folder)
    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_text("0 of 1 upload done · paused")).to_be_visible()
    page.get_by_role("button", name="Go on").click()
    expect(page.locator(".upload.done")).to_contain_text("Stored.")
    stored = {entry.path for entry in served.library.tree.children("/Backgrounds/Stages")}
    assert stored == {f"/Backgrounds/Stages/{name}.png" for name in ("one", "two", "three")}
    assert len(routed) == 4


def test_a_file_whose_answer_is_lost_is_asked_about_and_replaced(served: Site, open_page: Open) -> None:
    page = open_page("/browser/Colors", allow="Failed to load resource")
    wait_until_idle(page)

    def lose_answer(route: Route) -> None:
        route.fetch()
        route.abort("connectionreset")

    page.route("**/api/webdav/upload?*", lose_answer, times=1)
    drop(page, "[data-browser]", ("lost.ini", "text/plain", b"all of it"))
    page.get_by_role("button", name="Try again").click()
    dialog = page.get_by_role("dialog", name="“lost.ini” is there already")
    dialog.get_by_role("button", name="Replace").click()
    expect(page.get_by_text("Stored as /Colors/lost.ini.")).to_be_visible()
    assert served.library.tree.read("/Colors/lost.ini") == b"all of it"


def test_an_import_that_failed_is_tried_again_with_what_is_stored(served: Site, open_page: Open) -> None:
    page = open_page("/browser/Drop")
    wait_until_idle(page)
    drop(page, "[data-browser]", ("torn.zip", "application/zip", b"PK\x03\x04 cut off"))
    again = page.get_by_role("region", name="Uploads").get_by_role("button", name="Try again")
    with page.expect_request("**/api/webdav/import?*") as imported:
        again.click()
    assert imported.value.post_data_json == {"path": "/Drop/torn.zip"}
    expect(again).to_be_visible()


LARGE = "const file = new File([new Uint8Array(18 * 1024 * 1024).fill(7)], 'long.mp4', { lastModified: 1 });"
DROP_LARGE = f"""(selector) => {{
    {LARGE}
    const dataTransfer = new DataTransfer();
    dataTransfer.items.add(file);
    document.querySelector(selector).dispatchEvent(new DragEvent("drop", {{ dataTransfer, bubbles: true }}));
}}"""


def test_a_large_file_goes_on_after_a_lost_connection_and_a_reload(served: Site, open_page: Open) -> None:
    page = open_page("/upload", allow="Failed to load resource")
    wait_until_idle(page)
    page.get_by_label("Backgrounds").check()
    parts: list[str] = []
    page.route("**/api/uploads/*?offset=8388608", lambda route: route.abort("connectionreset"), times=1)
    page.on("request", lambda request: parts.append(request.url) if "offset=" in request.url else None)
    page.route("**/api/uploads/*?offset=16777216", lambda route: route.abort("connectionreset"))
    with page.expect_request("**/api/uploads/*?offset=16777216"):
        page.evaluate(DROP_LARGE, "[data-drop]")
    expect(page.get_by_text("the server is away; it goes on by itself")).to_be_visible()
    assert [url.rpartition("=")[2] for url in parts[:3]] == ["0", "8388608", "8388608"]
    page.once("dialog", lambda dialog: dialog.accept())
    page.reload()
    page.unroute("**/api/uploads/*?offset=16777216")
    wait_until_idle(page)
    page.get_by_label("Backgrounds").check()
    parts.clear()
    page.evaluate(DROP_LARGE, "[data-drop]")
    expect(page.get_by_text("Stored as /Backgrounds/long.mp4.")).to_be_visible()
    assert [url.rpartition("=")[2] for url in parts] == ["16777216"]
    assert served.library.tree.stat("/Backgrounds/long.mp4").size == 18 * 1024 * 1024


def test_a_large_file_whose_last_answer_is_lost_is_not_sent_again(served: Site, open_page: Open) -> None:
    page = open_page("/upload", allow="Failed to load resource")
    wait_until_idle(page)
    page.get_by_label("Highways").check()
    parts: list[str] = []
    page.on("request", lambda request: parts.append(request.url) if "offset=" in request.url else None)

    def lose_answer(route: Route) -> None:
        route.fetch()
        route.abort("connectionreset")

    page.route("**/api/uploads/*?offset=16777216", lose_answer)
    page.evaluate(DROP_LARGE, "[data-drop]")
    expect(page.get_by_text("Stored as /Highways/long.mp4.")).to_be_visible()
    assert [url.rpartition("=")[2] for url in parts] == ["0", "8388608", "16777216"]


def test_a_large_file_goes_whole_where_its_parts_are_not_found(served: Site, open_page: Open) -> None:
    page = open_page("/upload", allow="Failed to load resource")
    wait_until_idle(page)
    page.get_by_label("Highways").check()
    page.route("**/api/uploads/*", lambda route: route.fulfill(status=404, json={"detail": "elsewhere"}))
    with page.expect_request("**/api/upload?**"):
        page.evaluate(DROP_LARGE, "[data-drop]")
    expect(page.get_by_text("Stored as /Highways/long.mp4.")).to_be_visible()


def test_a_large_file_that_is_stopped_is_dropped_by_the_server(served: Site, open_page: Open) -> None:
    page = open_page("/upload")
    wait_until_idle(page)
    page.get_by_label("Backgrounds").check()
    page.route("**/api/uploads/*?offset=8388608", lambda route: None)
    with page.expect_request("**/api/uploads/*?offset=8388608"):
        page.evaluate(DROP_LARGE, "[data-drop]")
    assert "/Backgrounds/long.mp4" in served.library.partial_uploads.paths()
    with page.expect_response(lambda response: response.request.method == "DELETE"):
        page.get_by_role("button", name="Stop long.mp4").click()
    assert "/Backgrounds/long.mp4" not in served.library.partial_uploads.paths()
    expect(page.get_by_text("Stopped.")).to_be_visible()


def test_every_row_of_many_uploads_ends(served: Site, open_page: Open) -> None:
    page = open_page("/")
    wait_until_idle(page)
    files = [(f"stage {number}.png", "image/png", picture()) for number in range(150)]
    drop(page, "main", *files)
    page.get_by_role("dialog").get_by_role("button", name="Backgrounds").click()
    expect(page.get_by_text("150 of 150 uploads done")).to_be_visible(timeout=120_000)
    expect(page.locator(".upload.done")).to_have_count(150)
    assert len(served.library.tree.children("/Backgrounds")) >= 150


def test_a_card_plays_in_a_bar_that_stays(served: Site, open_page: Open) -> None:
    add_song(served.library, "Bar Song", preview_start_time="1000", song_length="3000")
    page = open_page("/songs?search=Bar+Song")
    page.get_by_role("button", name="Play Bar Song").click()
    bar = page.get_by_role("region", name="Now playing")
    expect(bar.get_by_text(re.compile("0:0[1-3] / 0:03"))).to_be_visible()
    check(page, "player bar")
    page.screenshot(path=ARTEFACTS / "player-bar-dark-1440.png")
    page.get_by_role("navigation", name="Pages").get_by_role("link", name="Files").click()
    expect(page.get_by_role("heading", name="Files", level=1)).to_be_visible()
    expect(bar.get_by_role("link", name="Bar Song")).to_be_visible()
    bar.get_by_role("button", name="Close the player").click()
    expect(bar).to_have_count(0)


def test_every_page_of_the_rail_is_reached_without_a_new_document(served: Site, open_page: Open) -> None:
    page = open_page("/")
    wait_until_idle(page)
    page.evaluate("window.sameDocument = true")
    rail = page.get_by_role("navigation", name="Pages")
    for name in rail.get_by_role("link").all_inner_texts():
        rail.get_by_role("link", name=name, exact=True).click()
        expect(rail.get_by_role("link", name=name, exact=True)).to_have_attribute("aria-current", "page")
        wait_until_idle(page)
    assert page.evaluate("window.sameDocument")
