"""`davproxy generate`: audio in, songs with charts out: into the library, or as folders on this disk."""

import shutil
import sys
import tempfile
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from davproxy import child, paths
from davproxy.commands import FAILED
from davproxy.commands._client import workplace
from davproxy.commands._watch import told, watch
from davproxy.errors import BadInput
from davproxy.settings import Settings

CHARTER = "davproxy.charter.generate:run"


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True))
@click.option("--output", type=click.Path(path_type=Path, file_okay=False), help="Write song folders here instead.")
@click.option("--plot", is_flag=True, help="With --output: add plot.png, which shows the notes over the sound.")
def command(files: tuple[Path, ...], output: Path | None, plot: bool) -> int:
    """Make playable songs of audio files.

    Without --output they go through /Generate into the library, like a file dropped there. With it, each FILE becomes a
    folder in DIR; a FILE that is a folder then holds the stems of one song (guitar.ogg, drums.ogg, song.ogg …). Prints
    where each song is. Exit code 1 when one could not be made.
    """
    settings = Settings.read()
    if output is not None:
        return _into(output, files, settings, plot)
    if plot or any(file.is_dir() for file in files):
        raise click.UsageError("--plot and folders of stems need --output DIR.")
    with workplace(settings) as place:
        return told(watch(place, [place.put(file, paths.GENERATE) for file in files]))


def _into(output: Path, files: tuple[Path, ...], settings: Settings, plot: bool) -> int:
    failed = 0
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[step]}"), TimeElapsedColumn())
    console = Console(stderr=True)
    with Progress(*columns, console=console, disable=not sys.stderr.isatty(), transient=True) as bars:
        for file in files:
            try:
                made = _make(file, output, settings, plot, _shown(bars, file.name))
                click.echo(made)
            except BadInput as error:
                failed = FAILED
                click.echo(f"{file}: {error.message}", err=True)
    return failed


def _shown(bars: Progress, name: str) -> child.Report:
    """A bar of its own for one piece of work."""
    bar = bars.add_task(name[:60], total=1.0, step="")
    return lambda step, done: bars.update(bar, completed=done, step=step)


def _make(file: Path, output: Path, settings: Settings, plot: bool, report: child.Report) -> Path:
    """The song folder made of `file` in `output`; complete, or not there at all."""
    output.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=output, prefix=".davproxy-") as room:
        song = Path(room) / "song"
        sources = sorted(path for path in file.iterdir() if path.is_file()) if file.is_dir() else [file]
        wanted = [path for path in sources if path.suffix.lower().lstrip(".") in settings.audio_extensions]
        if not wanted:
            raise BadInput(f"There is no audio. Give {', '.join(settings.audio_extensions)} files.")
        made = child.run(
            CHARTER,
            {
                "sources": [str(path.resolve()) for path in wanted],
                "output": str(song.resolve()),
                "options": {"drums": settings.generate_drums, "plot": plot},
            },
            limits=child.Limits(settings.job_memory, settings.job_time, 4 * settings.job_time, settings.unpacked_limit),
            folder=Path(room).resolve(),
            report=report,
        )
        name = paths.safe_name(" - ".join(part for part in (made["artist"], made["title"]) if part))
        target, number = output / name, 1
        while target.exists():
            number += 1
            target = output / f"{name} ({number})"
        shutil.move(song, target)
    return target
