"""Duplicates resolved and proposals accepted on their pages, each with its undo."""

from playwright.sync_api import expect

from tests.webui.browser.conftest import Open, check
from tests.webui.conftest import Site
from tests.webui.songs import add_song, chart, picture


def test_the_best_of_two_copies_is_kept_and_the_other_one_comes_back(served: Site, open_page: Open) -> None:
    first, second = (add_song(served.library, "Twice", folder=folder) for folder in ("Twice", "Twice again"))
    for song in first, second:
        served.library.tree.write(f"{song.path}/notes.chart", chart(77))
    served.library.tree.write(f"{second.path}/album.png", picture())
    list(served.library.notes.read())
    page = open_page("/duplicates", width=390)
    group = page.get_by_role("region", name="Twice")
    expect(group).to_contain_text("Suggested: “/Songs/Twice again”")
    check(page, "duplicates")
    group.get_by_role("button", name="Keep the chosen one").click()
    expect(page.get_by_role("dialog")).to_contain_text("1 song will go to the trash bin")
    page.get_by_role("button", name="Do it").click()
    page.get_by_role("button", name="Undo").wait_for()
    expect(group).to_have_count(0)
    assert [song.path for song in served.library.songs.with_identity(song_identity(served, second.id))] == [second.path]
    page.get_by_role("button", name="Undo").click()
    expect(group).to_be_visible()
    group.get_by_role("button", name="Keep all").click()
    expect(group).to_have_count(0)
    assert len(served.library.songs.with_identity(song_identity(served, second.id))) == 2


def song_identity(served: Site, id: int) -> str:
    """The MD5 of the song's notes."""
    return served.library.songs.get(id).identity


def test_a_proposal_is_accepted_and_undone(served: Site, open_page: Open) -> None:
    song = add_song(served.library, "Bare")
    served.library.tree.write(f"{song.path}/label.png", picture())
    page = open_page("/fill-in", width=390)
    page.get_by_role("button", name="Look for proposals").click()
    page.get_by_label("Accept album art of Bare").check()
    check(page, "proposals")
    page.get_by_role("button", name="Accept the chosen ones").click()
    page.get_by_role("button", name="Undo").wait_for()
    expect(page.get_by_label("Accept album art of Bare")).to_have_count(0)
    assert served.get(f"/api/songs/{song.id}")["has_art"]
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_label("Accept album art of Bare")).to_be_visible()
    assert not served.get(f"/api/songs/{song.id}")["has_art"]
