"""A program: davproxy as on Windows, as far as Linux can show it. Called with an empty folder, it prints what it did.

The libraries are loaded first, as they are on this system. Then the modules and names that only POSIX has are hidden,
davproxy is loaded again, takes the system for Windows, serves a library, and imports an archive with a child.
"""

import gc
import http.client
import importlib
import io
import os
import pkgutil
import select
import signal
import sys
import zipfile
from pathlib import Path
from urllib.parse import urlsplit

MODULES = ("fcntl", "grp", "posix", "pty", "pwd", "resource", "syslog", "termios", "tty")
NAMES = {
    os: ("fork", "geteuid", "getgid", "getuid", "killpg", "nice", "pread", "pwrite", "setsid"),
    select: ("epoll", "poll"),
    signal: ("SIGHUP", "SIGXFSZ"),
}


def load() -> list[str]:
    """Import every module of davproxy and return their names."""
    names = []
    for package in ("davproxy", "webui"):
        for found in pkgutil.walk_packages([str(Path(package).absolute())], f"{package}."):
            if not found.name.endswith("__main__"):
                importlib.import_module(found.name)
                names.append(found.name)
    return names


def become_windows() -> None:
    """Forget davproxy, and hide what Windows has not."""
    for name in list(sys.modules):
        if name.split(".")[0] in ("davproxy", "webui"):
            del sys.modules[name]
    gc.collect()
    for module in MODULES:
        sys.modules[module] = None  # type: ignore[assignment]
    for owner, names in NAMES.items():
        for name in names:
            delattr(owner, name)
    sys.platform = "win32"


def song() -> bytes:
    """An archive with one song."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr("A - B/song.ini", "[song]\nname = B\nartist = A\n")
        archive.writestr("A - B/notes.chart", "[Song]\n{\n  Resolution = 192\n}\n[ExpertSingle]\n{\n  768 = N 0 0\n}\n")
    return held.getvalue()


def serve(folder: Path) -> list[str]:
    """Serve a library in `folder`; what requests were answered with."""
    from davproxy.app import serving
    from davproxy.settings import Settings
    from tests.waiting import wait_until

    environment = {"APP_PORT": "0", "TEMP_DIR": str(folder / "temp"), "LIBRARY_DIR": str(folder / "library")}
    with serving(Settings.read(environment, dotenv=folder / "no.env")) as server:
        address = urlsplit(server.address)

        def ask(method: str, path: str, body: bytes | None = None, **headers: str) -> tuple[int, bytes]:
            connection = http.client.HTTPConnection("127.0.0.1", address.port or 0, timeout=30)
            try:
                connection.request(method, path, body, headers)
                response = connection.getresponse()
                return response.status, response.read()
            finally:
                connection.close()

        wait_until(lambda: ask("GET", "/api/health")[0] == 200)
        large = bytes(range(256)) * 8192
        made = [
            ask("PUT", "/dav/Songs/large.ogg", large)[0],
            ask("PUT", "/dav/Songs/large.ogg", large)[0],
            ask("MOVE", "/dav/Songs/large.ogg", Destination="/dav/Songs/moved.ogg")[0],
            ask("GET", "/dav/Songs/moved.ogg", Range="bytes=256-511")[0],
            ask("PUT", "/dav/Drop/pack.zip", song())[0],
        ]
        assert ask("GET", "/dav/Songs/moved.ogg")[1] == large
        wait_until(lambda: b'"total":1' in ask("GET", "/api/songs")[1].replace(b" ", b""))
        made += [ask("GET", "/songs")[0], ask("DELETE", "/dav/Songs/moved.ogg")[0]]
        return [str(status) for status in made]


if __name__ == "__main__":
    load()
    become_windows()
    modules = load()
    print(len(modules), "modules;", *serve(Path(sys.argv[1])))
