"""`davproxy check`: what a game would refuse, and what is wrong otherwise, in songs on this disk or in the library."""

from collections.abc import Iterator
from pathlib import Path

import click
from rich.console import Console
from rich.markup import escape

from davproxy.commands import FAILED
from davproxy.errors import BadSng
from davproxy.formats import identify, rules, sng
from davproxy.formats.rules import Problem, Severity

_COLOURS = {Severity.REFUSED: "red", Severity.ERROR: "yellow", Severity.WARNING: "cyan"}


@click.command()
@click.argument("path", type=click.Path(path_type=Path, exists=True), default=Path())
@click.option("--quiet", is_flag=True, help="Only name songs that a game would refuse.")
def command(path: Path, quiet: bool) -> int:
    """Check a song, an .sng file, or every song below the folder PATH on this disk.

    Exit code 1 when a game would refuse one of them, or when there is no song.
    """
    console = Console(highlight=False, soft_wrap=True)
    songs = refused = flawed = 0
    for song, problems in check(path):
        songs += 1
        refused += rules.is_refused(problems)
        flawed += bool(problems)
        shown = [problem for problem in problems if not quiet or problem.severity is Severity.REFUSED]
        if shown:
            console.print(f"[bold]{escape(str(song))}[/bold]")
        for problem in shown:
            times = f" ({problem.count} times)" if problem.count > 1 else ""
            where = " ".join(word for word in (problem.instrument, problem.difficulty) if word)
            place = f" [dim]{where}{' ' if where else ''}{problem.code}[/dim]"
            colour = _COLOURS[problem.severity]
            console.print(f"  [{colour}]{problem.severity}[/{colour}] {escape(problem.message)}{times}{place}")
    if not songs:
        click.echo(f"There is no song in {path}.", err=True)
        return FAILED
    click.echo(f"{songs} songs: {refused} refused by games, {flawed - refused} with other findings.")
    return FAILED if refused else 0


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
