"""The words of code and documents: those that docs/glossary.md replaces do not come back."""

import re
from pathlib import Path

import pytest

TOP = Path(__file__).parent.parent
AVOIDED = re.compile(r"\b(mend(s|ed|ing)?|anew|lest|strew[ns]?|told\s+of|taken\s+in|had\s+better)\b", re.IGNORECASE)
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


def test_it_reads_every_kind_of_file() -> None:
    assert {Path(name).suffix for name in sources()} == {".py", ".md", ".js", ".html"}


@pytest.mark.parametrize("sentence", ["It was mended.", "Strewn about", "lest it\nbe", "songs told\nof here"])
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
