"""The command reference, docs/commands.md."""

from davproxy.commands._reference import as_markdown
from tests.commands.conftest import TOP


def test_the_reference_is_what_the_commands_print_for_help() -> None:
    assert (TOP / "docs" / "commands.md").read_text() == as_markdown(), "run: make docs"
