"""The list of songs: search, sort, select, bulk edit, download, delete, restore."""

from dataclasses import replace
from itertools import count

import pytest
from playwright.sync_api import FilePayload, Route, expect

from tests.waiting import wait_until
from tests.webui.browser.conftest import Open, wait_until_idle
from tests.webui.conftest import Site, Start
from tests.webui.songs import add_song, archive


def test_a_song_is_searched_edited_and_seen_through_webdav(served: Site, open_page: Open) -> None:
    song = add_song(served.library, "Moonlight Drive", artist="Searchable")
    add_song(served.library, "Something Else", artist="Other")
    page = open_page("/songs")
    page.get_by_label("Search").fill("moonli")
    expect(page.get_by_role("status").filter(has_text="1 song found")).to_be_visible()
    assert "search=moonli" in page.url
    page.get_by_role("link", name="Moonlight Drive").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Moonlight Drive")
    page.get_by_role("link", name="Edit").click()
    page.get_by_label("Title").fill("Sunlight Drive")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Sunlight Drive")
    answer = page.request.get(f"{served.url}/dav/Songs/Moonlight%20Drive/song.ini")
    assert "name = Sunlight Drive" in answer.text()
    assert served.library.songs.get(song.id).title == "Sunlight Drive"


def test_the_url_holds_the_view_and_back_works(served: Site, open_page: Open) -> None:
    for number in range(3):
        add_song(served.library, f"Shared {number}", genre="Polka")
    page = open_page("/songs?genre=polka&sort=title&order=desc&layout=list")
    expect(page.locator(".songs.list .song-title").first).to_have_text("Shared 2")
    assert page.locator("#filters").is_visible()
    page.get_by_label("Descending order; change to ascending").click()
    expect(page.locator(".song-title").first).to_have_text("Shared 0")
    page.go_back()
    expect(page.locator(".song-title").first).to_have_text("Shared 2")
    page.reload()
    expect(page.locator(".song-title").first).to_have_text("Shared 2")


def test_going_back_scrolls_to_the_same_song(served: Site, open_page: Open) -> None:
    for number in range(40):
        add_song(served.library, f"Place {number:02}", genre="Places")
    page = open_page("/songs?genre=Places&layout=list")
    expect(page.locator(".song-title").first).to_have_text("Place 00")
    page.evaluate("scrollTo(0, document.body.scrollHeight)")
    last = page.get_by_role("link", name="Place 39")
    expect(last).to_be_visible()
    last.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Place 39")
    page.go_back()
    expect(last).to_be_in_viewport()


def test_going_back_scrolls_to_the_same_song_where_the_songs_come_late(served: Site, open_page: Open) -> None:
    for number in range(40):
        add_song(served.library, f"Late {number:02}", genre="Lates")
    page = open_page("/songs?genre=Lates&layout=list")
    expect(page.locator(".song-title").first).to_have_text("Late 00")
    page.evaluate("scrollTo(0, document.body.scrollHeight)")
    last = page.get_by_role("link", name="Late 39")
    last.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Late 39")
    loads = "performance.getEntriesByType('resource').filter(({ name }) => name.includes('limit=100')).length"
    before = page.evaluate(loads)

    asked = count()

    def outdate(route: Route) -> None:
        """The list is loaded again before its songs are there, which come many frames after the outdated ones."""
        if next(asked) == 0:
            page.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', {persisted: true}))")
        else:
            frame = f"requestAnimationFrame(() => f({loads} > {before} ? n - 1 : n))"
            page.evaluate(f"new Promise((done) => (function f(n) {{ n ? {frame} : done() }})(100))")
        route.continue_()

    page.route("**/api/songs?*limit=100*", outdate)
    page.go_back()
    expect(last).to_be_in_viewport()


def test_nothing_found_can_be_left_with_one_click(served: Site, open_page: Open) -> None:
    add_song(served.library, "Findable")
    page = open_page("/songs?search=zzzz&has_video=true")
    clear = page.get_by_role("button", name="Clear search and filters")
    wait_until_idle(page)
    clear.hover()
    page.mouse.down()
    with page.expect_response("**/api/songs?*"):
        add_song(served.library, "Added during the press")
    wait_until_idle(page)
    page.mouse.up()
    expect(page.locator(".song-title").first).to_be_visible()
    assert "?" not in page.url


def test_search_understands_tokens_and_slips_from_any_page(served: Site, open_page: Open) -> None:
    add_song(served.library, "Midnight Tokens", artist="Tokenist", year="1994", genre="Test Genre")
    add_song(served.library, "Later Tokens", artist="Tokenist", year="2004", genre="Other")
    page = open_page("/browser")
    wait_until_idle(page)
    page.keyboard.press("Control+k")
    box = page.get_by_label("Search")
    expect(box).to_be_focused()
    titles = page.locator(".song-title")
    for search, found in (
        ("artist:tokenist year:1990-1999", ["Midnight Tokens"]),
        ("artist:tokenist -genre:test", ["Later Tokens"]),
        ("midnite tokens", ["Midnight Tokens"]),
    ):
        box.fill(search)
        expect(titles).to_have_text(found)
    page.goto(f"{served.url}/songs?genre=test&year=1990-1999&artist=tokenist")
    expect(titles).to_have_text(["Midnight Tokens"])


def test_a_bulk_edit_shows_the_changes_first(served: Site, open_page: Open) -> None:
    songs = [add_song(served.library, f"Bulk {number}", genre="Bulk") for number in range(3)]
    page = open_page("/songs?genre=Bulk&layout=list")
    page.get_by_label("Select Bulk 0").check()
    asked: list[Route] = []
    page.route("**/api/songs/ids?*", lambda route: asked.append(route))
    with page.expect_request("**/api/songs/ids?*"):
        page.get_by_role("button", name="Select all found").click()
    page.get_by_role("button", name="Edit").click()  # before the ids have arrived
    expect(page.get_by_text("1 selected")).to_be_visible()
    asked.pop().continue_()
    page.get_by_label("Field", exact=True).select_option("genre")
    page.get_by_label("New value").fill("Swing")
    page.get_by_role("button", name="Show the changes").click()
    preview = page.get_by_role("region", name="Changes")
    expect(preview.locator("ins")).to_have_text(["Swing"] * 3)
    assert served.library.songs.get(songs[0].id).genre == "Bulk"
    page.get_by_role("button", name="Change 3 songs").click()
    expect(page.get_by_text("3 songs changed.")).to_be_visible()
    assert {served.library.songs.get(song.id).genre for song in songs} == {"Swing"}


def test_a_bulk_edit_goes_on_when_its_page_is_left_and_is_undone_from_home(served: Site, open_page: Open) -> None:
    songs = [add_song(served.library, f"Left {number:02}", genre="Left") for number in range(30)]
    page = open_page("/songs?genre=Left&layout=list")
    page.get_by_label("Select Left 00").check()
    page.get_by_role("button", name="Select all found").click()
    expect(page.get_by_text("30 selected")).to_be_visible()
    page.get_by_role("button", name="Edit").click()
    page.get_by_label("Remove it").check()
    page.get_by_role("button", name="Show the changes").click()
    with page.expect_response("**/api/songs/bulk?wait=false"):
        page.get_by_role("button", name="Change 30 songs").click()
    page.goto(f"{served.url}/")
    expect(page.get_by_text("30 songs changed.")).to_be_visible()
    assert {served.library.songs.get(song.id).genre for song in songs} == {""}
    page.get_by_role("button", name="Undo Edit 30 songs").click()
    wait_until(lambda: {served.library.songs.get(song.id).genre for song in songs} == {"Left"})
    expect(page.get_by_role("button", name="Undo Edit 30 songs")).to_have_count(0)


def test_shift_selects_a_range_and_the_keyboard_all_or_none(served: Site, open_page: Open) -> None:
    for number in range(6):
        add_song(served.library, f"Range {number}", genre="Ranged")
    page = open_page("/songs?search=genre:Ranged&sort=title&layout=list")
    page.get_by_label("Select Range 1").click()
    wait_until_idle(page)
    page.route("**/api/songs?*", lambda _: None)
    with page.expect_request("**/api/songs?*"):
        add_song(served.library, "Another")  # the list is loaded again, and is on screen meanwhile
    page.get_by_label("Select Range 4").click(modifiers=["Shift"])
    expect(page.get_by_text("4 selected")).to_be_visible()
    page.unroute("**/api/songs?*")
    page.keyboard.press("Escape")
    expect(page.get_by_text("selected")).to_be_hidden()
    page.keyboard.press("Control+a")
    expect(page.get_by_text("6 selected")).to_be_visible()


def add_unloaded_songs(site: Site, name: str, number: int) -> None:
    """Songs of a genre, `number` in all, only one of which has files."""
    model = add_song(site.library, name, genre=name)
    with site.index.transaction():
        site.index.songs.put(
            replace(model, id=model.id * 10_000 + at, path=f"/Songs/{name} songs/{at}", title=f"{name} {at:04}")
            for at in range(1, number)
        )


def test_a_fast_scroll_asks_for_no_songs_that_it_passes_and_all_are_selected_at_once(
    served: Site, open_page: Open
) -> None:
    add_unloaded_songs(served, "Passed", 2_000)
    page = open_page("/songs?search=genre:Passed&sort=title&layout=list")
    expect(page.get_by_label("Select Passed 0001")).to_be_visible()
    wait_until_idle(page)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url.removeprefix(served.url)))
    page.clock.install(time=0)
    page.clock.pause_at(60)
    for part in range(1, 21):
        page.evaluate("part => scrollTo(0, document.body.scrollHeight * part / 20)", part)
        page.evaluate("dispatchEvent(new Event('scroll'))")
        page.clock.run_for(17)  # a frame
    page.clock.resume()
    expect(page.get_by_label("Select Passed 1999")).to_be_visible()
    pages = [url for url in asked if "offset=" in url]
    assert 0 < len(pages) <= 8, "a scroll of a third of a second loads where it is each 80 ms, and where it ends"
    asked.clear()
    page.keyboard.press("Control+a")
    expect(page.get_by_text("2,000 selected")).to_be_visible()
    assert [url.partition("?")[0] for url in asked if "/songs" in url and "/art" not in url] == ["/api/songs/ids"]


def test_shift_selects_songs_that_were_not_loaded_too(served: Site, open_page: Open) -> None:
    add_unloaded_songs(served, "Far", 450)
    page = open_page("/songs?search=genre:Far&sort=title&layout=list")
    page.get_by_label("Select Far 0001").check()
    last = page.locator(".song").last
    before = last.get_attribute("data-at")
    stays = last.element_handle()
    page.evaluate("scrollTo(0, 300)")
    expect(page.locator(".song").last).not_to_have_attribute("data-at", before or "")
    assert stays.evaluate("each => each.isConnected"), "scrolling draws only what comes"
    page.evaluate("scrollTo(0, document.body.scrollHeight)")
    expect(page.get_by_label("Select Far 0449")).to_be_visible()

    def outdate(route: Route) -> None:
        """The list is loaded again while the songs in the middle are."""
        page.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', {persisted: true}))")
        route.continue_()

    page.route("**/api/songs?*offset=200*", outdate, times=1)
    page.get_by_label("Select Far 0449").click(modifiers=["Shift"])
    expect(page.get_by_text("449 selected")).to_be_visible()
    served.index.songs.remove_below("/Songs/Far songs")


def test_deleted_songs_are_restored(served: Site, open_page: Open) -> None:
    songs = [add_song(served.library, f"Gone {number}", genre="Gone") for number in range(2)]
    page = open_page("/songs?genre=Gone&layout=list", allow="status of 503")
    page.get_by_label("Select Gone 0").check()
    page.get_by_label("Select Gone 1").check()
    busy = {"detail": "Busy. Try again."}
    page.route("**/api/songs?search=has*", lambda route: route.fulfill(status=503, json=busy), times=1)
    page.get_by_role("button", name="Delete").click()
    expect(page.get_by_text("Busy. Try again.")).to_be_visible()
    page.get_by_role("button", name="Delete").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(page.get_by_text("2 songs deleted.")).to_be_visible()
    assert not (served.stored / "Songs/Gone 0").exists()
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(".song-title")).to_have_text(["Gone 0", "Gone 1"])
    wait_until(lambda: (served.stored / "Songs/Gone 1/song.ini").exists())
    assert served.library.songs.get(songs[0].id).title == "Gone 0"


def test_selected_songs_are_downloaded(served: Site, open_page: Open) -> None:
    add_song(served.library, "Take Me", genre="Takeaway")
    page = open_page("/songs?genre=Takeaway&layout=list")
    page.get_by_label("Select Take Me").check()
    with page.expect_download() as started:
        page.get_by_role("button", name="Download").click()
    assert started.value.suggested_filename == "Band - Take Me.zip"


@pytest.mark.slow
def test_searches_work_while_a_sync_and_an_import_run(start_site: Start, open_page: Open) -> None:
    site = start_site(served=True)
    for number in range(30):
        add_song(site.library, f"Song {number:03}")
    page = open_page("/songs?layout=list", site=site)
    pack: FilePayload = {
        "name": "pack.zip",
        "mimeType": "application/zip",
        "buffer": archive(*(f"Packed {n}" for n in range(20))),
    }
    sent = page.request.post(f"{site.url}/api/upload?wait=false", multipart={"file": pack}).json()
    jobs = [sent["files"][0]["job"]["id"], page.request.post(f"{site.url}/api/library/sync?wait=false").json()["id"]]
    for number in count():
        page.get_by_label("Search").fill(f"Song {number % 30:03}")
        expect(page.locator(".song-title")).to_have_text([f"Song {number % 30:03}"])
        if number >= 5 and all(site.jobs.get(job).final for job in jobs):
            break
    wait_until(lambda: site.get("/api/songs")["total"] == 50)
