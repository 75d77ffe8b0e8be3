"""`davproxy generate`: songs with charts, made of audio; they go into the library, or into folders on this disk."""

import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import click
from rich.progress import Progress

from davproxy import child, paths
from davproxy.charter.correction import DENSITIES, RATES, Correction
from davproxy.commands import FAILED
from davproxy.commands._client import Client, open_client
from davproxy.commands._watch import print_results, progress_bars, watch
from davproxy.errors import BadInput
from davproxy.formats import lrc
from davproxy.formats.stem_names import songs_in_folders, split_stem
from davproxy.imports.chart_audio import chart_audio
from davproxy.model import Job
from davproxy.settings import Settings


class Range(click.ParamType[tuple[float, float]]):
    """A range of a recording, such as 0:30-0:45: its start and end in seconds."""

    name = "FROM-TO"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[float, float]:
        """The range in a text."""
        try:
            start, end = (self._seconds(time) for time in str(value).split("-"))
        except ValueError:
            self.fail(f"“{value}” is no range, such as 0:30-0:45.", param, ctx)
        return start, end

    @staticmethod
    def _seconds(time: str) -> float:
        minutes, _, seconds = time.rpartition(":")
        return 60 * int(minutes or 0) + float(seconds)


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True))
@click.option(
    "--output", type=click.Path(path_type=Path, file_okay=False), metavar="DIR", help="Write song folders here instead."
)
@click.option("--plot", is_flag=True, help="With --output: add plot.png, which shows the notes over the audio.")
@click.option("--tempo", type=click.Choice(list(filter(None, RATES))), help="The beat is so much faster or slower.")
@click.option("--bpm", type=float, help="The tempo that you tapped: the beat becomes the nearest one.")
@click.option("--bar-shift", type=int, metavar="BEATS", help="Bars begin so many beats later; earlier if negative.")
@click.option("--beats-per-bar", type=int, metavar="BEATS", help="Bars have so many beats.")
@click.option("--offset", type=float, metavar="SECONDS", help="All beats are so much later; earlier if negative.")
@click.option(
    "--density", type=click.Choice(list(filter(None, DENSITIES))), help="Fewer or more notes, except for drums."
)
@click.option("--mute", "muted", type=Range(), multiple=True, help="No notes there. Can be given more than once.")
def command(files: tuple[Path, ...], output: Path | None, plot: bool, **correction: Any) -> int:
    """Make playable songs of audio files.

    Without --output, the files go through /Generate into the library, like a file dropped there. With it, each song
    becomes a folder in DIR. A FILE that is a folder holds the stems of one song (guitar.ogg, drums.ogg …); FILEs of one
    folder that are named as stems of one song are that song too. An .lrc beside a FILE, of the same name, has its
    lyrics; so has the only one in a folder. Prints the path of each song. Exit code 1 if one could not be made.

    The options after --plot correct what the charter hears wrong: `davproxy generate --tempo x2 --mute 0:30-0:45 FILE`.
    """
    settings, songs = Settings.read(), list(_songs(files))
    by_hand = {name: value for name, value in correction.items() if value}
    Correction.of(by_hand)
    if output is not None:
        return _make_all(output, songs, settings, {"plot": plot, "correction": by_hand})
    if plot:
        raise click.UsageError("--plot needs --output DIR.")
    with open_client(settings) as library:
        return _put_all(library, songs, settings, by_hand)


def _songs(files: Sequence[Path]) -> Iterator[Sequence[Path]]:
    """The files of each song: a folder is one, and files of one folder are as their names say."""
    yield from ([file] for file in files if file.is_dir())
    alone = [file.as_posix() for file in files if not file.is_dir()]
    yield from (list(map(Path, song)) for song in songs_in_folders(alone))


def _put_all(
    library: Client, songs: Sequence[Sequence[Path]], settings: Settings, correction: Mapping[str, Any]
) -> int:
    jobs, failed, names = list[Job](), 0, Counter[str]()
    for song in songs:
        try:
            jobs.append(_put(library, song, names, settings, correction))
        except BadInput as error:
            failed = FAILED
            click.echo(f"{song[0]}: {error.message}", err=True)
    return print_results(watch(library, jobs)) or failed


def _put(
    library: Client, song: Sequence[Path], names: Counter[str], settings: Settings, correction: Mapping[str, Any]
) -> Job:
    """Store the file of a song in /Generate; of a folder, of several stems, or with lyrics, an archive of all these.

    `names` counts those of the archives, which tells apart songs whose folders are called the same.
    """
    first, lyrics = song[0], _lyrics_of(song, settings)
    if len(song) == 1 and not first.is_dir() and not lyrics:
        return library.put(first, paths.GENERATE, correction)
    of_stems = first.stem if len(song) == 1 else split_stem(first.name)[0] or first.resolve().parent.name
    name = first.resolve().name if first.is_dir() else of_stems
    names[name] += 1
    with tempfile.TemporaryDirectory() as work_dir:
        folder = Path(work_dir, "folder", name)
        folder.mkdir(parents=True)
        for file in (*_audio_of(song, settings), *lyrics):
            shutil.copy2(file, folder)
        archive = Path(work_dir, f"{name} ({names[name]})" if names[name] > 1 else name)
        return library.put(
            Path(shutil.make_archive(str(archive), "tar", folder.parent, name)), paths.GENERATE, correction
        )


def _audio_of(song: Sequence[Path], settings: Settings) -> Sequence[Path]:
    """The audio files of a song, which may be one folder. Raises BadInput where there are none."""
    audio = _audio_in(song, settings)
    if not audio:
        raise BadInput(f"There is no audio. Give {', '.join(settings.audio_extensions)} files.")
    return audio


def _audio_in(song: Sequence[Path], settings: Settings) -> Sequence[Path]:
    files = sorted(file for file in song[0].iterdir() if file.is_file()) if song[0].is_dir() else song
    return [file for file in files if file.suffix.lower().lstrip(".") in settings.audio_extensions]


def _lyrics_of(song: Sequence[Path], settings: Settings) -> Sequence[Path]:
    """The file that has the lyrics of a song, in the folder of its audio; none if there is no such file."""
    audio = _audio_in(song, settings)
    if not audio:
        return []
    beside = [file.name for file in audio[0].parent.iterdir() if file.is_file()]
    found = lrc.beside([file.name for file in audio], beside, alone=song[0].is_dir())
    return [audio[0].with_name(found)] if found else []


def _make_all(output: Path, songs: Sequence[Sequence[Path]], settings: Settings, options: Mapping[str, Any]) -> int:
    failed = 0
    with progress_bars() as bars:
        for song in songs:
            try:
                made, remarks = _make(song, output, settings, options, _progress_bar(bars, song[0].name))
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
    files: Sequence[Path], output: Path, settings: Settings, options: Mapping[str, Any], report: child.Report
) -> tuple[Path, Sequence[str]]:
    """Make a song folder of `files` in `output`, complete or not at all. Returns its path and remarks for people."""
    output.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=output, prefix=".davproxy-") as work_dir:
        song = Path(work_dir).resolve() / "song"
        audio = _audio_of(files, settings)
        chosen = {"charter": settings.charter_name, "drums": settings.generate_drums, **options}
        chosen["lyrics"] = "".join(str(file.resolve()) for file in _lyrics_of(files, settings))
        made = chart_audio([path.resolve() for path in audio], song, chosen, settings, report)
        name = paths.safe_name(" - ".join(part for part in (made["artist"], made["title"]) if part))
        target, number = output / name, 1
        while target.exists():
            number += 1
            target = output / f"{name} ({number})"
        shutil.move(song, target)
    return target, made["remarks"]
