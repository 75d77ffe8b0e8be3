"""The files of the translations, made from what the pages say: `make translations`.

`messages.pot` has every text of the templates, of Python and of the scripts. `LANGUAGE/LC_MESSAGES/messages.po` has
them with their translations, which people edit. From that come `messages.mo`, for the templates and Python, and
`static/translations/LANGUAGE.js`, for the scripts. All are committed, so that an installation needs no tools.
"""

import ast
import io
import json
import re
from collections.abc import Collection, Iterator, Mapping
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path
from typing import IO, TypeGuard

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from davproxy import charter, curation, errors, imports
from davproxy.charter import generate
from davproxy.charter.structure import evidence
from davproxy.curation.repairs import REPAIRS
from davproxy.formats import rules, song_fields
from davproxy.library.songs import NO_SUCH_SONG
from webui.problems import ADVICE
from webui.translation import FOLDER, LANGUAGES

WEBUI = FOLDER.parent
RULES = Path(rules.__file__).parent
"""Their sentences say what is wrong with a song."""
PLANS = (Path(curation.__file__).parent, Path(imports.__file__).parent)
"""Their steps and proposals have reasons."""
CHARTER = Path(charter.__file__).parent
"""It has remarks on recordings."""
SERVER = Path(errors.__file__).parent
UNSEEN = ("commands", "mounting", "dav", "server", "snapshot", "settings.py", "health.py", "notify_push.py")
"""Their errors are for the command line, for programs and for the log."""
ERRORS = {name for name, each in vars(errors).items() if isinstance(each, type) and issubclass(each, Exception)}
REMARKS = (evidence.NO_BEAT, evidence.FAINT_BEAT, generate.NO_DRUMS, *ADVICE.values())
"""Those that are no texts of a call."""
ERROR_PAGES = (400, 403, 404, 405, 413, 500, 502, 503)
"""The statuses of pages that say what is wrong."""
TEMPLATE = FOLDER / "messages.pot"
METHODS = [
    ("**.py", "python"),
    ("templates/**.html", "jinja2.ext:babel_extract"),
    ("static/js/**.js", "tests.webui.translations:extract_from_script"),
]
OPTIONS = {"templates/**.html": {"trimmed": "true", "newstyle_gettext": "true", "silent": "false"}}
TEXT = r'"((?:[^"\\\n]|\\.)*)"'
CALL = re.compile(rf"\bt\(\s*{TEXT}|\btn\(\s*{TEXT},\s*{TEXT},")
"""A call of static/js/translate.js, whose texts are literals."""

DATE = datetime(2000, 1, 1, tzinfo=UTC)
"""In the files that are made, so that they change with the texts alone."""
CHANGING = re.compile(
    rb'^"(Project-Id-Version|Report-Msgid|POT-Cr|PO-Rev|Last-Tr|Language-Team|Generated-By).*\n', re.M
)
"""What a header says of dates, people and tools; the history of the repository knows better."""

Found = tuple[int, str, str | tuple[str, str], list[str]]


def languages() -> list[str]:
    """The languages that have translations."""
    return [code for code in LANGUAGES if code != "en"]


def extract_from_script(
    file: IO[bytes], keywords: Collection[str], comment_tags: Collection[str], options: Mapping[str, str]
) -> Iterator[Found]:
    """Line, function, texts and comments of each call in a script, as Babel wants them."""
    script = file.read().decode()
    for call in CALL.finditer(script):
        line = script.count("\n", 0, call.start()) + 1
        single, *plural = [ast.literal_eval(f'"{text}"') for text in call.groups() if text is not None]
        yield (line, "ngettext", (single, *plural), []) if plural else (line, "gettext", single, [])


def template() -> Catalog:
    """Every text that the pages say."""
    catalog = Catalog(project="davproxy", charset="utf-8", header_comment="# The texts of davproxy's pages.")
    keywords = {**DEFAULT_KEYWORDS, "lazy_gettext": None}
    found = extract_from_dir(WEBUI, METHODS, OPTIONS, keywords)
    for name, _, message, comments, context in sorted(found, key=lambda each: (each[0], each[1])):
        catalog.add(message, locations=[(Path(name).as_posix(), 0)], auto_comments=comments, context=context)
    for text in error_texts():
        catalog.add(text, locations=[("problems.py", 0)])
    for text in api_texts():
        catalog.add(text, locations=[("static/js/translate.js", 0)])
    return catalog


def error_texts() -> Iterator[str]:
    """Titles and details of the pages of errors."""
    yield from (HTTPStatus(status).phrase.capitalize() for status in ERROR_PAGES)
    yield from (ADVICE[status] for status in ERROR_PAGES if status in ADVICE)
    yield NO_SUCH_SONG


def api_texts() -> Iterator[str]:
    """Texts of the API that the scripts translate with `translated()`."""
    yield from (field.label for field in song_fields.FIELDS.values())
    yield from (text for repair in REPAIRS for text in (repair.title, repair.text))
    yield from filled_sentences()


def filled_sentences() -> Iterator[str]:
    """What the scripts translate with `sentence()`, with {name} for each value."""
    yield from problem_sentences()
    yield from REMARKS
    yield from refusals()
    for file in sorted(CHARTER.rglob("*.py")):
        yield from remarks(ast.parse(file.read_text()))
    for file in sorted(each for folder in PLANS for each in folder.rglob("*.py")):
        yield from reasons(file.read_text())


def problem_sentences() -> Iterator[str]:
    """What the rules say is wrong with a song."""
    for file in sorted(RULES.glob("*.py")):
        yield from sentences(ast.parse(file.read_text()))


def reasons(module: str) -> Iterator[str]:
    """The texts that a module gives as `reason`, which is the last argument of a proposal."""
    for node in ast.walk(ast.parse(module)):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "Proposal" and node.args:
            yield from sentences(node.args[-1])
        named = isinstance(node, ast.keyword) and node.arg == "reason"
        named |= isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "reason"
        if named and isinstance(node, ast.keyword | ast.Assign):
            yield from sentences(node.value)


def remarks(module: ast.AST) -> Iterator[str]:
    """The texts that a module adds to its remarks."""
    for node in ast.walk(module):
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("remarks.append"):
            yield from sentences(node.args[0])


def refusals() -> Iterator[str]:
    """What the errors say that the pages show: texts of their calls, and constants that are named there."""
    files = [*SERVER.rglob("*.py"), *WEBUI.rglob("*.py")]
    modules = [ast.parse(each.read_text()) for each in files if not set(UNSEEN) & set(each.parts)]
    texts = [call.args[0] for module in modules for call in ast.walk(module) if _is_error(call)]
    names = {text.id for text in texts if isinstance(text, ast.Name)}
    for statement in (each for module in modules for each in module.body):
        if isinstance(statement, ast.Assign) and ast.unparse(statement.targets[0]) in names:
            texts.append(statement.value)
    yield from (sentence for text in texts for sentence in sentences(text))


def _is_error(node: ast.AST) -> TypeGuard[ast.Call]:
    return isinstance(node, ast.Call) and bool(node.args) and ast.unparse(node.func).rpartition(".")[2] in ERRORS


def sentences(tree: ast.AST) -> Iterator[str]:
    """The texts that are no docstrings, with {name} for each value of an f-string."""
    passed = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    passed |= {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    for node in ast.walk(tree):
        if id(node) not in passed and isinstance(node, ast.Constant | ast.JoinedStr):
            parts = node.values if isinstance(node, ast.JoinedStr) else [node]
            text = "".join(_part(part, number) for number, part in enumerate(parts))
            if " " in text and re.search("[a-z]", re.sub(r"\{\w+\}", "", text)):
                yield text


def _part(part: ast.expr, number: int) -> str:
    if isinstance(part, ast.FormattedValue):
        return f"{{{part.value.id}}}" if isinstance(part.value, ast.Name) else f"{{value{number}}}"
    return part.value if isinstance(part, ast.Constant) and isinstance(part.value, str) else ""


def path_of(language: str) -> Path:
    """The file that has the translations."""
    return FOLDER / language / "LC_MESSAGES" / "messages.po"


def read(language: str) -> Catalog:
    """The translations as they are stored."""
    if not (path := path_of(language)).exists():
        return Catalog(language, project="davproxy")
    with path.open("rb") as file:
        return read_po(file, locale=language)


def update_catalog(language: str, texts: Catalog) -> Catalog:
    """The translations of exactly these texts."""
    catalog = read(language)
    catalog.update(texts, no_fuzzy_matching=True, update_creation_date=False)
    catalog.header_comment = f"# The texts of davproxy's pages in {LANGUAGES[language]}."
    catalog.fuzzy = False
    return catalog


def generate_files() -> dict[Path, bytes]:
    """The contents of every file."""
    texts = template()
    files = {TEMPLATE: _po(texts)}
    for language in languages():
        catalog = update_catalog(language, texts)
        compiled = io.BytesIO()
        catalog.creation_date = catalog.revision_date = DATE
        write_mo(compiled, catalog)
        files |= {
            path_of(language): _po(catalog),
            path_of(language).with_suffix(".mo"): compiled.getvalue(),
            WEBUI / "static" / "translations" / f"{language}.js": _script(catalog),
        }
    return files


def _po(catalog: Catalog) -> bytes:
    file = io.BytesIO()
    write_po(file, catalog, width=120, sort_by_file=True, ignore_obsolete=True, include_lineno=False)
    return CHANGING.sub(b"", file.getvalue())


def _script(catalog: Catalog) -> bytes:
    """The texts of scripts, as the script that translate.js reads."""
    texts = {_key(each): each.string for each in catalog if _is_of_scripts(each) and is_translated(each)}
    filled = sorted(text for text in {*filled_sentences()} if "{" in text)
    return (
        f"globalThis.translations = {json.dumps(texts, ensure_ascii=False, indent=0)};\n"
        f"globalThis.sentences = {json.dumps(filled, ensure_ascii=False, indent=0)};\n"
    ).encode()


def is_translated(message: Message) -> bool:
    """Whether the message has a translation, in all its forms."""
    return all(message.string) if isinstance(message.string, list | tuple) else bool(message.string)


def _key(message: Message) -> str:
    return message.id if isinstance(message.id, str) else message.id[0]


def _is_of_scripts(message: Message) -> bool:
    return any(name.endswith(".js") for name, _ in message.locations)


if __name__ == "__main__":
    for path, content in generate_files().items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
