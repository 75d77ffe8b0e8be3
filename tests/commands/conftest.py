"""Runs commands as scripts do: in a process and a folder of their own, with an empty environment."""

import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

TOP = Path(__file__).parent.parent.parent
Run = Callable[..., "subprocess.CompletedProcess[str]"]
CHART = b"[Song]\n{\n  Resolution = 192\n}\n[SyncTrack]\n{\n  0 = B 120000\n}\n[ExpertSingle]\n{\n  768 = N 0 0\n}\n"
INI = b"[song]\nname = Feelings\nartist = Sectoid\n"


def environment(folder: Path, **more: str) -> dict[str, str]:
    return {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(TOP), "TEMP_DIR": str(folder / "temp"), **more}


@pytest.fixture
def run(tmp_path: Path) -> Run:
    def run(*arguments: str, typed: str = "", **more: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "davproxy", *arguments],
            cwd=tmp_path,
            env=environment(tmp_path, **more),
            input=typed,
            capture_output=True,
            text=True,
            timeout=300,
        )

    return run


class Served:
    """A running `davproxy serve`."""

    def __init__(self, folder: Path, **more: str) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = str(probe.getsockname()[1])
        self.lines: list[str] = []
        self._ready = threading.Event()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "davproxy", "serve"],
            cwd=folder,
            env=environment(folder, APP_PORT=self.port, **more),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._reader = threading.Thread(target=self._read)
        self._reader.start()
        assert self._ready.wait(60), self.output

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.append(line)
            if "Network drive" in line:
                self._ready.set()

    @property
    def output(self) -> str:
        return "".join(self.lines)

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Send a signal, and return the exit code."""
        self.process.send_signal(number)
        code = self.process.wait(30)
        self._reader.join()
        assert self.process.stdout is not None
        self.process.stdout.close()
        return code


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Callable[..., Served]]:
    started: list[Served] = []

    def serve(**more: str) -> Served:
        started.append(Served(tmp_path, **more))
        return started[-1]

    yield serve
    for one in started:
        if one.process.poll() is None:
            one.stop(signal.SIGKILL)
