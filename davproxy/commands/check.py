"""`davproxy check`: the problems of songs on this disk or in the library, and which songs a game refuses."""

from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path

import click
from rich.console import Console
from rich.markup import escape

from davproxy.commands import FAILED
from davproxy.commands._client import Problems, open_client
from davproxy.errors import BadSng
from davproxy.formats import identify, rules, sng
from davproxy.formats.rules import Problem, Severity
from davproxy.settings import Settings

_COLOURS = {Severity.REFUSED: "red", Severity.ERROR: "yellow", Severity.WARNING: "cyan"}


@click.command()
@click.argument("path", type=click.Path(path_type=Path, exists=True), required=False)
@click.option("--quiet", is_flag=True, help="List only the songs that a game refuses.")
def command(path: Path | None, quiet: bool) -> int:
    """Check songs on this disk or in the library.

    PATH is a song folder, an .sng file, or a folder with songs at any depth; without it, the songs of the library are
    checked. Exit code 1 if a game refuses one of them, or if there is no song.
    """
    console = Console(highlight=False, soft_wrap=True)
    songs = refused = flawed = 0
    with ExitStack() as stack:
        if path is None:
            found: Iterable[tuple[str, Problems]] = stack.enter_context(open_client(Settings.read())).problems()
        else:
            found = ((str(song), [problem.as_json() for problem in problems]) for song, problems in check(path))
        for song, problems in found:
            songs += 1
            refusals = [problem for problem in problems if problem["severity"] == Severity.REFUSED]
            refused += bool(refusals)
            flawed += bool(problems)
            _show(console, song, refusals if quiet else problems)
    if not songs:
        click.echo(f"There is no song in {path or 'the library'}.", err=True)
        return FAILED
    click.echo(f"{songs} songs: {refused} refused by games, {flawed - refused} with other problems.")
    return FAILED if refused else 0


def _show(console: Console, song: str, problems: Problems) -> None:
    if problems:
        console.print(f"[bold]{escape(song)}[/bold]")
    for problem in problems:
        times = f" ({problem['count']} times)" if problem.get("count", 1) > 1 else ""
        where = " ".join(str(problem[key]) for key in ("instrument", "difficulty", "code") if problem.get(key))
        colour = _COLOURS[Severity(problem["severity"])]
        text = f"[{colour}]{problem['severity']}[/{colour}] {escape(problem['message'])}{times}"
        console.print(f"  {text} [dim]{where}[/dim]")


def check(path: Path) -> Iterator[tuple[Path, list[Problem]]]:
    """Each song at or below `path` on this disk, with its problems, worst first."""
    if path.is_file():
        if path.suffix.lower() == ".sng":
            yield path, _check_sng(path)
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


def _check_sng(path: Path) -> list[Problem]:
    try:
        with path.open("rb") as file:
            packed = sng.read(file)
            notes = identify.notes_file(packed.sizes)
            content = b"".join(sng.contents(file, packed, packed.members[notes])) if notes else None
    except BadSng as error:
        return [Problem("badSng", Severity.REFUSED, error.message)]
    return rules.check_packed(packed.sizes, packed.pairs, content)
