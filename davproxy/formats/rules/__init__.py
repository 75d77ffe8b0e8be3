"""The rules that judge a song: what games refuse, what plays wrong, what could be better.

The charter, `davproxy check` and the pages all use them. Codes are those of the public index's scanner
(github.com/Geomitron/scan-chart) wherever it has one. Our own are `nameClash`, `pathTooLong`, those of
`formats.chart.Violation` and, from the code that opens the file, `badSng`.
"""

from collections.abc import Collection, Iterable, Mapping

from davproxy.errors import BadChart, BadIni
from davproxy.formats import identify, notes, song_ini
from davproxy.formats.chart import Chart
from davproxy.formats.rules import chart as chart_rules
from davproxy.formats.rules import folder, metadata
from davproxy.formats.rules.problem import Problem, Severity

__all__ = ["Problem", "Severity", "check_intensities", "check_notes", "check_packed", "check_song", "is_refused"]


def check_song(
    files: Mapping[str, int], ini: bytes | None, notes_data: bytes | None = None, *, path: str = ""
) -> list[Problem]:
    """The problems of a song folder, worst first.

    `files` maps the names in it to sizes in bytes, `ini` is its song.ini. The notes are judged only if `notes_data` is
    given, the bytes of the file that games read (`identify.notes_file`).
    """
    problems = folder.check(files, packed=False, path=path)
    pairs: Mapping[str, str] = {}
    if ini is not None:
        try:
            read = song_ini.parse(ini)
        except BadIni as error:
            problems.append(Problem("invalidMetadata", Severity.REFUSED, error.message))
        else:
            pairs = read.pairs
            problems += _ini(read, files)
    return _by_severity([*problems, *_notes(files, pairs, notes_data)])


def check_packed(
    files: Mapping[str, int], pairs: Mapping[str, str], notes_data: bytes | None = None, *, path: str = ""
) -> list[Problem]:
    """The problems of an .sng with the metadata `pairs`; otherwise as `check_song`."""
    problems = folder.check(files, packed=True, path=path)
    problems += [*metadata.check(pairs), *metadata.check_packed(pairs)]
    return _by_severity([*problems, *_notes(files, pairs, notes_data)])


def check_notes(chart: Chart, pairs: Mapping[str, str]) -> list[Problem]:
    """The problems of the notes alone. Of `pairs` only those matter that change how the notes play."""
    return chart_rules.check(chart, pairs)


def check_intensities(instruments: Collection[str], has_vocals: bool, pairs: Mapping[str, str]) -> list[Problem]:
    """The problems of `diff_…` fields in `pairs` that do not fit the instruments that are charted."""
    return list(metadata.check_intensities(instruments, has_vocals, pairs))


def is_refused(problems: Iterable[Problem]) -> bool:
    """Whether a game would not load the song."""
    return any(problem.severity is Severity.REFUSED for problem in problems)


def _ini(ini: song_ini.SongIni, files: Mapping[str, int]) -> list[Problem]:
    if not ini.has_song:
        severity = Severity.ERROR if identify.CHART_NAME in files else Severity.REFUSED
        return [Problem("invalidMetadata", severity, "song.ini has no [song] section, so games read nothing from it.")]
    bad = [
        Problem("badIniLine", Severity.WARNING, f"song.ini has a line that games do not understand: “{line[:80]}”.")
        for line in ini.bad_lines[-5:]
    ]
    return [*bad, *metadata.check(ini.pairs)]


def _notes(files: Mapping[str, int], pairs: Mapping[str, str], data: bytes | None) -> list[Problem]:
    name = identify.notes_file(files)
    if not data or name is None:
        return []
    try:
        chart = notes.parse(name, data, pairs)
    except BadChart as error:
        return [Problem("badChart", Severity.REFUSED, error.message)]
    charted = {track.instrument for track in chart.tracks if track.notes}
    return [*check_notes(chart, pairs), *check_intensities(charted, chart.has_vocals, pairs)]


def _by_severity(problems: Iterable[Problem]) -> list[Problem]:
    order = list(Severity)
    return sorted(problems, key=lambda problem: order.index(problem.severity))
