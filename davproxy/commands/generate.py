"""`davproxy generate`: songs with charts, made of audio; they go into the library, or into folders on this disk."""

import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import click
from rich.progress import Progress

from davproxy import child, paths
from davproxy.commands import FAILED
from davproxy.commands._client import Client, open_client
from davproxy.commands._watch import print_results, progress_bars, watch
from davproxy.errors import BadInput
from davproxy.formats.stem_names import songs_in_folders, split_stem
from davproxy.imports.chart_audio import chart_audio
from davproxy.model import Job
from davproxy.settings import Settings


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True))
@click.option(
    "--output", type=click.Path(path_type=Path, file_okay=False), metavar="DIR", help="Write song folders here instead."
)
@click.option("--plot", is_flag=True, help="With --output: add plot.png, which shows the notes over the audio.")
def command(files: tuple[Path, ...], output: Path | None, plot: bool) -> int:
    """Make playable songs of audio files.

    Without --output, the files go through /Generate into the library, like a file dropped there. With it, each song
    becomes a folder in DIR. A FILE that is a folder holds the stems of one song (guitar.ogg, drums.ogg …); FILEs of one
    folder that are named as stems of one song are that song too. Prints the path of each song. Exit code 1 if one could
    not be made.
    """
    settings, songs = Settings.read(), list(_songs(files))
    if output is not None:
        return _make_all(output, songs, settings, plot)
    if plot:
        raise click.UsageError("--plot needs --output DIR.")
    with open_client(settings) as library:
        return _put_all(library, songs, settings)


def _songs(files: Sequence[Path]) -> Iterator[Sequence[Path]]:
    """The files of each song: a folder is one, and files of one folder are as their names say."""
    yield from ([file] for file in files if file.is_dir())
    alone = [file.as_posix() for file in files if not file.is_dir()]
    yield from (list(map(Path, song)) for song in songs_in_folders(alone))


def _put_all(library: Client, songs: Sequence[Sequence[Path]], settings: Settings) -> int:
    jobs, failed, names = list[Job](), 0, Counter[str]()
    for song in songs:
        try:
            jobs.append(_put(library, song, names, settings))
        except BadInput as error:
            failed = FAILED
            click.echo(f"{song[0]}: {error.message}", err=True)
    return print_results(watch(library, jobs)) or failed


def _put(library: Client, song: Sequence[Path], names: Counter[str], settings: Settings) -> Job:
    """Store the file of a song in /Generate; of a folder or of several stems, an archive of their audio.

    `names` counts those of the archives, which tells apart songs whose folders are called the same.
    """
    first = song[0]
    if len(song) == 1 and not first.is_dir():
        return library.put(first, paths.GENERATE)
    name = first.resolve().name if first.is_dir() else split_stem(first.name)[0] or first.resolve().parent.name
    names[name] += 1
    with tempfile.TemporaryDirectory() as work_dir:
        folder = Path(work_dir, "folder", name)
        folder.mkdir(parents=True)
        for file in _audio_of(song, settings):
            shutil.copy2(file, folder)
        archive = Path(work_dir, f"{name} ({names[name]})" if names[name] > 1 else name)
        return library.put(Path(shutil.make_archive(str(archive), "tar", folder.parent, name)), paths.GENERATE)


def _audio_of(song: Sequence[Path], settings: Settings) -> Sequence[Path]:
    """The audio files of a song, which may be one folder. Raises BadInput where there are none."""
    files = sorted(file for file in song[0].iterdir() if file.is_file()) if song[0].is_dir() else song
    audio = [file for file in files if file.suffix.lower().lstrip(".") in settings.audio_extensions]
    if not audio:
        raise BadInput(f"There is no audio. Give {', '.join(settings.audio_extensions)} files.")
    return audio


def _make_all(output: Path, songs: Sequence[Sequence[Path]], settings: Settings, plot: bool) -> int:
    failed = 0
    with progress_bars() as bars:
        for song in songs:
            try:
                made, remarks = _make(song, output, settings, plot, _progress_bar(bars, song[0].name))
                click.echo(made)
                for remark in remarks:
                    click.echo(f"{made.name}: {remark}", err=True)
            except BadInput as error:
                failed = FAILED
                click.echo(f"{song[0]}: {error.message}", err=True)
    return failed


def _progress_bar(bars: Progress, name: str) -> child.Report:
    """A report function that moves a new progress bar."""
    bar = bars.add_task(name[:60], total=1.0, step="")
    return lambda step, done: bars.update(bar, completed=done, step=step)


def _make(
    files: Sequence[Path], output: Path, settings: Settings, plot: bool, report: child.Report
) -> tuple[Path, Sequence[str]]:
    """Make a song folder of `files` in `output`, complete or not at all. Returns its path and remarks for people."""
    output.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=output, prefix=".davproxy-") as work_dir:
        song = Path(work_dir).resolve() / "song"
        audio = _audio_of(files, settings)
        options = {"charter": settings.charter_name, "drums": settings.generate_drums, "plot": plot}
        made = chart_audio([path.resolve() for path in audio], song, options, settings, report)
        name = paths.safe_name(" - ".join(part for part in (made["artist"], made["title"]) if part))
        target, number = output / name, 1
        while target.exists():
            number += 1
            target = output / f"{name} ({number})"
        shutil.move(song, target)
    return target, made["remarks"]
