"""The tab on which a person corrects a generated chart and has it made again."""

import re

import pytest
from playwright.sync_api import Page, Route, expect

from tests.charter.music import recording
from tests.webui.browser.conftest import ARTEFACTS, Open, check, wait_until_idle
from tests.webui.conftest import Site
from tests.webui.songs import archive
from tests.webui.test_uploads import files


@pytest.fixture(scope="module")
def generated(served: Site, tmp_path_factory: pytest.TempPathFactory) -> int:
    """The id of a generated song."""
    audio = recording(tmp_path_factory.mktemp("audio") / "take.ogg", bars=8).read_bytes()
    made = served.client.post("/api/generate", data=files(("The Band - Half Time.ogg", audio)))
    assert made.status_code == 200, made.json
    return int(made.json["id"])


def seconds(page: Page, selector: str) -> float:
    """How far to the right an element of the picture is, as a share of the picture."""
    style = page.locator(selector).first.get_attribute("style") or ""
    found = re.search(r"left: ([\d.]+)%", style)
    assert found, style
    return float(found[1])


def bars(page: Page) -> list[float]:
    """When the bars that are drawn begin, in seconds of the song."""
    drawn = page.locator("[data-picture] path.bars").get_attribute("d") or ""
    whole = float(page.locator("[data-player] input").first.get_attribute("max") or 1)
    return [float(x) * whole / 960 for x in re.findall(r"M([\d.]+) ", drawn)]


@pytest.mark.parametrize(("theme", "width", "locale"), [("dark", 1440, "en-US"), ("light", 390, "de-DE")])
def test_the_page_is_accessible(generated: int, open_page: Open, theme: str, width: int, locale: str) -> None:
    page = open_page(f"/songs/{generated}/chart", theme=theme, width=width, locale=locale)
    wait_until_idle(page)
    expect(page.locator("[data-picture] svg")).to_be_visible()
    check(page, "song-chart")
    page.screenshot(path=ARTEFACTS / f"song-chart-{theme}-{width}.png", full_page=True)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_a_chart_is_corrected_by_keyboard_and_made_again(generated: int, served: Site, open_page: Open) -> None:
    page = open_page(f"/songs/{generated}")
    page.get_by_role("link", name="Correct the chart").click()
    wait_until_idle(page)
    expect(page.get_by_text("The beat is at 128 BPM.")).to_be_visible()
    page.get_by_label("The beat").select_option("x2")
    expect(page.get_by_text("The beat is at 256 BPM.")).to_be_visible()
    before = bars(page)
    page.get_by_role("button", name="Bar one beat later").click()
    expect(page.get_by_text("Bars begin 1 beat later.")).to_be_visible()
    assert bars(page) != before
    page.get_by_role("button", name="10 ms later").click()
    expect(page.get_by_label("Milliseconds later")).to_have_value("10")
    shown = bars(page)
    page.get_by_label("From").fill("0:03")
    page.get_by_label("Until").fill("0:06.5")
    page.get_by_label("Until").press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Notes again from 0:03–0:07")).to_be_visible()
    page.get_by_label("A click on each beat").check()
    page.get_by_role("button", name="Play", exact=True).click()
    expect(page.locator(".player-time")).to_have_text(re.compile(r"0:0[1-9]"))
    page.get_by_role("button", name="Make the chart again").click()
    expect(page.get_by_text("The chart is made again; scores stay with the old one.")).to_be_visible(timeout=240_000)
    page.wait_for_url(lambda url: f"/songs/{generated}/" not in url)
    expect(page.get_by_label("The beat")).to_have_value("x2")
    expect(page.get_by_text("Bars begin 1 beat later.")).to_be_visible()
    expect(page.get_by_role("button", name=re.compile("Notes again from"))).to_have_count(1)
    wait_until_idle(page)
    assert bars(page)[:12] == pytest.approx(shown[:12], abs=0.03), "they were shown where they are now"
    [song] = served.get("/api/songs?search=half")["songs"]
    kept = served.get(f"/api/songs/{song['id']}/chart")
    correction = kept["correction"]
    assert (correction["tempo"], correction["bar_shift"], correction["offset"]) == ("x2", 1, 0.01)
    assert correction["muted"] == [
        [pytest.approx(3 - kept["lead_in"], abs=0.3), pytest.approx(6.5 - kept["lead_in"], abs=0.3)]
    ]
    page.get_by_role("button", name="Undo", exact=True).click()
    page.wait_for_url("**/songs")
    [back] = served.get("/api/songs?search=half")["songs"]
    assert served.get(f"/api/songs/{back['id']}/chart")["correction"]["tempo"] == ""
    page.goto(f"{served.url}/generator")
    expect(page.locator(".charting").filter(has_text="Half Time").first).to_contain_text("256 BPM, 4/4")


@pytest.mark.usefixtures("generated")
def test_the_beat_is_tapped_and_a_part_is_dragged(served: Site, open_page: Open) -> None:
    [song] = served.get("/api/songs?search=half")["songs"]
    page = open_page(f"/songs/{song['id']}/chart")
    wait_until_idle(page)
    page.get_by_role("heading", level=1).click()
    for _ in range(6):
        page.keyboard.press("t")
    expect(page.get_by_label("The beat")).to_have_value("tapped")
    assert 20 <= float(page.get_by_label("Tapped BPM").input_value()) <= 400
    muted = page.get_by_role("button", name=re.compile("Notes again from"))
    count = muted.count()
    box = page.locator("[data-surface]").bounding_box()
    assert box
    page.mouse.move(box["x"] + 0.7 * box["width"], box["y"] + 40)
    page.mouse.down()
    page.mouse.move(box["x"] + 0.9 * box["width"], box["y"] + 60)
    page.mouse.up()
    expect(muted).to_have_count(count + 1)
    page.mouse.click(box["x"] + 0.5 * box["width"], box["y"] + 40)
    expect(muted).to_have_count(count + 1)
    assert seconds(page, "[data-playhead]") == pytest.approx(50, abs=1)
    muted.last.click()
    expect(muted).to_have_count(count)


@pytest.mark.usefixtures("generated")
def test_the_beat_is_tapped_where_the_finger_goes_down(served: Site, open_page: Open) -> None:
    [song] = served.get("/api/songs?search=half")["songs"]
    page = open_page(f"/songs/{song['id']}/chart")
    wait_until_idle(page)
    beat = page.get_by_label("The beat")
    page.get_by_role("button", name="Tap the beat").hover()
    for _ in range(3):
        page.mouse.down()
    expect(beat).to_have_value("tapped")
    page.mouse.up()
    beat.select_option("")
    beat.focus()
    for _ in range(3):
        page.keyboard.press("t")
    expect(beat).to_have_value("tapped")
    page.get_by_label("Tapped BPM").fill("123.456")
    assert page.get_by_label("Tapped BPM").evaluate("field => field.checkValidity()")


@pytest.mark.usefixtures("generated")
def test_edits_are_replaced_only_with_a_tick(served: Site, open_page: Open) -> None:
    [song] = served.get("/api/songs?search=half")["songs"]
    page = open_page(f"/songs/{song['id']}/chart", allow="Failed to load resource")
    wait_until_idle(page)
    tick, send = page.get_by_label("Replace my edits"), page.get_by_role("button", name="Make the chart again")
    expect(tick).to_be_hidden()
    notes = f"{song['path']}/notes.chart"
    before = served.library.tree.read(notes)
    served.library.tree.write(notes, before + b"\n")
    send.click()
    expect(page.locator("#toasts").get_by_text("The notes were edited since this chart was made")).to_be_visible()
    expect(send).to_be_enabled()
    page.reload()
    expect(tick).to_be_visible()
    assert not page.locator("form[data-form]").evaluate("form => form.checkValidity()")
    tick.check()
    held: list[Route] = []
    page.route("**/chart?wait=false", lambda route: held.append(route))
    send.click()
    expect(send).to_be_disabled()
    assert (held[0].request.post_data_json or {})["replace_edited"] is True
    served.library.tree.write(notes, before)
    held[0].abort()
    expect(send).to_be_enabled()


@pytest.mark.usefixtures("generated")
def test_an_undo_that_fails_stays_on_the_page(served: Site, open_page: Open) -> None:
    [song] = served.get("/api/songs?search=half")["songs"]
    page = open_page(f"/songs/{song['id']}/chart")
    wait_until_idle(page)
    begun = {"kind": "remake", "title": "", "subject": "", "step": "", "progress": 0.0, "created": 0.0, "updated": 0.0}
    waiting = begun | {"state": "queued", "result": None, "error": None, "final": False}
    done = waiting | {"state": "done", "final": True, "result": {"can_undo": True, "songs": [], "summary": "Made."}}
    failed = waiting | {"state": "failed", "final": True, "error": "It cannot be undone."}
    page.route("**/chart?wait=false", lambda route: route.fulfill(json=waiting | {"id": "make"}))
    page.route("**/api/jobs/make", lambda route: route.fulfill(json=done | {"id": "make"}))
    page.route("**/api/jobs/make/undo?wait=false", lambda route: route.fulfill(json=waiting | {"id": "back"}))
    page.route("**/api/jobs/back", lambda route: route.fulfill(json=failed | {"id": "back"}))
    page.get_by_role("button", name="Make the chart again").click()
    page.get_by_role("button", name="Undo", exact=True).click()
    expect(page.get_by_text("It cannot be undone.")).to_be_visible()
    wait_until_idle(page)
    assert page.url.endswith("/chart")


def test_a_chart_of_a_person_has_no_such_page(served: Site, open_page: Open) -> None:
    served.client.post("/api/upload", data=files(("pack.zip", archive("One"))))
    [song] = served.get("/api/songs?search=one")["songs"]
    page = open_page(f"/songs/{song['id']}")
    expect(page.get_by_role("link", name="History")).to_be_visible()
    expect(page.get_by_role("link", name="Correct the chart")).to_have_count(0)
    assert served.client.get(f"/songs/{song['id']}/chart").status_code == 404
