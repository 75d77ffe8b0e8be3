"""Hostile titles and file names: none runs as a script or breaks a page."""

import pytest
from playwright.sync_api import expect

from davproxy.formats import rich_text
from tests.webui.browser.conftest import Open
from tests.webui.conftest import Site
from tests.webui.songs import add_song
from webui.static_files import fingerprint

TWO_FRAMES = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
HOSTILE = [
    "<script>window.pwned=1</script>",
    "<img src=x onerror=window.pwned=1>",
    "<svg onload=window.pwned=1>",
    "<svg><script>window.pwned=1</script></svg>",
    "\"><script>window.pwned=1</script>",
    "'><img src=x onerror=window.pwned=1>",
    "</title><script>window.pwned=1</script>",
    "</textarea><script>window.pwned=1</script>",
    "</script><script>window.pwned=1</script>",
    "<iframe srcdoc='<script>parent.pwned=1</script>'>",
    "<a href=javascript:window.pwned=1>x</a>",
    "javascript:window.pwned=1",
    "<body onload=window.pwned=1>",
    "<input autofocus onfocus=window.pwned=1>",
    "<details open ontoggle=window.pwned=1>",
    "<video><source onerror=window.pwned=1>",
    "<math><mtext><img src=x onerror=window.pwned=1></mtext></math>",
    "<color=#ff0000 onmouseover=window.pwned=1>x</color>",
    "<color=red;background:url(javascript:window.pwned=1)>x</color>",
    "<color=\"expression(window.pwned=1)\">x</color>",
    "<b onclick=window.pwned=1>x</b>",
    "<size=99999999><b><i>deep",
    "{{7*7}}{% raw %}{{config}}",
    "${window.pwned=1}",
    "`${window.pwned=1}`",
    "&lt;script&gt;window.pwned=1&lt;/script&gt;",
    "%3Cscript%3Ewindow.pwned=1%3C/script%3E",
    "\u202e\u2066\u0000gnp.exe".replace("\u0000", ""),
    "x" * 3000,
    "<style>*{display:none}</style>",
]  # fmt: skip


@pytest.fixture(scope="module")
def attacked(served: Site) -> Site:
    """A library whose every title is an attack."""
    for number, text in enumerate(HOSTILE):
        add_song(served.library, text, folder=f"Attack {number}", artist=text, album=text, genre=text, icon=text)
    for text in HOSTILE[:20]:
        name = text.replace("/", "∕").replace("\\", "")[:100]
        served.library.tree.write(f"/Backgrounds/{name}", b"x")
    return served


@pytest.mark.slow
def test_thirty_hostile_titles_run_nothing(attacked: Site, open_page: Open) -> None:
    assert len(HOSTILE) == 30
    page = open_page("/songs?search=&sort=added&layout=list")
    expect(page.locator(".song").first).to_be_visible()
    for layout in ("list", "grid"):
        page.goto(f"{attacked.url}/songs?layout={layout}")
        expect(page.locator(".song-title").first).to_be_visible()
        for _ in range(12):
            page.mouse.wheel(0, 700)
            page.evaluate(TWO_FRAMES)
        assert page.evaluate("window.pwned") is None
    for number in range(len(HOSTILE)):
        song = attacked.library.songs.of(f"/Songs/Attack {number}")
        assert song
        page.goto(f"{attacked.url}/songs/{song.id}/edit")
        expect(page.get_by_label("Genre")).to_be_visible()
        assert page.evaluate("window.pwned") is None
        assert page.get_by_label("Artist").input_value() == song.metadata["artist"]


def test_hostile_file_names_run_nothing(attacked: Site, open_page: Open) -> None:
    page = open_page("/browser/Backgrounds")
    expect(page.locator(".entry-name")).to_have_count(20)
    page.get_by_role("button", name="Delete <script>").first.click()
    expect(page.get_by_role("dialog")).to_be_visible()
    assert page.evaluate("window.pwned") is None


def test_rich_text_has_its_colours(served: Site, open_page: Open) -> None:
    add_song(served.library, "<color=#00ff00>Green</color> <b>bold</b> <i>lean</i> <weird>kept</weird>", folder="Rich")
    page = open_page("/songs?search=lean&layout=list")
    title = page.locator(".song-title").first
    expect(title).to_have_text("Green bold lean <weird>kept</weird>")
    assert title.locator("b").inner_text() == "bold"
    assert title.locator("span span").first.evaluate("(span) => span.style.color") != ""


def test_the_page_and_the_search_know_the_same_tags(open_page: Open) -> None:
    texts = [f"a <{name}=1>b</{name}>c < / {name.upper()} >" for name in rich_text.NAMES.split()]
    texts += ["<#f00>red", "<colour>kept</colour> <3", "one<br>two", "<line-height=10>x <lineheight>", "<color=red"]
    page = open_page("/songs")
    shown = page.evaluate(
        """async ([address, texts]) => {
            const { richText } = await import(address);
            return texts.map((text) => richText(text).textContent);
        }""",
        [f"/static/{fingerprint()}/js/rich_text.js", texts],
    )
    assert [" ".join(text.split()) for text in shown] == [rich_text.strip(text) for text in texts]
