"""`davproxy config`: every setting, its value, and where the value came from."""

import textwrap

import click

from davproxy.settings import Row, Settings


@click.command()
@click.option("--example", is_flag=True, help="Print the file .env.example instead: every setting with its default.")
@click.option("--markdown", is_flag=True, help="Print the table of settings for the documentation instead.")
def command(example: bool, markdown: bool) -> None:
    """Show every setting, its value and where it came from.

    Secrets are hidden. A value comes from the environment, from .env, or is the default.
    """
    if example or markdown:
        click.echo(as_example() if example else as_markdown(), nl=False)
        return
    rows = Settings.read().rows()
    name_width, value_width = (max(len(row[column]) for row in rows) for column in (0, 1))
    for name, value, source in rows:
        click.echo(f"{name:{name_width}}  {value:{min(value_width, 60)}}  {source}".rstrip())


def as_example() -> str:
    """The text of `.env.example`."""
    head = (
        "# Settings of davproxy. Copy this file to .env and take the # from the lines you change.\n"
        "# Variables of the environment win over this file. Written by: davproxy config --example\n"
    )
    return head + "".join(_example(row) for row in Settings.ROWS)


def _example(row: Row) -> str:
    words = textwrap.wrap(row.help, width=110, initial_indent="# ", subsequent_indent="# ")
    return "\n" + "\n".join([*words, f"#{row.name}={row.default}"]) + "\n"


def as_markdown() -> str:
    """The table of settings in the README."""
    lines = ["| setting | default | what it is |", "|---|---|---|"]
    for row in Settings.ROWS:
        default = f"`{row.default}`" if row.default else ""
        lines.append(f"| `{row.name}` | {default} | {row.help.replace('|', chr(92) + '|')} |")
    return "\n".join(lines) + "\n"
