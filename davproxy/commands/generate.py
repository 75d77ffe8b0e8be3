"""`davproxy generate`: songs with charts, made of audio; they go into the library, or into folders on this disk."""

import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

import click
from rich.progress import Progress

from davproxy import child, paths
from davproxy.commands import FAILED
from davproxy.commands._client import open_client
from davproxy.commands._watch import print_results, progress_bars, watch
from davproxy.errors import BadInput
from davproxy.imports.chart_audio import chart_audio
from davproxy.settings import Settings


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True))
@click.option(
    "--output", type=click.Path(path_type=Path, file_okay=False), metavar="DIR", help="Write song folders here instead."
)
@click.option("--plot", is_flag=True, help="With --output: add plot.png, which shows the notes over the audio.")
def command(files: tuple[Path, ...], output: Path | None, plot: bool) -> int:
    """Make playable songs of audio files.

    Without --output, the files go through /Generate into the library, like a file dropped there. With it, each FILE
    becomes a folder in DIR, and a FILE that is a folder holds the stems of one song (guitar.ogg, drums.ogg …). Prints
    the path of each song. Exit code 1 if one could not be made.
    """
    settings = Settings.read()
    if output is not None:
        return _make_all(output, files, settings, plot)
    if plot or any(file.is_dir() for file in files):
        raise click.UsageError("--plot and folders of stems need --output DIR.")
    with open_client(settings) as library:
        return print_results(watch(library, [library.put(file, paths.GENERATE) for file in files]))


def _make_all(output: Path, files: tuple[Path, ...], settings: Settings, plot: bool) -> int:
    failed = 0
    with progress_bars() as bars:
        for file in files:
            try:
                made, remarks = _make(file, output, settings, plot, _progress_bar(bars, file.name))
                click.echo(made)
                for remark in remarks:
                    click.echo(f"{made.name}: {remark}", err=True)
            except BadInput as error:
                failed = FAILED
                click.echo(f"{file}: {error.message}", err=True)
    return failed


def _progress_bar(bars: Progress, name: str) -> child.Report:
    """A report function that moves a new progress bar."""
    bar = bars.add_task(name[:60], total=1.0, step="")
    return lambda step, done: bars.update(bar, completed=done, step=step)


def _make(file: Path, output: Path, settings: Settings, plot: bool, report: child.Report) -> tuple[Path, Sequence[str]]:
    """Make a song folder of `file` in `output`, complete or not at all. Returns its path and remarks for people."""
    output.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=output, prefix=".davproxy-") as work_dir:
        song = Path(work_dir).resolve() / "song"
        sources = sorted(path for path in file.iterdir() if path.is_file()) if file.is_dir() else [file]
        audio = [path for path in sources if path.suffix.lower().lstrip(".") in settings.audio_extensions]
        if not audio:
            raise BadInput(f"There is no audio. Give {', '.join(settings.audio_extensions)} files.")
        options = {"charter": settings.charter_name, "drums": settings.generate_drums, "plot": plot}
        made = chart_audio([path.resolve() for path in audio], song, options, settings, report)
        name = paths.safe_name(" - ".join(part for part in (made["artist"], made["title"]) if part))
        target, number = output / name, 1
        while target.exists():
            number += 1
            target = output / f"{name} ({number})"
        shutil.move(song, target)
    return target, made["remarks"]
