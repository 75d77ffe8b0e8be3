"""The pages in other languages: every text is translated, and the files agree with what the pages say."""

import ast
import re
from collections import Counter
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
from jinja2 import Environment, nodes

import davproxy
from tests.webui import translations
from tests.webui.conftest import Site
from webui.translation import LANGUAGES

TEMPLATES = sorted((translations.WEBUI / "templates").glob("*.html"))
IN_ENGLISH = {"docs.html"}
"""The reference of the API, whose texts are those of the API document."""
NAMES = {"davproxy", "API", "Clone Hero", "YARG", "Windows", "Linux", "https://cloud.example.org"}
"""What is the same in every language."""
SPOKEN = ("alt", "aria-label", "placeholder", "title")
"""Attributes that people read or hear."""
SERVER = Path(davproxy.__file__).parent
STARTS = {"submit", "_submit", "_start", "note", "register"}
"""Methods that get the title of a job as their second or third argument."""
EXAMPLES = {"job.title": "Import X", "folder": "/X"}
"""Examples of values in such titles."""
PLACEHOLDER = re.compile(r"%\(\w+\)\w|\{\w+\}|</?\w+[^>]*>")
"""What a translation must keep: values, and tags with all that they say."""


def test_the_files_are_those_of_the_texts() -> None:
    """`make translations` writes them."""
    outdated = [str(path) for path, content in translations.generate_files().items() if path.read_bytes() != content]
    assert outdated == []


@pytest.mark.parametrize("language", translations.languages())
def test_every_text_is_translated_with_its_values(language: str) -> None:
    for message in (message for message in translations.read(language) if message.id):
        assert translations.is_translated(message), message.id
        assert not message.fuzzy, message.id
        source = message.id if isinstance(message.id, str) else message.id[-1]
        for text in [message.string] if isinstance(message.string, str) else message.string or ():
            assert Counter(PLACEHOLDER.findall(text)) == Counter(PLACEHOLDER.findall(source)), message.id


def test_every_call_in_a_script_has_a_text_that_is_found() -> None:
    for file in sorted((translations.WEBUI / "static" / "js").glob("*.js")):
        script = re.sub(r"^(//| \*).*$", "", file.read_text(), flags=re.M)
        if file.name != "translate.js":
            calls = re.findall(r"(?<![\w.])tn?\(", script)
            assert len(calls) == len(translations.CALL.findall(script)), f"{file.name}: give t() and tn() literals"


def test_every_title_of_a_job_is_known_to_the_scripts() -> None:
    script = (translations.WEBUI / "static" / "js" / "job_words.js").read_text()
    known = [re.escape(title) for title in re.findall(r'^  "([^"]+)": t\(', script, flags=re.M)]
    known += re.findall(r"/(\^.+?\$)/", script)
    titles = {title for file in SERVER.rglob("*.py") for title in _titles(file.read_text())}
    assert len(titles) > 15
    assert [title for title in titles if not any(re.fullmatch(each, title) for each in known)] == []


def _titles(module: str) -> Iterator[str]:
    """The titles of the jobs that a module starts."""
    for call in ast.walk(ast.parse(module)):
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr in STARTS:
            for title in call.args[1:3]:
                if isinstance(title, ast.Constant):
                    yield str(title.value)
                elif isinstance(title, ast.JoinedStr):
                    yield "".join(map(_example, title.values))


def _example(part: ast.expr) -> str:
    """A part of an f-string with an example for its value."""
    if isinstance(part, ast.FormattedValue):
        return EXAMPLES.get(ast.unparse(part.value), "“X”")
    return str(ast.literal_eval(part))


@pytest.mark.parametrize("file", TEMPLATES, ids=lambda file: file.name)
def test_no_text_of_a_template_is_outside_of_the_translation(file: Path) -> None:
    assert file.name in IN_ENGLISH or list(_untranslated(file.read_text())) == []


def test_it_finds_what_is_not_translated() -> None:
    template = """<p title="One">Two {{ _('No') }}{% trans %}No{% endtrans %}</p>{% for a, b in (('no', 'Three'),) %}
    <code>no</code>{% endfor %}<i aria-label="{{ 'Four' if x else _('No') }}">5</i>"""
    assert list(_untranslated(template)) == ["One", "Two", "Three", "Four"]


def _untranslated(template: str) -> Iterator[str]:
    """The texts that people would read in English whatever their language is."""
    reader = _Reader()
    reader.feed(_without_jinja(template))
    yield from (text for text in reader.texts if re.search("[A-Za-z]", text) and text not in NAMES)
    tree = Environment(extensions=["jinja2.ext.i18n"]).parse(template)
    translated = {id(each) for call in tree.find_all(nodes.Call) if _translates(call) for each in call.args}
    for constant in tree.find_all(nodes.Const):
        text = constant.value
        if isinstance(text, str) and re.match("[A-Z]", text) and text not in NAMES and id(constant) not in translated:
            yield text


def _translates(call: nodes.Call) -> bool:
    return isinstance(call.node, nodes.Name) and call.node.name in ("_", "gettext", "ngettext")


def _without_jinja(template: str) -> str:
    """The HTML of a template without its expressions, its statements and what they translate."""
    translated = re.sub(r"\{%-?\s*trans\b.*?endtrans\s*-?%\}", "", template, flags=re.S)
    return re.sub(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}", "", translated, flags=re.S)


class _Reader(HTMLParser):
    """Collects what people read: texts but those of code and keys, and attributes."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self._quiet = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._quiet += tag in ("code", "kbd", "script")
        self.texts += [value.strip() for name, value in attrs if name in SPOKEN and value]

    def handle_endtag(self, tag: str) -> None:
        self._quiet -= tag in ("code", "kbd", "script")

    def handle_data(self, data: str) -> None:
        if not self._quiet:
            self.texts.append(data.strip(" ·\n"))


@pytest.mark.parametrize(
    ("accepted", "chosen", "language"),
    [
        ("de-AT,de;q=0.9,en;q=0.5", "", "de"),
        ("fr,en;q=0.5", "", "en"),
        ("de-AT,en;q=0.5", "", "de"),
        ("en-US,de;q=0.5", "", "en"),
        ("", "", "en"),
        ("de", "en", "en"),
        ("fr", "de", "de"),
    ],
)
def test_the_language_is_the_chosen_one_or_what_the_browser_prefers(
    shared_site: Site, accepted: str, chosen: str, language: str
) -> None:
    client = shared_site.client
    client.post("/language", data={"language": chosen})
    page = client.get("/upload", headers={"Accept-Language": accepted})
    assert f'<html lang="{language}">' in page.text
    assert page.headers["Content-Language"] == language
    assert {"Accept-Language", "Cookie"} <= set(page.headers["Vary"].split(", "))
    assert ("translations/" in page.text) == (language != "en")


def test_the_choice_leads_back_to_the_page_and_can_be_forgotten(site: Site) -> None:
    client = site.client
    for code in (*LANGUAGES, "xx", ""):
        answer = client.post("/language", data={"language": code}, headers={"Referer": "http://localhost/songs?a=b"})
        assert (answer.status_code, answer.headers["Location"]) == (303, "/songs?a=b")
        assert bool(client.get_cookie("davproxy-language")) == (code in LANGUAGES)
    elsewhere = client.post("/language", headers={"Referer": "http://other.example/page"})
    assert elsewhere.headers["Location"] == "/"


@pytest.mark.parametrize(
    ("address", "status", "words"),
    [
        ("/songs/5", 404, "Diesen Song gibt es nicht."),
        ("/nothing", 404, "Unter dieser Adresse"),
        ("/artist", 404, "Gib den Namen an: /artist?name=…"),
        ("/language", 405, "Methode nicht erlaubt"),
    ],
)
def test_error_pages_are_in_the_language_of_the_page(site: Site, address: str, status: int, words: str) -> None:
    page = site.client.get(address, headers={"Accept-Language": "de"})
    assert (page.status_code, words in page.text) == (status, True), page.text
