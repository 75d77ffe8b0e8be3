"""The figures as a Markdown table: a row for what was measured, a column for who."""

from tests.bench.speed.measures import Figure, Figures

ORDER = ("direct", "rclone, cache off", "rclone, cache full", "davproxy")


def table(figures: Figures) -> str:
    """Medians; in brackets the requests that the Nextcloud got."""
    whos = [who for who in ORDER if any(each == who for _, each in figures.by_name)]
    rows = list(dict.fromkeys(what for what, _ in figures.by_name))
    lines = ["| | " + " | ".join(whos) + " |", "|---" * (len(whos) + 1) + "|"]
    for what in rows:
        cells = [_cell(figures.by_name.get((what, who)), what) for who in whos]
        lines.append(f"| {what} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _cell(figure: Figure | None, what: str) -> str:
    if figure is None:
        return "–"
    value = figure.median
    shown = f"{value:,.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"
    unit = "" if what.endswith(("ms", "MB/s", "MB", "minute")) else " s"
    requests = f" ({sorted(figure.requests)[len(figure.requests) // 2]:,} requests)" if figure.requests else ""
    return shown + unit + requests
