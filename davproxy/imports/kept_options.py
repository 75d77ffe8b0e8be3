"""What the chart of a generated song was made with, and whether a person edited its notes since."""

from collections.abc import Mapping
from typing import Any

from davproxy import paths
from davproxy.charter.output import chart_options
from davproxy.curation.folder_pattern import SNG
from davproxy.errors import NotFound, ReplacesEdits
from davproxy.formats import identify
from davproxy.library import Library
from davproxy.model import Song

REPLACE_EDITED = "replace_edited"
"""The option with which a new chart replaces notes that a person edited."""


def is_generated(song: Song) -> bool:
    """Whether the chart of a song was made here and its files are in a folder, so that it can be made again."""
    return {chart_options.NAME, identify.CHART_NAME} <= song.files.keys() and not song.path.lower().endswith(SNG)


def check_generated(song: Song) -> None:
    """Raises NotFound if the chart of a song was not made here."""
    if not is_generated(song):
        raise NotFound("This chart was not made from its audio by this program, so it cannot be made again.")


def kept_options(library: Library, song: Song) -> Mapping[str, Any]:
    """The options that the chart of a song was made with, as `chart_options.parse` returns them. Raises NotFound if it
    was not made here."""
    check_generated(song)
    entry = library.tree.stat(paths.join(song.path, chart_options.NAME))
    return chart_options.parse(library.tree.content(entry) if entry.size <= chart_options.MAX_BYTES else b"")


def is_edited(song: Song, kept: Mapping[str, Any]) -> bool:
    """Whether the notes of a generated song are others than those that were made with the options `kept`. Early songs
    do not tell."""
    has_midi = any(name.lower() == identify.MID_NAME for name in song.files)
    return has_midi or kept["identity"] not in ("", song.identity)


def options_again(library: Library, song: Song, given: Mapping[str, Any]) -> Mapping[str, Any]:
    """The options of a song that is charted again: those that are `given` count before those that are kept. Raises
    NotFound, and ReplacesEdits for edited notes unless REPLACE_EDITED is given."""
    kept = kept_options(library, song)
    if is_edited(song, kept) and not given.get(REPLACE_EDITED):
        raise ReplacesEdits(
            "The notes were edited since this chart was made, and a new chart replaces them. Tick “Replace my edits”,"
            " or send replace_edited, if you mean it."
        )
    return {**kept, **given}
