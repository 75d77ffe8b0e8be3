"""docs/problems.md has every code that the rules give, in the section of the file that gives it, and no other."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

TOP = Path(__file__).parents[3]
RULES = TOP / "davproxy" / "formats" / "rules"
GIVES_A_CODE = {"Problem", "_problem", "_refusal", "_warning", "_at"}
CODE = re.compile(r"[a-z]+[A-Z]\w+")


def codes_in(file: Path) -> Iterator[str]:
    """Every text that looks like a code: keys of tables, their values, and first arguments of what makes a Problem."""
    for node in ast.walk(ast.parse(file.read_bytes())):
        texts: list[ast.expr | None] = []
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in GIVES_A_CODE:
            texts = list(node.args[:1])
        elif isinstance(node, ast.Dict):
            texts = [*node.keys, *node.values]
        yield from (
            text.value
            for text in texts
            if isinstance(text, ast.Constant) and isinstance(text.value, str) and CODE.fullmatch(text.value)
        )


def test_every_code_has_its_line() -> None:
    document = (TOP / "docs" / "problems.md").read_text()
    documented = re.findall(r"^\| `(\w+)` \|", document, re.MULTILINE)
    assert len(documented) == len(set(documented))
    given = {code for file in RULES.glob("*.py") for code in codes_in(file)}
    assert len(given) > 40
    assert set(documented) == given | {"badSng"}, "docs/problems.md and the rules differ"
    for section in document.split("\n## ")[1:]:
        named = re.search(r"`rules/(\w+\.py)`", section)
        assert named is not None
        assert set(re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE)) & set(codes_in(RULES / named[1]))
