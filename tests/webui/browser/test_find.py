"""Finding songs: filters with counts, toggles, columns, and the pages of artists, albums, genres and charters."""

from playwright.sync_api import Page, expect

from tests.webui.browser.conftest import Open, wait_until_idle
from tests.webui.conftest import Site
from tests.webui.songs import add_song


def titles(page: Page, *names: str) -> None:
    """Wait until the list shows these titles."""
    expect(page.locator("[data-songs] .song-title")).to_have_text(list(names))


def test_filters_count_what_is_found_and_filter_by_a_press(served: Site, open_page: Open) -> None:
    for number, (artist, genre) in enumerate(
        (("Facet AC/DC", "Zydeco"), ("Facet AC/DC", "Ska"), ("Facet AC/DC II", "Ska"))
    ):
        add_song(served.library, f"Facet {number}", artist=artist, genre=genre, art="red" if number else "")
    page = open_page("/songs?search=facet&sort=title")
    page.get_by_role("button", name="Filters").click()
    genres = page.get_by_role("group", name="Genre, most songs first")
    expect(genres.get_by_role("button")).to_have_text(["Ska2", "Zydeco1"])
    page.get_by_role("button", name="Facet AC/DC 2", exact=True).click()
    titles(page, "Facet 0", "Facet 1")
    expect(genres.get_by_role("button")).to_have_text(["Ska1", "Zydeco1"])
    expect(page.get_by_role("button", name="Facet AC/DC II 1")).to_be_visible()
    page.get_by_role("button", name="Album art: any").click()
    titles(page, "Facet 1")
    page.get_by_role("button", name="Album art: must", exact=True).click()
    titles(page, "Facet 0")
    page.reload()
    titles(page, "Facet 0")
    expect(page.get_by_role("button", name="Album art: must not")).to_be_visible()
    page.get_by_role("button", name="Clear all").click()
    expect(page.get_by_role("button", name="Album art: any")).to_be_visible()


def test_an_address_of_an_older_version_filters(served: Site, open_page: Open) -> None:
    add_song(served.library, "Older bare", genre="Olden")
    add_song(served.library, "Older drawn", genre="Olden", art="red")
    titles(open_page("/songs?genre=Olden&has_art=false"), "Older bare")


def test_heads_sort_and_columns_are_chosen(served: Site, open_page: Open) -> None:
    for title, year in (("The Zeta", "1999"), ("Alpha", "2001"), ("Mu", "1980")):
        add_song(served.library, title, genre="Columned", year=year)
    page = open_page("/songs?genre=Columned&layout=list")
    page.get_by_role("button", name="Sort by Year").click()
    titles(page, "Mu", "The Zeta", "Alpha")
    page.get_by_role("button", name="Sort by Year, ascending").click()
    titles(page, "Alpha", "The Zeta", "Mu")
    page.get_by_role("button", name="Sort by Title").click()
    titles(page, "Alpha", "Mu", "The Zeta")
    expect(page.get_by_role("button", name="Sort by Charter")).to_have_count(0)
    page.get_by_text("Columns").click()
    page.get_by_role("checkbox", name="Charter").check()
    expect(page.get_by_role("button", name="Sort by Charter")).to_be_visible()
    page.reload()
    expect(page.get_by_role("button", name="Sort by Charter")).to_be_visible()


def test_an_artist_has_a_page_with_albums_and_songs(served: Site, open_page: Open) -> None:
    for title, album, artist in (
        ("One", "First & only", "The Pagers"),
        ("Two", "Second", "The Pagers"),
        ("Three", "Second", "Others"),
    ):
        add_song(served.library, f"Page {title}", album=album, artist=artist, year="1990" if title == "One" else "1995")
    page = open_page("/artists")
    page.get_by_label("Search").fill("pagers")
    page.get_by_role("link", name="The Pagers").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("The Pagers")
    expect(page.get_by_text("2 albums · 1990 to 1995")).to_be_visible()
    titles(page, "Page One", "Page Two")
    page.get_by_label("Search").fill("page two")
    titles(page, "Page Two")
    page.reload()
    titles(page, "Page Two")
    page.get_by_role("link", name="Second").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Second")
    titles(page, "Page Two")
    page.go_back()
    titles(page, "Page Two")
    expect(page.get_by_role("heading", level=1)).to_have_text("The Pagers")
    page.get_by_role("link", name="Artists", exact=True).first.click()
    page.get_by_role("link", name="Others", exact=True).click()
    titles(page, "Page Three")
    page.evaluate("history.go(-2)")
    expect(page.get_by_role("heading", level=1)).to_have_text("The Pagers")
    titles(page, "Page Two")
    wait_until_idle(page)


def test_small_cards_show_more_songs_at_once(served: Site, open_page: Open) -> None:
    for number in range(12):
        add_song(served.library, f"Small {number:02}", genre="Smaller")
    page = open_page("/songs?genre=Smaller&sort=title")
    cards = page.locator("[data-songs] .song")

    def in_the_first_row() -> int:
        expect(cards).to_have_count(12)
        wait_until_idle(page)
        top = "(each) => each.getBoundingClientRect().top"
        return int(cards.evaluate_all(f"(all) => all.map({top}).filter((one, _, tops) => one === tops[0]).length"))

    large = in_the_first_row()
    page.get_by_role("button", name="Small cards").click()
    assert in_the_first_row() > large
    page.reload()
    assert in_the_first_row() > large
