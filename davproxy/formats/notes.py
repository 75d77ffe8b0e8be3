"""Notes files of either format, distinguished by name."""

from davproxy.formats import midi_file, notes_chart, notes_mid
from davproxy.formats.chart import Chart


def check_size(name: str, size: int) -> None:
    """Raise BadChart for a file that `parse` would refuse for its size, in bytes, so that it need not be read."""
    if name.lower().endswith(".mid"):
        midi_file.check_size(size)
    else:
        notes_chart.check_size(size)


def parse(name: str, data: bytes) -> Chart:
    """The chart in a file called `name`: `notes.mid` or `notes.chart`, in any case. Raises BadChart."""
    return notes_mid.parse(data) if name.lower().endswith(".mid") else notes_chart.parse(data)
