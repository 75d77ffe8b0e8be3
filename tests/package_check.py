"""A program: installs the wheel as a player does, on each Python that we name, and tries what it must do.

The wheel and the sdist are in dist/ (`make dist`). For each Python: a fresh virtual environment with what
pyproject.toml asks for, without the lock; its size; pages and drive served; a chart of audio made here, equal to the
clone's; and a part of the sdist's own tests.
"""

import http.client
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from tests.charter import music

TOP = Path(__file__).parent.parent
PYTHONS = ("3.11", "3.12", "3.13", "3.14")
MOST_BYTES = 900 * 1000 * 1000
"""Of all packages together."""
TESTED = ("tests/formats", "tests/server", "tests/dav", "tests/test_settings.py", "tests/test_paths.py")
TOOLS = ("pytest", "pytest-xdist", "hypothesis", "mido", "httpx")
BPM = 128.0


class Failed(Exception):
    """What a package must do and does not; its text says what."""


def main() -> int:
    """Check each Python; print a line about it. 1 where one fails."""
    failed = 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        audio = music.recording(folder / "The Testers - First Song.wav", BPM)
        expected = chart(TOP / ".venv/bin", audio, folder / "clone")
        for version in sys.argv[1:] or PYTHONS:
            python = find_python(version)
            if python is None:
                print(f"Python {version}: not tried, because it is not on this machine and uv cannot fetch it")
                continue
            try:
                print(f"Python {version}:", check(python, folder / version, audio, expected), flush=True)
            except (Failed, subprocess.CalledProcessError) as error:
                failed = 1
                print(f"Python {version}: FAILED: {error}\n{getattr(error, 'stdout', '')}", flush=True)
            shutil.rmtree(folder / version, ignore_errors=True)
    return failed


def find_python(version: str) -> Path | None:
    """The program of that Python: on PATH, among pyenv's, or fetched by uv."""
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"), "versions")
    on_path = [Path(folder, f"python{version}") for folder in os.get_exec_path()]
    for python in [*on_path, *sorted(pyenv.glob(f"{version}.*/bin/python{version}"))]:
        if (
            python.exists()
            and not subprocess.run([python, "-c", "import venv, ensurepip"], capture_output=True).returncode
        ):
            return python
    uv = TOP / ".venv/bin/uv"
    subprocess.run([uv, "python", "install", "--quiet", version], capture_output=True)
    done = subprocess.run([uv, "python", "find", version], capture_output=True, text=True)
    return None if done.returncode else Path(done.stdout.strip())


def check(python: Path, folder: Path, audio: Path, expected: bytes) -> str:
    """Try everything with that Python; what was seen."""
    (wheel,), (sdist,) = (TOP / "dist").glob("*.whl"), (TOP / "dist").glob("*.tar.gz")
    run([python, "-m", "venv", folder / "venv"], folder.parent)
    programs = folder / "venv/bin"
    run([programs / "python", "-m", "pip", "install", "--quiet", wheel], folder)
    size = size_of(folder / "venv")
    if size > MOST_BYTES:
        raise Failed(f"the packages have {size / 1e6:.0f} MB")
    served = serve(programs, folder)
    if chart(programs, audio, folder / "made") != expected:
        raise Failed("another notes.chart than the clone's")
    with tarfile.open(sdist) as packed:
        packed.extractall(folder, filter="data")
    run([programs / "python", "-m", "pip", "install", "--quiet", *TOOLS], folder)
    tests: list[str | Path] = [programs / "python", "-m", "pytest", "-n", "2", "-m", "not slow", *TESTED]
    passed = run(tests, folder / sdist.name.removesuffix(".tar.gz")).splitlines()[-1]
    return f"{size / 1e6:.0f} MB, {served}, the clone's notes.chart; tests of the sdist: {passed}"


def run(arguments: list[str | Path], folder: Path, environment: Mapping[str, str] | None = None) -> str:
    """The output of a program in `folder`."""
    folder.mkdir(exist_ok=True)
    inherited = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "VIRTUAL_ENV")}
    done = subprocess.run(
        arguments, cwd=folder, env=inherited | dict(environment or {}), check=True, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    return done.stdout


def size_of(environment: Path) -> int:
    """Bytes of all files of a virtual environment; links are not followed."""
    return sum(file.lstat().st_size for file in environment.rglob("*"))


def chart(programs: Path, audio: Path, folder: Path) -> bytes:
    """The notes.chart that the installed davproxy makes of `audio`."""
    run([programs / "davproxy", "generate", "--output", "songs", audio], folder)
    return (folder / "songs" / audio.stem / "notes.chart").read_bytes()


def serve(programs: Path, folder: Path) -> str:
    """Serve an empty library; what was requested."""
    with serving(programs, folder) as address:
        for method, path, status in (
            ("GET", "/", 200),
            ("GET", "/songs", 200),
            ("GET", "/api/docs", 200),
            ("GET", "/api/health", 200),
            ("PROPFIND", "/dav/Songs/", 207),
            ("PUT", "/dav/Songs/text.txt", 201),
            ("GET", "/dav/Songs/text.txt", 200),
        ):
            connection = http.client.HTTPConnection(address, timeout=60)
            connection.request(method, path, b"text" if method == "PUT" else None)
            answered = connection.getresponse().status
            connection.close()
            if answered != status:
                raise Failed(f"{method} {path} was answered {answered}")
    return "pages and drive served"


@contextmanager
def serving(programs: Path, folder: Path) -> Iterator[str]:
    """The installed server on an empty library in `folder`; gives host and port."""
    settings = {"APP_PORT": "0", "TEMP_DIR": str(folder / "temp"), "LIBRARY_DIR": str(folder / "library")}
    server = subprocess.Popen(
        [programs / "davproxy", "serve"], cwd=folder, env=dict(os.environ) | settings,
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    try:
        assert server.stdout is not None
        line = next((line for line in server.stdout if "Web page" in line), None)
        if line is None:
            raise Failed("davproxy serve ended")
        yield urlsplit(line.split()[-1]).netloc
    finally:
        server.terminate()
        server.wait()


if __name__ == "__main__":
    sys.exit(main())
