"""The file browser: navigate, upload, rename, move, delete, restore, import."""

import pytest
from playwright.sync_api import Page, Route, expect

from tests.webui.browser.conftest import ARTEFACTS, Open, check, drop
from tests.webui.conftest import Site
from tests.webui.songs import add_song


def test_a_folder_is_created_renamed_moved_deleted_and_restored(served: Site, open_page: Open) -> None:
    page = open_page("/browser")
    page.locator("[data-entries]").get_by_role("link", name="Songs").click()
    expect(page.get_by_role("button", name="New folder")).to_be_enabled()
    page.get_by_role("button", name="New folder").click()
    page.get_by_role("dialog").get_by_label("Name").fill("First")
    page.get_by_role("dialog").get_by_role("button", name="Make").click()
    page.get_by_role("button", name="Rename First").click()
    page.get_by_role("dialog").get_by_label("New name").fill("Second #1?")
    page.get_by_role("dialog").get_by_role("button", name="Rename").click()
    expect(page.get_by_role("link", name="Second #1?")).to_be_visible()
    assert (served.stored / "Songs/Second #1?").is_dir()
    page.get_by_role("button", name="Move Second #1?").click()
    page.get_by_role("dialog").get_by_role("treeitem", name="Backgrounds").click()
    page.get_by_role("dialog").get_by_role("button", name="Move here").click()
    expect(page.get_by_text("Moved to /Backgrounds.")).to_be_visible()
    page.goto(f"{served.url}/browser/Backgrounds")
    page.get_by_role("link", name="Second #1?").click()
    expect(page.get_by_text("This folder is empty.")).to_be_visible()
    drop(page, "[data-browser]", ("stage.png", "image/png", b"picture"))
    expect(page.get_by_role("link", name="stage.png", exact=True)).to_be_visible()
    expect(page.get_by_role("region", name="Uploads").get_by_text("1 of 1 upload done")).to_be_visible()
    page.go_back()
    page.get_by_role("button", name="Delete Second #1?").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(page.get_by_role("link", name="Second #1?")).to_have_count(0)
    assert not (served.stored / "Backgrounds/Second #1?").exists()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("link", name="Second #1?")).to_be_visible()
    assert (served.stored / "Backgrounds/Second #1?/stage.png").read_bytes() == b"picture"


def test_an_upload_asks_before_it_replaces_a_file(served: Site, open_page: Open) -> None:
    served.library.tree.write("/Colors/mine.ini", b"old")
    page = open_page("/browser/Colors")
    expect(page.get_by_text("mine.ini", exact=True)).to_be_visible()
    drop(page, "[data-browser]", ("mine.ini", "text/plain", b"new"))
    page.get_by_role("dialog").get_by_role("button", name="Cancel").click()
    assert served.library.tree.read("/Colors/mine.ini") == b"old"
    drop(page, "[data-browser]", ("mine.ini", "text/plain", b"new"))
    page.get_by_role("dialog").get_by_role("button", name="Replace").click()
    expect(page.get_by_text("Stored as /Colors/mine.ini.")).to_be_visible()
    assert served.library.tree.read("/Colors/mine.ini") == b"new"


def test_songs_changed_on_the_remote_are_imported(served: Site, open_page: Open) -> None:
    song = add_song(served.library, "Beside", folder="Beside")
    (served.stored / "Songs/Beside/song.ini").write_text("[song]\nname = Renamed beside\n")
    page = open_page("/browser/Songs")
    page.get_by_role("button", name="Import").click()
    expect(page.get_by_text("up to date")).to_be_visible()
    assert served.library.songs.get(song.id).title == "Renamed beside"
    page.get_by_role("link", name="Play the song Beside").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Renamed beside")


def test_a_folder_is_imported_before_it_is_listed(served: Site, open_page: Open) -> None:
    add_song(served.library, "Early", folder="Early")
    page = open_page("/browser")
    held: list[Route] = []
    page.route("**/api/webdav/browse?path=%2FSongs", lambda route: held.append(route))
    page.goto(f"{served.url}/browser/Songs")
    page.get_by_role("button", name="Import").click()
    expect(page.get_by_text("up to date")).to_be_visible()
    for route in held:
        route.continue_()


def test_files_are_looked_at_and_downloaded(served: Site, open_page: Open) -> None:
    served.library.tree.write("/Drop/broken.zip.error.txt", b"It is broken: try another.")
    served.library.tree.write("/Drop/page.html", b"<script>alert(1)</script>")
    page = open_page("/browser/Drop")
    page.get_by_role("link", name="broken.zip.error.txt", exact=True).click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("It is broken: try another.")).to_be_visible()
    check(page, "preview")
    dialog.get_by_role("button", name="Close").click()
    page.goto(f"{served.url}/browser")
    page.locator("[data-entries]").get_by_role("link", name="Status", exact=True).click()
    page.get_by_role("link", name="STATUS.txt", exact=True).click()
    expect(dialog.get_by_role("region", name="Content of STATUS.txt")).to_be_visible()
    dialog.get_by_role("button", name="Close").click()
    expect(page.get_by_role("button", name="Delete STATUS.txt")).to_have_count(0)
    page.goto(f"{served.url}/browser/Drop")
    with page.expect_download() as started:
        page.get_by_role("link", name="page.html", exact=True).click()
    assert started.value.suggested_filename == "page.html"
    answer = page.request.get(f"{served.url}/api/webdav/file?path=/Drop/page.html", headers={"Range": "bytes=0-3"})
    assert (answer.status, answer.body()) == (206, b"<scr")
    assert answer.headers["content-disposition"].startswith("attachment")


def test_what_was_deleted_is_restored_on_the_trash_page(served: Site, open_page: Open) -> None:
    song = add_song(served.library, "From the Bin")
    served.library.tree.delete(song.path)
    page = open_page("/browser")
    page.get_by_role("link", name="Trash and history").click()
    check(page, "trash")
    page.screenshot(path=ARTEFACTS / "trash-dark-1440.png")
    page.get_by_role("button", name="Restore From the Bin").click()
    expect(page.get_by_text("Restored /Songs/From the Bin.")).to_be_visible()
    assert served.library.songs.at("/Songs/From the Bin")


def names(page: Page) -> list[str]:
    return [text.strip() for text in page.locator("[data-entries] .entry-name").all_inner_texts()]


def test_entries_are_selected_moved_and_brought_back(served: Site, open_page: Open) -> None:
    tree = served.library.tree
    tree.make_folder("/Highways/many")
    for number in range(1, 8):
        tree.write(f"/Highways/many/part {number}.png", b"x" * number)
    tree.make_folder("/Highways/to/deep")
    page = open_page("/browser/Highways/many")
    page.get_by_label("Select part 2.png").click()
    page.get_by_label("Select part 5.png").click(modifiers=["Shift"])
    bar = page.locator("[data-selection]")
    expect(bar.get_by_text("4 entries selected")).to_be_visible()
    page.keyboard.press("Escape")
    expect(bar).to_be_hidden()
    page.get_by_role("link", name="part 1.png", exact=True).focus()
    page.keyboard.press("Shift+ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Space")
    expect(bar.get_by_text("3 entries selected")).to_be_visible()
    page.keyboard.press("Control+a")
    expect(bar.get_by_text("7 entries selected")).to_be_visible()
    page.get_by_label("Select part 7.png").click()
    bar.get_by_role("button", name="Move").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("Into /Highways/many")).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowRight")
    expect(dialog.get_by_role("treeitem", name="deep")).to_be_visible()
    check(page, "folder chooser")
    page.keyboard.press("ArrowRight")
    expect(dialog.get_by_text("Into /Highways/to/deep")).to_be_visible()
    page.screenshot(path=ARTEFACTS / "folder-chooser-dark-1440.png")
    dialog.get_by_role("button", name="Move here").click()
    expect(page.get_by_text("Moved to /Highways/to/deep.")).to_be_visible()
    expect(page.locator("[data-entries] tr")).to_have_count(1)
    assert len(tree.children("/Highways/to/deep")) == 6
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("[data-entries] tr")).to_have_count(7)
    assert tree.read("/Highways/many/part 3.png") == b"xxx"
    page.get_by_label("Select all entries").click()
    page.keyboard.press("Delete")
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(page.get_by_text("This folder is empty.")).to_be_visible()
    page.get_by_role("button", name="Undo").last.click()
    expect(page.locator("[data-entries] tr")).to_have_count(7)


def test_a_song_is_not_deleted_in_silence_while_scores_cannot_be_read(served: Site, open_page: Open) -> None:
    add_song(served.library, "Played Or Not")
    page = open_page("/browser/Songs", allow="status of 503")
    busy = {"detail": "Busy. Try again."}
    page.route("**/api/songs?search=has*", lambda route: route.fulfill(status=503, json=busy))
    page.get_by_role("button", name="Delete Played Or Not").click()
    expect(page.locator("#toasts").get_by_text("Busy. Try again.")).to_be_visible()
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_a_folder_is_sorted_by_its_columns_and_filtered(served: Site, open_page: Open) -> None:
    served.library.tree.make_folder("/Backgrounds/sorted/Zeta")
    for name, size in (("Song 10.txt", 1), ("Song 2.txt", 30), ("Älter.txt", 5)):
        served.library.tree.write(f"/Backgrounds/sorted/{name}", b"x" * size)
    page = open_page("/browser/Backgrounds/sorted")
    expect(page.locator("[data-entries] tr")).to_have_count(4)
    assert names(page) == ["Zeta", "Älter.txt", "Song 2.txt", "Song 10.txt"]
    page.get_by_role("button", name="Size").click()
    assert names(page) == ["Zeta", "Song 10.txt", "Älter.txt", "Song 2.txt"]
    page.get_by_role("button", name="Size").click()
    expect(page.get_by_role("columnheader", name="Size")).to_have_attribute("aria-sort", "descending")
    assert names(page) == ["Zeta", "Song 2.txt", "Älter.txt", "Song 10.txt"]
    page.get_by_label("Filter this folder").fill("alt txt")
    assert names(page) == ["Älter.txt"]
    expect(page.get_by_text("1 of 4 entries")).to_be_visible()
    page.get_by_label("Filter this folder").fill("nothing")
    expect(page.get_by_text("Nothing here has such a name.")).to_be_visible()
    page.reload()
    expect(page.get_by_role("columnheader", name="Size")).to_have_attribute("aria-sort", "descending")
    page.get_by_role("button", name="Name", exact=True).click()


def test_a_source_that_failed_says_so_and_why(served: Site, open_page: Open) -> None:
    page = open_page("/browser/Drop")
    page.wait_for_load_state("load")
    served.library.tree.write("/Drop/cut.zip", b"no archive at all")
    row = page.get_by_role("row").filter(has=page.get_by_role("link", name="cut.zip", exact=True))
    expect(row.get_by_text("Not imported")).to_be_visible()
    expect(page.get_by_role("link", name="cut.zip.error.txt", exact=True)).to_be_visible()
    page.screenshot(path=ARTEFACTS / "files-failed-dark-1440.png")


@pytest.mark.parametrize("width", [1440, 390, 320])
@pytest.mark.parametrize("theme", ["dark", "light"])
def test_a_selection_is_accessible(served: Site, open_page: Open, theme: str, width: int) -> None:
    add_song(
        served.library, "A Long Name of a Song That Needs Its Room", folder="A Long Name of a Song That Needs Its Room"
    )
    served.library.tree.write("/Songs/notes about it.txt", b"x" * 4000)
    page = open_page("/browser/Songs", theme=theme, width=width)
    page.get_by_label("Select notes about it.txt").click()
    expect(page.locator("[data-selection]")).to_be_visible()
    check(page, "files selected")
    page.screenshot(path=ARTEFACTS / f"files-selected-{theme}-{width}.png")
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_an_answer_that_comes_late_does_not_lead_back(served: Site, open_page: Open) -> None:
    page = open_page("/browser")
    songs = page.locator("[data-entries]").get_by_role("link", name="Songs")
    expect(songs).to_be_visible()
    late: list[Route] = []
    page.route("**/api/webdav/browse?path=%2F", lambda route: late.append(route))
    with page.expect_request("**/api/webdav/browse?path=%2F"):
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    songs.click()
    expect(page).to_have_title("Songs · davproxy")
    with page.expect_response("**/api/webdav/browse?path=%2F") as answered:
        late[0].continue_()
    answered.value.finished()
    page.evaluate("fetch('/api/health').then((answer) => answer.text())")  # so that the page has read the answer
    expect(page).to_have_title("Songs · davproxy")
    expect(page.locator("[data-crumbs]")).to_contain_text("Songs")
