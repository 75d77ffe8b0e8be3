"""The facts of a notes file: what can be played, its [Song] section, and its problems."""

from collections.abc import Mapping
from typing import Any

from davproxy.errors import BadChart
from davproxy.formats import notes, notes_chart, rules, summary


def read(name: str, content: bytes | None, pairs: Mapping[str, str]) -> dict[str, Any]:
    """Summary, section and problems of a notes file, JSON-able; `pairs` of its song.ini change how it plays.

    `content` is None for a file that is too large to be a chart. A chart that cannot be read is a problem, no error.
    """
    try:
        if content is None:
            raise BadChart("The notes of this song are too large for a chart; no game plays such a chart.")
        chart = notes.parse(name, content, pairs)
    except BadChart as error:
        return unreadable(error.message)
    problems = [problem.as_json() for problem in rules.check_notes(chart, pairs)]
    return {**summary.summarise(chart).as_json(), "song": notes_chart.fields_of(chart.song), "problems": problems}


def unreadable(message: str) -> dict[str, Any]:
    """The facts of a notes file that cannot be read, and why."""
    problem = rules.Problem("badChart", rules.Severity.REFUSED, message)
    return {"tracks": [], "problems": [problem.as_json()]}
