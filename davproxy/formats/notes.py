"""Notes files of either format, distinguished by name."""

from davproxy.formats import notes_chart, notes_mid
from davproxy.formats.chart import Chart


def parse(name: str, data: bytes) -> Chart:
    """The chart in a file called `name`: `notes.mid` or `notes.chart`, in any case. Raises BadChart."""
    return notes_mid.parse(data) if name.lower().endswith(".mid") else notes_chart.parse(data)
