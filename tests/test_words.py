"""The words of code and documents: those that docs/glossary.md replaces do not come back."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

TOP = Path(__file__).parent.parent
AVOIDED = re.compile(
    r"(?<![a-z])(mend(s|ed|ing)?|anew|lest|strew[ns]?|told[\s_]+of|taken[\s_]+in|had[\s_]+better)(?![a-z])",
    re.IGNORECASE,
)
"""The words as they stand in sentences, and in names with underscores."""
NOT_NAMES = {
    "mirror", "catalogue", "arrival", "arrivals", "places", "findings", "workshop", "publish", "intake", "quiet",
    "flux", "hearing", "strings", "riff", "riffs", "pulse",
}  # fmt: skip
"""Words that the glossary replaces in names of ours. A sentence may use them."""
LEFT_OUT = {"docs/glossary.md", "CHANGELOG.md", "tests/test_words.py"}
"""Files that name the words in order to replace them, and one that says what was."""
SOURCES = ["*.md", ".github/**/*.md"] + [
    f"{folder}/**/*.{kind}"
    for folder in ("davproxy", "webui", "tests", "docs")
    for kind in ("py", "md", "js", "html")
]  # fmt: skip


def sources() -> list[str]:
    found = {file.relative_to(TOP).as_posix() for pattern in SOURCES for file in TOP.glob(pattern)}
    return sorted(name for name in found - LEFT_OUT if "node_modules" not in name)


def test_the_words_are_tested_in_every_kind_of_file() -> None:
    assert {Path(name).suffix for name in sources()} == {".py", ".md", ".js", ".html"}


@pytest.mark.parametrize(
    "sentence", ["It was mended.", "Strewn about", "lest it\nbe", "songs told\nof here", "def test_it_is_asked_anew"]
)
def test_it_knows_the_words(sentence: str) -> None:
    assert AVOIDED.search(sentence)


@pytest.mark.parametrize("sentence", ["It was amended.", "a tome of lestoil", "recommend", "what you told offhand"])
def test_it_knows_whole_words_only(sentence: str) -> None:
    assert not AVOIDED.search(sentence)


def test_no_file_has_an_avoided_word() -> None:
    found = [
        f"{name}:{text.count(chr(10), 0, match.start()) + 1}: {match[0]}"
        for name in sources()
        for text in [(TOP / name).read_text()]
        for match in AVOIDED.finditer(text)
    ]
    assert not found, "docs/glossary.md says what to write instead:\n" + "\n".join(found)


def names(file: Path) -> Iterator[str]:
    """The names of a module, its classes, its functions, and the tables that it makes."""
    yield file.stem
    content = file.read_text()
    yield from re.findall(r"CREATE (?:VIRTUAL )?TABLE (?:IF NOT EXISTS )?(\w+)", content)
    for node in ast.walk(ast.parse(content)):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.name


def test_no_name_of_ours_is_a_word_that_the_glossary_replaces() -> None:
    files = [file for folder in ("davproxy", "webui") for file in (TOP / folder).rglob("*.py")]
    found = {
        f"{file.relative_to(TOP)}: {name}"
        for file in files
        for name in names(file)
        if NOT_NAMES & {part.lower() for part in re.findall(r"[A-Z]?[a-z]+|[A-Z]+", name)}
    }
    assert len(files) > 100
    assert found == set()
