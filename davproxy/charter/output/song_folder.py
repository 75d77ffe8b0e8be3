"""The song folder: audio, album art, song.ini and notes.chart, either complete and playable or not written at all."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from davproxy import pictures
from davproxy.charter.options import Options
from davproxy.charter.output import art, audio_files, chart_options, plot
from davproxy.charter.output.chart import chart
from davproxy.charter.output.charted import Charted
from davproxy.charter.output.metadata import metadata
from davproxy.charter.signal.features import Features
from davproxy.charter.signal.stems import Stems
from davproxy.errors import BadAudio, BadImage
from davproxy.formats import notes_chart, rules, song_ini
from davproxy.formats.identify import CHART_NAME, INI_NAME


@contextmanager
def complete(folder: Path) -> Iterator[None]:
    """A context in which `folder`, new or empty, is filled. If that fails or is stopped, the folder is emptied."""
    folder.mkdir(parents=True, exist_ok=True)
    try:
        yield
    except BaseException:
        for path in folder.iterdir():
            path.unlink()
        raise


def write(folder: Path, charted: Charted, stems: Stems, features: Features, silence: float, options: Options) -> None:
    """Write all files of the song. Its audio is that of `stems` after `silence` seconds; `features` are those of their
    mix. Raises BadAudio if the result would break a rule of `formats.rules`."""
    audio = [
        audio_files.write(path, stems.audio[stem], silence, folder, stem).name for stem, path in stems.paths.items()
    ]
    _write_album_art(folder, charted, features, options)
    pairs = metadata(charted) | options.ini_pairs
    (folder / INI_NAME).write_bytes(song_ini.render(song_ini.create(pairs)))
    notes = notes_chart.render(chart(charted, audio, options.difficulties))
    (folder / CHART_NAME).write_bytes(notes)
    name = " - ".join(filter(None, (charted.tags.artist, charted.tags.title)))
    made_with = chart_options.render(name, charted.found, notes, silence, options)
    (folder / chart_options.NAME).write_bytes(made_with)
    _check(folder)
    if options.plot:
        plot.draw(folder / "plot.png", features, charted, silence)


def _write_album_art(folder: Path, charted: Charted, features: Features, options: Options) -> None:
    """Write the chosen picture, else the cover embedded in the audio, else one drawn from the song; none without
    `cover`."""
    if not options.cover:
        return
    tags = charted.tags
    if options.album_art:
        shutil.copyfile(options.album_art, folder / Path(options.album_art).name)
        return
    try:
        name, content = pictures.album_art(tags.cover)
    except BadImage:
        name, content = "album.png", art.draw(options.title or tags.title, options.artist or tags.artist, features)
    (folder / name).write_bytes(content)


def _check(folder: Path) -> None:
    files = {path.name: path.stat().st_size for path in folder.iterdir()}
    ini, notes = (folder / INI_NAME).read_bytes(), (folder / CHART_NAME).read_bytes()
    wrong = [p for p in rules.check_song(files, ini, notes) if p.severity is not rules.Severity.WARNING]
    if wrong:
        raise BadAudio(f"No playable chart came of this file ({wrong[0].message}) Choose another recording.")
