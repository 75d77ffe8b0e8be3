"""The editor: fields, conflicts, scores, album art, player, chart."""

import io
import re

from playwright.sync_api import Dialog, expect

from davproxy.formats import sng, song_fields
from tests.webui.browser.conftest import Open, drop
from tests.webui.conftest import Site
from tests.webui.songs import add_song, chart, picture, tone


def test_every_field_has_a_control_unknown_ones_too(served: Site, open_page: Open) -> None:
    song = add_song(served.library, "All Fields", x_custom="kept", diff_bass="3", frets="old name")
    page = open_page(f"/songs/{song.id}/edit")
    expect(page.get_by_label("x_custom")).to_have_value("kept")
    assert page.locator("[data-fields] .field").count() >= len(song_fields.FIELDS)
    expect(page.get_by_role("radio", name="Bass: 3", exact=True)).to_be_checked()
    page.get_by_role("radio", name="Bass: 5", exact=True).click()
    page.get_by_label("Modchart").select_option("Yes")
    page.get_by_label("x_custom").fill("changed")
    page.get_by_role("button", name="Add a key").click()
    page.get_by_label("Key", exact=True).fill("link_bandcamp")
    page.get_by_label("Value", exact=True).fill("band")
    expect(page.get_by_text("4 changes not saved")).to_be_visible()
    page.keyboard.press("Control+s")
    expect(page.get_by_text("No changes")).to_be_visible()
    written = (served.stored / "Songs/All Fields/song.ini").read_text()
    for line in ("diff_bass = 5", "modchart = True", "x_custom = changed", "link_bandcamp = band", "frets = old name"):
        assert line in written


def test_a_bad_value_names_its_field(served: Site, open_page: Open) -> None:
    song = add_song(served.library, "Bad Value")
    page = open_page(f"/songs/{song.id}/edit", allow="status of 422")
    page.get_by_label("Delay of the chart").fill("soon")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("must be a whole number")).to_be_visible()
    expect(page.get_by_label("Delay of the chart")).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_text("1 change not saved")).to_be_visible()


def test_an_edit_that_loses_scores_asks_first(served: Site, open_page: Open) -> None:
    song = add_song(served.library, "Scores")
    page = open_page(f"/songs/{song.id}/edit", allow="status of 409")
    page.get_by_label("Hammer-on threshold").fill("200")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("dialog").get_by_role("button", name="Cancel").click()
    assert "hopo_frequency" not in served.library.songs.get(song.id).metadata
    page.get_by_role("button", name="Save").click()
    page.get_by_role("button", name="Change it all the same").click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    assert served.library.songs.get(song.id).metadata["hopo_frequency"] == "200"


def test_a_change_made_elsewhere_is_shown_not_overwritten(served: Site, open_page: Open) -> None:
    song = add_song(served.library, "Conflict")
    page = open_page(f"/songs/{song.id}/edit", allow="status of 412")
    page.get_by_label("Genre").fill("Mine")
    served.library.songs.edit(song.id, {"album": "Theirs"})
    page.get_by_role("button", name="Save").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("cell", name="Theirs")).to_be_visible()
    expect(dialog.get_by_role("cell", name="Mine")).to_be_visible()
    assert served.library.songs.get(song.id).genre == "Rock"
    dialog.get_by_role("button", name="Save mine on top").click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    after = served.library.songs.get(song.id)
    assert (after.album, after.genre) == ("Theirs", "Mine")


def test_leaving_unsaved_changes_asks_first(served: Site, open_page: Open) -> None:
    song = add_song(served.library, "Unsaved")
    page = open_page(f"/songs/{song.id}/edit")
    asked: list[str] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    page.on("dialog", stay)
    page.get_by_label("Genre").fill("Something")
    page.get_by_role("navigation", name="Pages").get_by_role("link", name="Upload").click()
    expect(page.get_by_label("Genre")).to_have_value("Something")
    assert asked == ["beforeunload"]


def test_album_art_is_dropped_on_the_page(served: Site, open_page: Open) -> None:
    song = add_song(served.library, "Art")
    page = open_page(f"/songs/{song.id}/edit")
    expect(page.get_by_text("61 notes")).to_be_visible()
    drop(page, "[data-art]", ("cover.png", "image/png", picture("navy")))
    expect(page.get_by_text("The album art is changed.")).to_be_visible()
    expect(page.get_by_role("img", name="Album art of Art")).to_be_visible()
    assert served.library.songs.get(song.id).has_art


def test_the_player_starts_at_the_preview_and_sets_it(served: Site, open_page: Open) -> None:
    song = add_song(served.library, "Preview", preview_start_time="1500")
    page = open_page(f"/songs/{song.id}/edit")
    position = page.get_by_label("Position in the song")
    expect(position).to_have_value("1.5")
    page.get_by_role("button", name="Play").click()
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    page.get_by_role("button", name="Pause").click()
    position.fill("2.2")
    page.get_by_role("button", name="Preview starts here").click()
    expect(page.get_by_label("Preview starts at")).to_have_value(re.compile(r"22\d\d"))


def test_the_chart_is_drawn_per_difficulty(served: Site, open_page: Open) -> None:
    song = add_song(served.library, "Drawn")
    page = open_page(f"/songs/{song.id}/edit")
    expect(page.get_by_text("61 notes")).to_be_visible()
    page.get_by_label("Difficulty").select_option("easy")
    expect(page.get_by_role("img", name=re.compile("61 notes, at most"))).to_be_visible()
    assert page.locator(".density .star").count() > 0


def test_a_song_in_one_file_is_edited_too(served: Site, open_page: Open) -> None:
    files = {"notes.chart": chart(), "song.wav": tone()}
    served.library.tree.write("/Songs/Packed.sng", sng.render({"name": "Packed", "artist": "Band"}, files, bytes(16)))
    song = served.library.songs.of("/Songs/Packed.sng")
    assert song
    page = open_page(f"/songs/{song.id}/edit")
    for title in ("Packed better", "Packed best"):
        page.get_by_label("Title").fill(title)
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_role("heading", level=1)).to_have_text(title)
        song = served.library.songs.of("/Songs/Packed.sng")
        assert song
        page.wait_for_url(f"**/songs/{song.id}/edit")
        expect(page.get_by_label("Title")).to_have_value(title)
    packed = sng.read(io.BytesIO(served.library.tree.read("/Songs/Packed.sng")))
    assert dict(packed.pairs) == {"name": "Packed best", "artist": "Band"}
