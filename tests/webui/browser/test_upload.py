"""The upload page and the generator: files dropped, jobs followed, songs linked."""

import io
import re
import zipfile
from pathlib import Path
from typing import Any

import numpy
import pytest
import soundfile
from PIL import Image
from playwright.sync_api import FilePayload, Route, expect

from davproxy.imports.stored_options import StoredOptions
from tests.waiting import wait_until
from tests.webui.browser.conftest import ARTEFACTS, Open, check, drop, wait_until_idle
from tests.webui.conftest import Site
from tests.webui.songs import archive, chart, ini, picture, tone


def band(seconds: float = 24.0) -> bytes:
    """An .ogg of a simple riff with a drum on each beat, at 120 beats a minute."""
    rate = 22_050
    time = numpy.arange(int(seconds * rate)) / rate
    sound = numpy.zeros_like(time)
    for beat in range(int(seconds * 4)):
        start = beat * 0.25
        age = time - start
        on = age >= 0
        pitch = 196.0 * 2 ** ([0, 3, 5, 7, 10, 7, 5, 3][(beat * 3 + beat // 16) % 8] / 12)
        if beat % 8 not in (3, 6):
            sound += (
                on * numpy.exp(-7 * numpy.where(on, age, 0)) * numpy.sign(numpy.sin(2 * numpy.pi * pitch * time)) * 0.2
            )
        if beat % 2 == 0:
            sound += on * numpy.exp(-40 * numpy.where(on, age, 0)) * numpy.sin(2 * numpy.pi * 60 * time) * 0.6
    file = io.BytesIO()
    soundfile.write(file, sound.clip(-1, 1), rate, format="OGG", subtype="VORBIS")
    return file.getvalue()


def test_a_dropped_archive_becomes_linked_songs(served: Site, open_page: Open) -> None:
    page = open_page("/upload")
    expect(page.get_by_role("button", name="Choose files")).to_be_visible()
    wait_until_idle(page)
    drop(page, "[data-drop]", ("pack.zip", "application/zip", archive("Dropped One", "Dropped Two")))
    link = page.get_by_role("link", name="Dropped Two")
    expect(link).to_be_visible()
    expect(page.get_by_text("2 songs added.")).to_be_visible()
    check(page, "upload, done")
    page.screenshot(path=ARTEFACTS / "upload-done-dark-1440.png")
    drop(page, "[data-drop]", ("again.zip", "application/zip", archive("Dropped One", "Dropped Two")))
    expect(page.get_by_text("2 songs are in the library already")).to_be_visible()
    expect(link).to_have_count(2)
    drop(page, "[data-drop]", ("longer.zip", "application/zip", archive("Dropped One", "Dropped Two", seconds=4)))
    page.get_by_role("button", name="Choose", exact=True).click(timeout=60_000)
    replace = page.get_by_role("dialog").get_by_label("replace ours: audio").last
    both = page.get_by_role("dialog").get_by_label("keep both").last
    both.check()
    expect(replace).to_be_disabled()
    both.uncheck()
    replace.check()
    check(page, "choices of an import")
    page.screenshot(path=ARTEFACTS / "import-choices-dark-1440.png")
    page.get_by_role("button", name="Do what is chosen").click()
    expect(page.get_by_role("button", name="Choose", exact=True)).to_have_count(0)
    kept = served.get("/api/songs?search=dropped")["songs"]
    sizes = {len(tone()), len(tone(4))}
    wait_until(lambda: {served.library.songs.get(each["id"]).files.get("song.wav") for each in kept} == sizes)
    link.first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Dropped Two")


def test_a_refused_file_has_a_reason_and_another_try_where_that_can_help(served: Site, open_page: Open) -> None:
    page = open_page("/upload", allow="status of 422")
    wait_until_idle(page)
    drop(
        page,
        "[data-drop]",
        ("broken.zip", "application/zip", b"PK\x03\x04 cut off"),
        ("notes.txt", "text/plain", b"x"),
        ("empty.zip", "application/zip", b""),
    )
    failed = page.locator(".upload.failed")
    expect(failed).to_have_count(3)
    expect(page.get_by_text("Give one of: zip")).to_be_visible()
    expect(page.get_by_text("It is empty.")).to_be_visible()
    again = page.get_by_role("button", name="Try again")
    expect(again).to_have_count(1)
    expect(failed.filter(has=again)).to_contain_text("broken.zip")
    again.click()
    expect(failed).to_have_count(3)


def test_a_song_that_games_do_not_load_is_told_when_it_arrives(served: Site, open_page: Open) -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as target:
        target.writestr("Silent/notes.chart", chart(33))
        target.writestr("Silent/song.ini", ini(name="Silent", artist="Half"))
    page = open_page("/upload")
    wait_until_idle(page)
    drop(page, "[data-drop]", ("half.zip", "application/zip", file.getvalue()))
    expect(page.get_by_text("Games do not load “Silent”")).to_be_visible()
    expect(page.get_by_role("link", name="Silent")).to_be_visible()


def test_an_upload_whose_connection_is_cut_is_tried_again(served: Site, open_page: Open) -> None:
    page = open_page("/upload", allow="ERR_CONNECTION_RESET")
    wait_until_idle(page)
    page.route("**/api/upload*", lambda route: route.abort("connectionreset"), times=1)
    drop(page, "[data-drop]", ("cut.zip", "application/zip", archive("Cut Once")))
    expect(page.locator(".upload.failed")).to_contain_text("try again", ignore_case=True)
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("link", name="Cut Once")).to_be_visible()


def test_a_song_folder_becomes_a_linked_song(served: Site, open_page: Open, tmp_path: Path) -> None:
    folder = tmp_path / "Loose"
    folder.mkdir()
    for name, content in (
        ("notes.chart", chart(77)),
        ("song.wav", tone()),
        ("song.ini", ini(name="Loose", artist="L")),
    ):
        (folder / name).write_bytes(content)
    page = open_page("/upload")
    page.locator("[data-folder]").set_input_files(folder)
    link = page.get_by_role("link", name="Loose")
    expect(link).to_be_visible()
    link.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Loose")


def test_a_background_is_stored_in_its_folder(served: Site, open_page: Open) -> None:
    page = open_page("/upload")
    wait_until_idle(page)
    page.get_by_label("Backgrounds").check()
    page.locator("[data-files]").set_input_files({"name": "stage.png", "mimeType": "image/png", "buffer": picture()})
    expect(page.get_by_text("Stored as /Backgrounds/stage.png.")).to_be_visible()
    assert served.library.tree.read("/Backgrounds/stage.png") == picture()


@pytest.fixture
def song_file(tmp_path: Path) -> Path:
    file = tmp_path / "The Band - A Riff.ogg"
    file.write_bytes(band())
    return file


def test_stems_of_one_song_are_sent_as_one(served: Site, open_page: Open) -> None:
    page = open_page("/generator")
    wait_until_idle(page)
    stems = [f"A Split Riff - {stem}.wav" for stem in ("Drums", "Guitar")]
    page.locator("[data-file]").set_input_files(
        [FilePayload(name=name, mimeType="audio/wav", buffer=b"no sound") for name in stems]
    )
    expect(page.locator(".charting").filter(has_text="A Split Riff")).to_have_count(1)
    assert [served.library.tree.stat(f"/Generate/A Split Riff/{name}").size for name in stems] == [8, 8]


def test_lyrics_go_with_the_recording_of_their_name(served: Site, open_page: Open, song_file: Path) -> None:
    def files(*names: str) -> list[FilePayload]:
        return [FilePayload(name=name, mimeType="", buffer=b"[00:01.00]Sing") for name in names]

    page = open_page("/generator")
    wait_until_idle(page)
    page.locator("[data-file]").set_input_files(files("A Song.mp3", "Words.lrc"))
    expect(page.get_by_role("button", name="Words.lrc")).to_be_visible()
    check(page, "generator, lyrics")
    page.get_by_role("button", name="Make the chart").click()
    wait_until(lambda: StoredOptions.read(served.library, "/Generate/A Song.mp3").lyrics == "[00:01.00]Sing")
    wait_until_idle(page)
    stems = ["Split - Drums.wav", "Split - Guitar.wav"]
    page.locator("[data-file]").set_input_files(files(*stems, "other.lrc", "split.lrc"))
    expect(page.get_by_text("other.lrc has no recording of its name here.")).to_be_visible()
    wait_until(lambda: served.library.tree.find("/Generate/Split/split.lrc") is not None)
    assert served.library.tree.find("/Generate/Split/Split - Drums.wav")


def test_lyrics_go_beside_the_audio_of_a_folder(open_page: Open) -> None:
    page = open_page("/generator")
    folder = (page.locator("script[data-turns]").get_attribute("src") or "").rpartition("/")[0]
    dropped = [["Band/scans", "a.png"], ["Band/audio", "drums.ogg"], ["", "band.lrc"]]
    placed = page.evaluate(
        """async ([folder, dropped]) => {
            const { joinStems, loadsOf } = await import(`${folder}/routes.js`);
            const files = dropped.map(([folder, name]) => ({ folder, file: new File(["x"], name) }));
            const [load] = await joinStems(loadsOf(files, "generate"));
            return load.files.map(({ folder, file }) => [folder, file.name]);
        }""",
        [folder, dropped],
    )
    assert placed == [*dropped[:2], ["Band/audio", "band.lrc"]]


@pytest.mark.slow
def test_audio_becomes_a_chart_although_its_page_is_left(served: Site, open_page: Open, song_file: Path) -> None:
    page = open_page("/generator")
    wait_until_idle(page)
    held: list[Route] = []
    page.route("**/api/generate/tags", lambda route: held.append(route), times=1)
    with page.expect_request("**/api/generate/tags"):
        page.locator("[data-file]").set_input_files({"name": "slow.ogg", "mimeType": "audio/ogg", "buffer": b"slow"})
    page.locator("[data-file]").set_input_files(song_file)
    expect(page.get_by_label("Title")).to_have_value("A Riff")
    expect(page.get_by_label("Artist")).to_have_value("The Band")
    held[0].fulfill(json={"genre": "Of the other file"})
    wait_until_idle(page)
    expect(page.locator("[data-file-name]")).to_have_text(song_file.name)
    expect(page.get_by_label("Genre")).to_have_value("")
    page.get_by_label("Genre").fill("Test")
    page.get_by_label("Easy").uncheck()
    page.locator("[data-cover-file]").set_input_files(
        {"name": "cover.png", "mimeType": "image/png", "buffer": picture("teal")}
    )
    check(page, "generator, options")
    page.screenshot(path=ARTEFACTS / "generator-options-dark-1440.png")
    page.get_by_role("button", name="Make the chart").click()
    card = page.locator(".charting").filter(has_text="A Riff")
    expect(card).to_be_visible()
    page.get_by_role("link", name="Lists", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Lists")
    page.get_by_role("link", name="Generate", exact=True).click()
    expect(card.get_by_role("link", name="Play it")).to_be_visible(timeout=240_000)
    expect(card).to_contain_text("BPM, 4/4")
    check(page, "generator, made")
    page.screenshot(path=ARTEFACTS / "generator-made-dark-1440.png")
    card.get_by_role("link", name="Play it").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("A Riff")
    expect(page.get_by_role("button", name="Guitar, medium")).to_be_visible()
    expect(page.get_by_role("button", name="Guitar, easy")).to_have_count(0)
    page.get_by_role("button", name="Play the song with its notes").click()
    expect(page.locator(".player-time")).to_have_text(re.compile(r"0:0[3-9]"))
    assert colours_on(page.locator("canvas#highway").screenshot()) > 50
    expect(page.get_by_text("Test", exact=True)).to_be_visible()
    assert served.get("/api/songs?search=riff")["songs"][0]["has_art"] is True


def test_what_is_known_of_a_song_is_drawn_while_it_is_charted(served: Site, open_page: Open) -> None:
    found = {
        "title": "Half Made", "artist": "The Makers", "seconds": 180.0, "bpm": 128.0, "meter": "4/4",
        "waveform": [20 + (at * 37) % 80 for at in range(240)], "bars": [2.0 * bar for bar in range(90)],
        "notes": [at % 7 for at in range(240)], "sections": [[0.0, "Intro"], [40.0, "Verse"], [90.5, "Chorus"]],
    }  # fmt: skip
    job: dict[str, Any] = {
        "id": "half", "kind": "generate", "title": "Chart Half Made", "subject": "/Generate/half.ogg", "step": "write",
        "progress": 0.42, "state": "running", "final": False, "result": {"found": found}, "error": None,
        "created": 1.0, "updated": 1.0,
    }  # fmt: skip
    waits = {**job, "id": "next", "title": "Chart Another", "state": "waiting", "step": "", "result": None}
    unpacks = {**job, "id": "zip", "title": "Chart a.zip", "step": "unpacking", "result": None}
    stored = {**job, "id": "last", "title": "Chart Made", "step": "staging", "result": None}
    listed = {"jobs": [stored, unpacks, waits, job]}
    for theme, width in (("dark", 1440), ("light", 390)):
        page = open_page("/lists", theme=theme, width=width)
        page.route("**/api/jobs", lambda route: route.fulfill(json=listed))
        page.goto(f"{served.url}/generator")
        card = page.locator(".charting").first
        expect(card.get_by_role("heading", name="Half Made")).to_be_visible()
        expect(card.locator(".steps .now")).to_have_text("writing the chart")
        expect(card.get_by_role("img", name="The waveform with its bars, sections and notes")).to_be_visible()
        expect(card).to_contain_text("3:00 · 128 BPM, 4/4 · 715 notes")
        expect(page.locator(".charting").nth(1)).to_contain_text("waiting for its turn")
        expect(page.locator(".charting").nth(2).locator(".steps .now")).to_have_text("fetching")
        done = [each.locator(".steps .done").count() for each in page.locator(".charting").all()]
        assert done == [5, 0, 0, 6]
        check(page, "generator, underway")
        page.screenshot(path=ARTEFACTS / f"generator-underway-{theme}-{width}.png")


def colours_on(screenshot: bytes) -> int:
    """The number of different colours of a picture."""
    return len(Image.open(io.BytesIO(screenshot)).convert("RGB").getcolors(1 << 24) or [])
