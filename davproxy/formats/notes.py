"""Notes files of either format, distinguished by name."""

from collections.abc import Mapping
from dataclasses import replace

from davproxy.formats import midi_file, notes_chart, notes_mid, song_fields
from davproxy.formats.chart import Chart


def check_size(name: str, size: int) -> None:
    """Raise BadChart for a file that `parse` would refuse for its size, in bytes, so that it need not be read."""
    if name.lower().endswith(".mid"):
        midi_file.check_size(size)
    else:
        notes_chart.check_size(size)


def parse(name: str, data: bytes, pairs: Mapping[str, str] = {}) -> Chart:
    """The chart in a file called `name`: `notes.mid` or `notes.chart`, in any case. Raises BadChart.

    `pairs` are those of the song's song.ini, some of which change how the notes play.
    """
    if name.lower().endswith(".mid"):
        return notes_mid.parse(data, pairs)
    chart = notes_chart.parse(data)
    return replace(chart, hopo_threshold=song_fields.hopo_threshold(pairs, chart.resolution))
