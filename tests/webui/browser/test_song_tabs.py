"""The tabs of a song beside its highway, and the way to the songs before and after it in the list."""

import re

from playwright.sync_api import Route, expect

from tests.waiting import wait_until
from tests.webui.browser.conftest import ARTEFACTS, Open, check, wait_until_idle
from tests.webui.conftest import Site
from tests.webui.songs import add_song, chart


def test_a_song_leads_to_its_neighbours_in_the_list(served: Site, open_page: Open) -> None:
    for title in ("Delta", "Alpha", "Charlie", "Bravo"):
        add_song(served.library, title, genre="Neighbours")
    add_song(served.library, "Beta", genre="Elsewhere")
    page = open_page("/songs?genre=neighbours&sort=title&layout=list")
    heading, following = page.get_by_role("heading", level=1), page.get_by_role("link", name="Next", exact=True)
    page.get_by_role("link", name="Bravo").click()
    expect(heading).to_have_text("Bravo")
    following.click()
    expect(heading).to_have_text("Charlie")
    page.get_by_role("link", name="Files", exact=True).nth(1).click()
    expect(page).to_have_url(re.compile("/files$"))
    expect(following).to_have_attribute("href", re.compile(r"/songs/\d+/files"))
    page.keyboard.press("n")
    expect(heading).to_have_text("Delta")
    expect(page.get_by_role("heading", name="Files")).to_be_visible()
    expect(page.get_by_role("link", name="Previous", exact=True)).to_be_visible()
    expect(following).to_be_hidden()
    for title in ("Charlie", "Bravo", "Alpha"):
        page.get_by_role("link", name="Previous", exact=True).click()
        expect(heading).to_have_text(title)
    expect(page.get_by_role("link", name="Previous", exact=True)).to_be_hidden()
    page.go_back()
    expect(heading).to_have_text("Bravo")
    expect(page.get_by_role("link", name="Previous", exact=True)).to_be_visible()
    page.keyboard.press("p")
    expect(heading).to_have_text("Alpha")


def test_a_song_that_no_list_led_to_has_no_neighbours(served: Site, open_page: Open) -> None:
    song = add_song(served.library, "Alone")
    page = open_page(f"/songs/{song.id}/files")
    expect(page.get_by_role("link", name="song.ini", exact=True)).to_be_visible()
    expect(page.get_by_role("link", name="Next", exact=True)).to_be_hidden()


def test_alike_problems_are_listed_once_and_lead_to_the_highway(served: Site, open_page: Open) -> None:
    song = add_song(served.library, "Early Notes")
    served.library.tree.write("/Songs/Early Notes/notes.chart", chart().replace(b"768 = N", b"48 = N"))
    wait_until(lambda: served.get(f"/api/songs/{song.id}")["findings"])
    page = open_page(f"/songs/{song.id}/problems")
    early = page.locator(".problem").filter(has_text="within the first 2 seconds")
    expect(early).to_have_count(1)
    expect(early).to_contain_text("Guitar (Easy, Medium, Hard, Expert)")
    early.get_by_role("link", name="Show on the highway").click()
    expect(page.locator("canvas#highway")).to_be_visible()
    expect(page).to_have_url(re.compile(f"/songs/{song.id}[?].*i=guitar"))
    page.goto(f"{served.url}/songs/{song.id}/problems")
    intensity = page.locator(".problem").filter(has_text="fill in “diff_guitar”")
    intensity.get_by_role("link", name="Fill it in").click()
    expect(page.locator("[data-name=diff_guitar] [tabindex='0']")).to_be_focused()


def test_a_problem_is_repaired_on_its_tab(served: Site, open_page: Open) -> None:
    song = add_song(served.library, "Untimed", diff_drums="4")
    wait_until(lambda: served.get(f"/api/songs/{song.id}")["findings"])
    page = open_page(f"/songs/{song.id}/problems")
    page.get_by_role("button", name="Show and repair").first.click()
    page.get_by_role("dialog").get_by_role("button", name=re.compile("Make .* change")).click()
    expect(page.get_by_text(re.compile("changes? done"))).to_be_visible()
    page.screenshot(path=ARTEFACTS / "song-repaired-dark-1440.png")
    served.library.tree.move("/Songs/Untimed/song.wav", "/Songs/Untimed/song.ogg")
    page.goto(f"{served.url}/repairs")
    look = page.get_by_role("row", name="Wrong extensions").get_by_role("button", name="Look, show and repair")
    stopped = {**served.get("/api/jobs")["jobs"][0], "id": "stopped", "state": "cancelled", "final": True}
    for request in ("repairs/look?wait=false", "jobs/stopped"):
        page.route(f"**/api/{request}", lambda route: route.fulfill(json=stopped), times=1)
    look.click()
    expect(page.get_by_text("Stopped.")).to_be_visible()
    wait_until_idle(page)
    expect(page.get_by_role("dialog")).to_have_count(0)  # what it found so far is not all
    look.click()
    expect(page.get_by_role("dialog").get_by_text("/Songs/Untimed/song.wav")).to_be_visible()
    page.screenshot(path=ARTEFACTS / "repairs-looked-dark-1440.png")
    page.get_by_role("dialog").get_by_role("button", name=re.compile("Make .* change")).click()
    wait_until(lambda: served.library.tree.find("/Songs/Untimed/song.wav"))


def test_the_files_of_a_song_are_looked_at(served: Site, open_page: Open) -> None:
    song = add_song(served.library, "With Files", art="teal")
    page = open_page(f"/songs/{song.id}/files")
    page.get_by_role("link", name="song.ini", exact=True).click()
    expect(page.get_by_role("dialog").get_by_text("name = With Files")).to_be_visible()
    page.get_by_role("dialog").get_by_role("button", name="Close").click()
    check(page, "song files")
    wait_until_idle(page)
    page.get_by_role("link", name="Show the folder").click()
    expect(page.get_by_role("link", name="album.png", exact=True)).to_be_visible()


def test_a_song_deleted_here_is_restored(served: Site, open_page: Open) -> None:
    song = add_song(served.library, "Delete Me")
    page = open_page(f"/songs/{song.id}/files", allow="status of 503")
    expect(page.get_by_text("/Songs/Delete Me")).to_be_visible()
    page.route(
        "**/api/webdav/status", lambda route: route.fulfill(status=503, json={"detail": "Out for lunch."}), times=1
    )
    page.get_by_role("button", name="Delete").click()
    expect(page.get_by_text("Out for lunch.")).to_be_visible()
    page.get_by_role("button", name="Delete").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(page.get_by_text("Deleted Delete Me.")).to_be_visible()
    assert not (served.stored / "Songs/Delete Me").exists()
    page.get_by_role("button", name="Undo").click()
    wait_until(lambda: (served.stored / "Songs/Delete Me/song.ini").exists())


def test_an_edit_is_undone_in_the_history_of_its_song(served: Site, open_page: Open) -> None:
    song = add_song(served.library, "With a Past", genre="Rock")
    served.client.put(f"/api/songs/{song.id}", json={"metadata": {"genre": "Pop"}})
    page = open_page(f"/songs/{song.id}")
    page.get_by_role("link", name="History", exact=True).click()
    expect(page.get_by_text("genre: Rock → Pop")).to_be_visible()
    page.screenshot(path=ARTEFACTS / "song-history-dark-1440.png")
    [told] = served.get(f"/api/songs/{song.id}/history")["events"]
    held: list[Route] = []
    page.route("**/undo?wait=false", lambda route: held.append(route), times=1)
    undo = page.get_by_role("button", name="Undo Edit “With a Past”")
    with page.expect_request("**/undo?wait=false"):
        undo.click()
    expect(undo).to_be_disabled()
    held[0].continue_()
    expect(page.get_by_text("Nothing that is known.")).to_be_visible()
    assert served.library.songs.get(song.id).genre == "Rock"
    shrunk = {"kind": "shrink", "path": "/a/album.png", "target": "", "before": {}, "after": {}, "reason": "Large."}
    told = {"job": {**told["job"], "result": {}}, "fields": [], "steps": [shrunk]}
    page.route(f"**/api/songs/{song.id}/history", lambda route: route.fulfill(json={"events": [told]}))
    page.reload()
    expect(page.locator("[data-history] .job-changes")).to_have_text("make /a/album.png smaller (Large.)")
    expect(page.locator("[data-history] .job-note")).to_have_text(re.compile("^done, [^·]+$"))
