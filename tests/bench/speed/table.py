"""The figures as a Markdown table: a row for what was measured, a column for who."""

from tests.bench.speed.measures import Figure, Figures

ORDER = ("direct", "rclone, cache off", "rclone, cache full", "davproxy")
WARM = ("game scan, warm", "listing", "read 60 MB, warm", "idle: memory")
"""Beginnings of rows that do not depend on the Nextcloud."""
UNITS = ("ms", "MB/s", "MB", "KB", "minute")


def table(figures: Figures, runs: int) -> str:
    """Medians; in brackets the requests that the Nextcloud got, and the number of runs where it is not `runs`."""
    whos = [who for who in ORDER if any(each == who for _, each in figures.by_name)]
    seen = {what for (what, _), figure in figures.by_name.items() if figure.values or figure.failures}
    rows = [what for what in dict.fromkeys(what for what, _ in figures.by_name) if what in seen]
    lines = ["| | " + " | ".join(whos) + " |", "|---" * (len(whos) + 1) + "|"]
    for what in rows:
        cells = [_cell(figures.by_name.get((what, who)), what, runs) for who in whos]
        mark = " \\*" if figures.backing.fake and not what.startswith(WARM) else ""
        lines.append(f"| {what}{mark} | " + " | ".join(cells) + " |")
    if figures.backing.fake:
        lines.append("\n\\* depends on the costs that are built into the fake Nextcloud.")
    return "\n".join(lines)


def _cell(figure: Figure | None, what: str, runs: int) -> str:
    if figure is None:
        return "–"
    if not figure.values:
        return "failed" if figure.failures else "–"
    value = figure.median
    shown = f"{value:,.0f}" if abs(value) >= 100 else f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"
    notes = []
    if figure.requests:
        requests = sorted(figure.requests)[len(figure.requests) // 2]
        notes.append(f"{requests:,} request{'' if requests == 1 else 's'}")
    if len(figure.values) != runs:
        notes.append(f"{len(figure.values)} run{'' if len(figure.values) == 1 else 's'}")
    if figure.failures:
        notes.append(f"{figure.failures} failed")
    unit = "" if what.endswith(UNITS) else " s"
    return shown + unit + (f" ({', '.join(notes)})" if notes else "")
