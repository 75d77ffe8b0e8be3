"""`davproxy check`: what a game would refuse, and what is wrong otherwise, in songs on this disk or in the library."""

from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path

import click
from rich.console import Console
from rich.markup import escape

from davproxy.commands import FAILED
from davproxy.commands._client import Findings, workplace
from davproxy.errors import BadSng
from davproxy.formats import identify, rules, sng
from davproxy.formats.rules import Problem, Severity
from davproxy.settings import Settings

_COLOURS = {Severity.REFUSED: "red", Severity.ERROR: "yellow", Severity.WARNING: "cyan"}


@click.command()
@click.argument("path", type=click.Path(path_type=Path, exists=True), required=False)
@click.option("--quiet", is_flag=True, help="Only name songs that a game would refuse.")
def command(path: Path | None, quiet: bool) -> int:
    """Check a song, an .sng file, or every song below the folder PATH on this disk; without PATH, the library.

    Exit code 1 when a game would refuse one of them, or when there is no song.
    """
    console = Console(highlight=False, soft_wrap=True)
    songs = refused = flawed = 0
    with ExitStack() as stack:
        if path is None:
            found: Iterable[tuple[str, Findings]] = stack.enter_context(workplace(Settings.read())).findings()
        else:
            found = ((str(song), [problem.as_json() for problem in problems]) for song, problems in check(path))
        for song, findings in found:
            songs += 1
            wrong = [finding for finding in findings if finding["severity"] == Severity.REFUSED]
            refused += bool(wrong)
            flawed += bool(findings)
            _show(console, song, wrong if quiet else findings)
    if not songs:
        click.echo(f"There is no song in {path or 'the library'}.", err=True)
        return FAILED
    click.echo(f"{songs} songs: {refused} refused by games, {flawed - refused} with other findings.")
    return FAILED if refused else 0


def _show(console: Console, song: str, findings: Findings) -> None:
    if findings:
        console.print(f"[bold]{escape(song)}[/bold]")
    for finding in findings:
        times = f" ({finding['count']} times)" if finding.get("count", 1) > 1 else ""
        where = " ".join(str(finding[key]) for key in ("instrument", "difficulty", "code") if finding.get(key))
        colour = _COLOURS[Severity(finding["severity"])]
        words = f"[{colour}]{finding['severity']}[/{colour}] {escape(finding['message'])}{times}"
        console.print(f"  {words} [dim]{where}[/dim]")


def check(path: Path) -> Iterator[tuple[Path, list[Problem]]]:
    """Each song at or below `path` with its problems, worst first."""
    if path.is_file():
        if path.suffix.lower() == ".sng":
            yield path, _packed(path)
        return
    children = sorted(path.iterdir())
    files = {child.name: child.stat().st_size for child in children if child.is_file()}
    if identify.is_song(files):
        notes = identify.notes_file(files)
        ini = path / identify.INI_NAME
        yield (
            path,
            rules.check_song(
                files, ini.read_bytes() if ini.is_file() else None, (path / notes).read_bytes() if notes else None
            ),
        )
        return
    for child in children:
        if not child.is_symlink():
            yield from check(child)


def _packed(path: Path) -> list[Problem]:
    try:
        with path.open("rb") as file:
            packed = sng.read(file)
            notes = identify.notes_file(packed.members)
            content = b"".join(sng.contents(file, packed, packed.members[notes])) if notes else None
    except BadSng as error:
        return [Problem("badSng", Severity.REFUSED, error.message)]
    sizes = {name: member.size for name, member in packed.members.items()}
    return rules.check_packed(sizes, packed.pairs, content)
