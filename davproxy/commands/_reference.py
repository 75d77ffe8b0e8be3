"""The command reference, docs/commands.md, written from each `--help`: `python -m davproxy.commands._reference`."""

import sys

import click

from davproxy.commands import davproxy

WIDTH = 100
"""Characters a line of help may have in the document."""


def as_markdown() -> str:
    """The text of docs/commands.md: the help of `davproxy`, then that of each command."""
    top = click.Context(davproxy, info_name="davproxy", terminal_width=WIDTH, **davproxy.context_settings)
    parts = ["# Commands\n\nWritten by `make docs`, from what each command prints for `--help`.\n"]
    parts.append(_section("davproxy", davproxy.get_help(top)))
    for name in davproxy.list_commands(top):
        command = davproxy.get_command(top, name)
        assert command is not None  # the group lists it
        parts.append(_section(f"davproxy {name}", command.get_help(click.Context(command, top, info_name=name))))
    return "\n".join(parts)


def _section(title: str, help_text: str) -> str:
    return f"## {title}\n\n```text\n{help_text}\n```\n"


if __name__ == "__main__":
    sys.stdout.write(as_markdown())
