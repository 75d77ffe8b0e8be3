"""Requests a second of this program beside other WebDAV servers, each on a local folder with the same songs."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from urllib.parse import quote

from tests.bench.speed import measures, songs
from tests.bench.speed.served import on_folder
from tests.remote import servers
from tests.remote.servers import PASSWORD, USER

SONGS, SECONDS = 1000, 3.0
_FOLDER = f"Songs/{quote(songs.paths(SONGS)[30])}"
ROWS: Mapping[str, tuple[str, ...]] = {
    "PROPFIND Depth 1, the same again": ("PROPFIND", f"{_FOLDER}/"),
    "PROPFIND Depth 1, each another": ("PROPFIND", f"{_FOLDER}/", "--differ"),
    "GET of a song.ini, the same again": ("GET", f"{_FOLDER}/song.ini"),
    "GET of a song.ini, each another": ("GET", f"{_FOLDER}/song.ini", "--differ"),
    "PUT of 2 KB over, 4 connections": ("PUT", "Backgrounds/file", "--connections", "4"),
}
"""What is measured: method, path, options of `rates`. One connection, unless the row says another number."""
US = "davproxy"


def table(runs: int) -> str:
    """The medians of so many runs as Markdown; those servers that are not installed are left out."""
    found: dict[tuple[str, str], list[dict[str, float]]] = {}
    with TemporaryDirectory() as folder:
        for run in range(1, runs + 1):
            for name, serve in _servers().items():
                measures.say(f"rates: run {run} of {runs}, {name} …")
                with serve(Path(folder) / f"{name} {run}") as address:
                    for row, (method, path, *options) in ROWS.items():
                        command = [sys.executable, "-m", "tests.bench.speed.rates", f"{address}/{path}", method]
                        signed_in = [] if name == US else ["--user", USER, "--password", PASSWORD]
                        done = subprocess.run(
                            [*command, *options, *signed_in, "--seconds", str(SECONDS)], capture_output=True, check=True
                        )
                        found.setdefault((row, name), []).append(json.loads(done.stdout))
    names = list(_servers())
    lines = ["| | " + " | ".join(names) + " |", "|---" * (len(names) + 1) + "|"]
    for row in ROWS:
        lines.append(f"| {row} | " + " | ".join(_cell(found[row, name]) for name in names) + " |")
    return "\n".join(lines)


def _cell(figures: list[dict[str, float]]) -> str:
    """Requests a second; median, 99th percentile and longest in milliseconds."""
    rate, *times = (median(figure[name] for figure in figures) for name in ("rate", "p50", "p99", "longest"))
    return f"{rate:,.0f} ({' / '.join(f'{seconds * 1000:.2f}' for seconds in times)} ms)"


def _servers() -> dict[str, Callable[[Path], AbstractContextManager[str]]]:
    others = [name for name in ("nginx", "apache", "rclone") if not servers.missing(name)]
    return {name: partial(_other, name) for name in others} | {"WsgiDAV": _wsgidav, US: _ours}


def _fill(folder: Path) -> None:
    """Put the songs into `folder`, where there is a Backgrounds too."""
    for path, content in songs.files(SONGS):
        file = folder / "Songs" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    (folder / "Backgrounds").mkdir(exist_ok=True)


@contextmanager
def _other(name: str, _folder: Path) -> Iterator[str]:
    with servers.folder_for_anybody() as folder:
        _fill(folder / "files")
        for each in (folder / "files").rglob("*"):
            each.chmod(0o777)
        port = servers.free_port()
        with servers.running(servers.SERVERS[name](folder, port), port, folder / "log") as address:
            yield address


@contextmanager
def _wsgidav(folder: Path) -> Iterator[str]:
    """WsgiDAV with its own provider of files."""
    _fill(folder)
    port = servers.free_port()
    command = [
        sys.executable, "-m", "wsgidav.server.server_cli", "--host", "127.0.0.1", "--port", str(port),
        "--root", str(folder), "--auth", "anonymous", "--quiet",
    ]  # fmt: skip
    with servers.running(command, port, folder.with_suffix(".log")) as address:
        yield address


@contextmanager
def _ours(folder: Path) -> Iterator[str]:
    _fill(folder)
    with on_folder(folder, folder.with_suffix(".temp")) as served:
        measures.await_index(served)
        yield served.root
