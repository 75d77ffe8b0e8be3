"""Stars, tags and scores on the pages."""

import pytest
from playwright.sync_api import expect

from tests.curation.test_scores import played
from tests.formats.score_files import scoredata
from tests.webui.browser.conftest import ARTEFACTS, Open, check
from tests.webui.conftest import Site
from tests.webui.songs import add_song, chart


def test_a_star_a_tag_and_scores_are_set_and_seen(served: Site, open_page: Open) -> None:
    song = add_song(served.library, "Moonlight Drive", art="tomato")
    add_song(served.library, "Never Heard")
    list(served.library.notes.read())
    song = served.library.songs.get(song.id)
    served.library.tree.make_folder("/Scores/Anna")
    charts = [played(song, 12, 6, full_combo=True, score=123_456), played("d" * 32, 4, 3)]
    served.library.tree.write("/Scores/Anna/scoredata.bin", scoredata(charts))
    assert served.jobs.wait_until_idle(30)
    page = open_page("/songs?search=moonlight")
    expect(page.get_by_label("plays, 6 stars, full combo")).to_be_visible()
    page.get_by_label("Star Moonlight Drive").click()
    expect(page.get_by_label("Star Moonlight Drive")).to_have_attribute("aria-pressed", "true")
    page.get_by_label("Select Moonlight Drive").check()
    page.get_by_role("button", name="Tag").click()
    page.get_by_role("dialog").get_by_label("Tag").fill("warm up")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_text("1 song tagged")).to_be_visible()
    page.get_by_label("Search").fill('tag:"warm up" has:star')
    expect(page.get_by_role("link", name="Moonlight Drive")).to_be_visible()
    check(page, "songs with scores")
    page.get_by_role("link", name="Moonlight Drive").click()
    expect(page.get_by_role("row", name="Anna")).to_contain_text("123,456")
    expect(page.get_by_role("link", name="warm up")).to_be_visible()
    check(page, "song with scores")
    page.screenshot(path=ARTEFACTS / "song-scores.png")
    page.get_by_label("Remove the tag warm up").click()
    expect(page.get_by_role("link", name="warm up")).to_have_count(0)
    assert served.get(f"/api/songs/{song.id}")["tags"] == []
    page.goto(f"{served.url}/browser/Songs")
    page.get_by_role("button", name="Delete Moonlight Drive").click()
    expect(page.get_by_text("1 of these songs was played")).to_be_visible()


@pytest.mark.parametrize("width", [320, 1440])
@pytest.mark.parametrize("theme", ["dark", "light"])
def test_the_page_of_scores_is_accessible(served: Site, open_page: Open, theme: str, width: int) -> None:
    if served.library.tree.find("/Scores/Ben") is None:
        served.library.tree.make_folder("/Scores/Ben")
    served.library.tree.write("/Scores/Ben/scoredata.bin", scoredata([played("e" * 32, 4, 3)]))
    assert served.jobs.wait_until_idle(30)
    page = open_page("/scores", theme=theme, width=width)
    expect(page.get_by_role("row", name="Ben").first).to_be_visible()
    check(page, "scores")
    page.screenshot(path=ARTEFACTS / f"scores-{theme}-{width}.png")
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_artists_spelled_in_several_ways_are_merged_and_undone(served: Site, open_page: Open) -> None:
    songs = [
        add_song(served.library, f"Spelled {n}", artist=a) for n, a in enumerate(("The Owls", "The Owls", "Owls, The"))
    ]
    page = open_page("/duplicates", width=320)
    page.get_by_label("Spelling of The Owls").select_option("The Owls")
    check(page, "duplicates with spellings")
    page.get_by_role("listitem").filter(has=page.get_by_label("Spelling of The Owls")).get_by_role("button").click()
    page.get_by_role("button", name="Undo").wait_for()
    expect(page.get_by_label("Spelling of The Owls")).to_have_count(0)
    assert [served.library.songs.get(song.id).artist for song in songs] == ["The Owls"] * 3
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_label("Spelling of The Owls")).to_be_visible()
    assert served.library.songs.get(songs[2].id).artist == "Owls, The"


def test_a_search_is_kept_opened_and_made_a_list(served: Site, open_page: Open) -> None:
    song = add_song(served.library, "Smartly Found", genre="Zydeco")
    served.library.tree.write(f"{song.path}/notes.chart", chart(93))  # a list knows songs by their notes
    list(served.library.notes.read())
    page = open_page("/songs?search=smartly")
    page.get_by_label("Keep as a smart list").click()
    page.get_by_role("dialog").get_by_label("Name").fill("Smart ones")
    page.get_by_role("button", name="Keep", exact=True).click()
    expect(page.get_by_text("is on the page Lists")).to_be_visible()
    page.goto(f"{served.url}/lists")
    page.get_by_label("Make a list of Smart ones").click()
    expect(page.get_by_role("link", name="Smartly Found")).to_be_visible()
    check(page, "lists with smart lists")
    page.screenshot(path=ARTEFACTS / "smart-lists.png")
    for name in ("Smart ones Guitar tier", "Easier"):  # a second split needs a name of its own
        page.get_by_role("button", name="Split into tiers").click()
        field = page.get_by_role("dialog").get_by_label("Name of each")
        expect(field).to_have_value("Smart ones Guitar tier")
        field.fill(name)
        page.get_by_role("button", name="Make them").click()
        expect(page.get_by_role("link", name=f"{name} 1")).to_be_visible()
    page.get_by_role("link", name="Smart ones 1 song").click()
    page.wait_for_url("**/songs?search=smartly")
    expect(page.get_by_role("link", name="Smartly Found")).to_be_visible()
