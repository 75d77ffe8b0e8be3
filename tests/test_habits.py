"""The habits of the tests: no test asserts a time, sleeps, or replaces a part of the program while it runs."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
MEASURES = ("bench/", "fakes/")
"""What measures times, and what takes its time on purpose."""
ALLOWED = {
    "waiting.py: monotonic": "the bound of every wait",
    "waiting.py: sleep": "between two looks at a condition",
    "library/test_notes_reading.py: monotonic": "notes are not read too early, which a slow machine cannot break",
    "storm/clients.py: monotonic": "when each change began and ended",
    "test_child.py: sleep": "a child that never ends",
    "commands/test_mount.py: sleep": "a copy that takes its time",
}
AVOIDED = {"monotonic", "perf_counter", "sleep", "monkeypatch", "patch"}


def names(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_bytes())):
        if isinstance(node, ast.Attribute):
            yield node.attr
        elif isinstance(node, ast.Name):
            yield node.id
        elif isinstance(node, ast.arg):
            yield node.arg
        elif isinstance(node, ast.alias):
            yield node.name


def used(file: Path) -> set[str]:
    return AVOIDED & set(names(file))


@pytest.mark.parametrize("line", ["time.sleep(1)", "from time import monotonic", "def test(monkeypatch): pass"])
def test_it_knows_what_is_avoided(line: str, tmp_path: Path) -> None:
    file = tmp_path / "test_it.py"
    file.write_text(line)
    assert len(used(file)) == 1


def test_tests_wait_for_conditions_and_count() -> None:
    files = [file for file in TESTS.rglob("*.py") if not file.relative_to(TESTS).as_posix().startswith(MEASURES)]
    found = {f"{file.relative_to(TESTS).as_posix()}: {name}" for file in files for name in used(file)}
    assert found - ALLOWED.keys() == set(), "wait with tests/waiting.py, count instead of timing, pass fakes in"
