"""Step: the charter makes a song folder of audio, in a limited child."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from davproxy import child, child_limits
from davproxy.settings import Settings

IN_CHILD = "davproxy.charter.generate:run"
"""Names the charter's `run` for `child.run`. Only the child imports its module, which loads librosa."""


def chart_audio(
    sources: Sequence[Path],
    output: Path,
    options: Mapping[str, Any],
    settings: Settings,
    report: child.Report,
    cancelled: Callable[[], bool] = lambda: False,
    found: child.Found = lambda _values: None,
) -> Mapping[str, Any]:
    """Make a song in the folder `output` of the audio files `sources`, which are one song or its stems.

    `options` are those of `davproxy.charter.options`, as plain values. `found` receives what
    can be drawn of the song before it is made. Returns the title, artist and more of the song, as
    `davproxy.charter.generate.Generated` lists them. Raises BadAudio, TooLarge, NoSpace, Cancelled.
    """
    request = {"sources": [str(path) for path in sources], "output": str(output), "options": dict(options)}
    song: Mapping[str, Any] = child.run(
        IN_CHILD,
        request,
        limits=child_limits.charting(settings),
        folder=output.parent,
        report=report,
        found=found,
        cancelled=cancelled,
    )
    return song
