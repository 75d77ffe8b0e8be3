"""The pages in the language of the browser, and the choice of another one."""

import pytest
from playwright.sync_api import Page, expect

from tests.webui.browser.conftest import Open, check, wait_until_idle
from tests.webui.conftest import Site

HEADINGS = {"/upload": "Hochladen", "/trash": "Papierkorb und Verlauf", "/browser": "Dateien"}


@pytest.fixture
def german(open_page: Open) -> Page:
    """The upload page in a browser that prefers German."""
    return open_page("/upload", locale="de-DE")


def test_a_german_browser_gets_german(german: Page, served: Site) -> None:
    for path, heading in HEADINGS.items():
        german.goto(served.url + path)
        expect(german.get_by_role("heading", level=1)).to_have_text(heading)
        assert german.evaluate("document.documentElement.lang") == "de"
    expect(german.get_by_role("button", name="Design: auto")).to_be_visible()  # the scripts say
    check(german, "German")


def test_the_choice_lasts_and_german_needs_one_request_more(open_page: Open, served: Site) -> None:
    page = open_page("/upload")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.get_by_label("Language").select_option("Deutsch")
    expect(page.get_by_role("heading", level=1)).to_have_text("Hochladen")
    assert page.url == f"{served.url}/upload"
    page.get_by_role("link", name="Dateien").click()  # without a new document
    expect(page.get_by_role("heading", level=1)).to_have_text("Dateien")
    assert sum("/translations/" in url for url in asked) == 1
    expect(page.get_by_label("Sprache")).to_have_value("de")
    page.get_by_label("Sprache").select_option("System")
    expect(page.get_by_role("heading", level=1)).to_have_text("Files")
    wait_until_idle(page)
    assert sum("/translations/" in url for url in asked) == 1


JOBS = {
    "Import a. b.zip again": "a. b.zip importieren (noch einmal)",
    "Undo: Move “a” to /Songs": "Rückgängig: “a” nach /Songs verschieben",
    "Read the scores of Ann": "Die Punktestände von Ann lesen",
    "1,234 changes done. 1 could not be: Gone. Look.": "1.234 Änderungen gemacht. 1 nicht möglich: Gone. Look.",
    "2 changes taken back.": "2 Änderungen zurückgenommen.",
    "1 song can be repaired.": "1 Song kann repariert werden.",
    "3 songs. 1 of 3 are not in your library.": "3 Songs. 1 ist nicht in deiner Sammlung.",
    "1 song imported, 2 left out (a (b): Text). Loud.": "1 Song hinzugefügt. 2 ausgelassen (a (b): Text). Loud.",
    "0 songs imported, 2 songs in the library already (nothing new), 1 failed (Cut off).": (
        "0 Songs hinzugefügt. 2 Songs waren schon in der Sammlung (nichts Neues). 1 fehlgeschlagen (Cut off)."
    ),
    "1 song in the library already (improved: art, video; kept although it differs: audio).": (
        "1 Song war schon in der Sammlung (verbessert: art, video; behalten, obwohl es abweicht: audio)."
    ),
    "1 song imported. It ends at 1:02, but should last 3:00.": (
        "1 Song hinzugefügt. Sie endet bei 1:02, sollte aber 3:00 dauern."
    ),
    "Something. Else.": "Something. Else.",
}
"""Titles and summaries of jobs in German; what is not known stays as it is."""

PROBLEMS = {
    "This track has no star power.": "Diese Spur hat keine Star Power.",
    "The genre is not given: fill in “genre”.": "Nicht angegeben ist: Genre. Trage „genre“ ein.",
    "“a (b).ogg” is not played by games: call it after its instrument, or “song”.": (
        "„a (b).ogg“ wird von Spielen nicht abgespielt: nenne die Datei nach ihrem Instrument oder „song“."
    ),
    "The length of the chart.": "Die Länge des Charts.",
    "Longer than 240 characters, which Windows may refuse.": "Länger als 240 Zeichen, was Windows ablehnen kann.",
    "“The same notes” is kept.": "„The same notes“ bleibt.",
    "Something else.": "Something else.",
}
"""Sentences of problems and the reasons of steps, whose values the server has filled in."""

PROPOSED = {
    "The tags of song.ogg. The other song of “Gold”.": "Die Tags von song.ogg. Der andere Song von „Gold“.",
    "3 of 4 other songs of “A. B”. Something else.": "3 of 4 other songs of “A. B”. Something else.",
    "12 of 13 other songs of “Gold”.": "12 von 13 anderen Songs von „Gold“.",
}
"""The reasons of proposals, which are one or more sentences."""

REFUSED = {
    "There is no “/Drop/a. B.zip”.": "„/Drop/a. B.zip“ gibt es nicht.",
    "“Mr. Big” is a file. Choose a folder.": "„Mr. Big“ ist eine Datei. Wähle einen Ordner.",
    "The server does not allow that for “/Songs/A”.": "Der Server erlaubt das bei „/Songs/A“ nicht.",
    "The server does not allow that for “/Songs/A” (Locked). Give the account of NEXTCLOUD_USERNAME the right to read "
    "it, or see which rule on the server denies it.": (
        "Der Server erlaubt das bei „/Songs/A“ nicht (Locked). Gib dem Konto von NEXTCLOUD_USERNAME das Recht, es zu "
        "lesen, oder sieh nach, welche Regel des Servers es verbietet."
    ),
    "Its song.ini is larger than any song's, so it is no song.": (
        "song.ini ist größer als bei jedem Song, also ist es keiner."
    ),
    "“song.ini” in it: This song.ini is larger than 5 MiB, so it is not a song.ini.": (
        "„song.ini“ darin: Diese song.ini ist größer als 5 MiB, ist also keine song.ini."
    ),
    "song.ogg holds only 2 seconds of sound. Give a whole song.": (
        "song.ogg enthält nur 2 Sekunden Ton. Gib einen ganzen Song."
    ),
}
"""What errors say, with names of files in it."""


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("/api/songs/5", "Diesen Song gibt es nicht. Vielleicht wurde er gelöscht."),
        ("/api/nothing", "Unter dieser Adresse gibt es nichts."),
        ("/api/webdav/browse?path=/Songs/A. B", "„/Songs/A. B“ gibt es nicht."),
    ],
)
def test_errors_of_the_api_are_in_the_language_of_the_page(open_page: Open, address: str, words: str) -> None:
    page = open_page("/upload", locale="de-DE", allow="status of 404")
    folder = (page.locator("script[data-turns]").get_attribute("src") or "").rpartition("/")[0]
    page.evaluate(
        """async ([folder, address]) => {
            const { get } = await import(`${folder}/api.js`);
            await (await import(`${folder}/toast.js`)).attempt(() => get(address));
        }""",
        [folder, address],
    )
    expect(page.get_by_text(words)).to_be_visible()


def test_numbers_dates_and_jobs_are_those_of_the_language(german: Page, served: Site) -> None:
    script = german.locator("script[data-turns]").get_attribute("src") or ""
    folder = script.rpartition("/")[0]
    values = german.evaluate(
        """async (folder) => {
            const { ago, bytes, count, dateTime } = await import(`${folder}/format.js`);
            return [count(12345), bytes(2_500_000), ago(Date.now() / 1000 - 90_000), dateTime(0).slice(0, 8)];
        }""",
        folder,
    )
    assert values == ["12.345", "2,5 MB", "gestern", "1.1.1970"]
    told = german.evaluate(
        "async ([folder, texts]) => texts.map((await import(`${folder}/job_words.js`)).jobTitle)", [folder, list(JOBS)]
    )
    assert dict(zip(JOBS, told, strict=True)) == JOBS
    told = german.evaluate(
        "async ([folder, texts]) => texts.map((await import(`${folder}/translate.js`)).sentence)",
        [folder, list(PROBLEMS)],
    )
    assert dict(zip(PROBLEMS, told, strict=True)) == PROBLEMS
    told = german.evaluate(
        "async ([folder, texts]) => texts.map((await import(`${folder}/translate.js`)).allSentences)",
        [folder, [*PROPOSED, *REFUSED]],
    )
    assert dict(zip([*PROPOSED, *REFUSED], told, strict=True)) == {**PROPOSED, **REFUSED}


TIMES = {"song_length": "unknown", "preview_start_time": "-1"}


def test_repairs_and_imports_say_what_is_so(open_page: Open) -> None:
    page = open_page("/upload")
    folder = (page.locator("script[data-turns]").get_attribute("src") or "").rpartition("/")[0]
    step = {"kind": "edit", "path": "A", "before": TIMES, "after": dict.fromkeys(TIMES, "35000"), "reason": "So."}
    known = [{"title": f"{at}", "differs": ["audio"]} for at in range(5)] + [{"title": "Same"}]
    told = page.evaluate(
        """async ([folder, step, duplicates]) => [
            (await import(`${folder}/repair_dialog.js`)).wordsOf(step),
            (await import(`${folder}/import_result.js`)).importResult({duplicates}).words,
        ]""",
        [folder, step, known],
    )
    differs = " ".join(f"“{at}” differs, and ours was kept: audio." for at in range(3))
    assert told == [
        "A: song_length: unknown → 0:35, preview_start_time: – → 0:35 (So.)",
        f"1 song is in the library already: nothing new. {differs} … and 2 more",
    ]
