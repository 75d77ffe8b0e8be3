"""Other WebDAV servers, run by their programs on a folder."""

import base64
import hashlib
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx

from tests.waiting import wait_until

USER, PASSWORD = "player", "secret"
APACHE_MODULES = Path("/usr/lib/apache2/modules")
NGINX_DAV = Path("/usr/lib/nginx/modules/ngx_http_dav_ext_module.so")


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def folder_for_anybody() -> Iterator[Path]:
    """A folder that a server without our rights can use, which it cannot below the folders of pytest."""
    with tempfile.TemporaryDirectory(prefix="davproxy-served-") as name:
        folder = Path(name)
        for each in (folder, folder / "files"):
            each.mkdir(exist_ok=True)
            each.chmod(0o777)
        yield folder


@contextmanager
def running(command: Sequence[str], port: int, log: Path) -> Iterator[str]:
    """Run a server until the end of the block. Yields its address once it answers."""
    address = f"http://127.0.0.1:{port}"
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT)
    try:

        def answers() -> bool:
            assert process.poll() is None, log.read_text(errors="replace")
            with suppress(httpx.HTTPError):
                return httpx.get(address, auth=(USER, PASSWORD), trust_env=False).status_code < 500
            return False

        wait_until(answers, lambda: log.read_text(errors="replace"))
        yield address
    finally:
        process.terminate()
        process.wait(30)


def rclone(folder: Path, port: int) -> list[str]:
    """`rclone serve webdav`: Go's x/net/webdav, as in many other servers."""
    return [
        "rclone", "serve", "webdav", str(folder / "files"), "--addr", f"127.0.0.1:{port}", "--config", "/dev/null",
        "--user", USER, "--pass", PASSWORD,
    ]  # fmt: skip


def apache(folder: Path, port: int) -> list[str]:
    """Apache with mod_dav, as in many network disks."""
    digest = base64.b64encode(hashlib.sha1(PASSWORD.encode(), usedforsecurity=False).digest()).decode()
    (folder / "users").write_text(f"{USER}:{{SHA}}{digest}\n")
    names = (
        "mpm_event", "authn_core", "authn_file", "authz_core", "authz_user", "auth_basic", "dav", "dav_fs", "mime",
    )  # fmt: skip
    modules = "".join(f"LoadModule {name}_module {APACHE_MODULES}/mod_{name}.so\n" for name in names)
    (folder / "httpd.conf").write_text(
        f"ServerRoot {folder}\nServerName localhost\nListen 127.0.0.1:{port}\nPidFile {folder}/pid\n"
        f"ErrorLog {folder}/errors\n{modules}{'User www-data' if os.geteuid() == 0 else ''}\n"
        f"TypesConfig /dev/null\nDocumentRoot {folder}/files\nDavLockDB {folder}/locks\nLimitXMLRequestBody 0\n"
        f"<Directory {folder}/files>\nDav On\nDavDepthInfinity Off\nAuthType Basic\nAuthName library\n"
        f"AuthUserFile {folder}/users\nRequire valid-user\n</Directory>\n"
    )
    return ["apache2", "-DFOREGROUND", "-f", str(folder / "httpd.conf")]


def nginx(folder: Path, port: int) -> list[str]:
    """nginx with its own module for DAV, and dav_ext for listings."""
    (folder / "users").write_text(f"{USER}:{{PLAIN}}{PASSWORD}\n")
    (folder / "nginx.conf").write_text(
        f"load_module {NGINX_DAV};\n{'user root;' if os.geteuid() == 0 else ''}\ndaemon off;\npid {folder}/pid;\n"
        f"error_log {folder}/errors;\nworker_processes 1;\nevents {{}}\nhttp {{\naccess_log off;\n"
        f"client_body_temp_path {folder}/bodies;\nclient_max_body_size 0;\nserver {{\nlisten 127.0.0.1:{port};\n"
        f"root {folder}/files;\nauth_basic library;\nauth_basic_user_file {folder}/users;\n"
        "dav_methods PUT DELETE MKCOL COPY MOVE;\ndav_ext_methods PROPFIND OPTIONS;\n}\n}\n"
    )
    return ["nginx", "-c", str(folder / "nginx.conf"), "-p", str(folder)]


def copyparty(folder: Path, port: int) -> list[str]:
    """copyparty, whose listings have no etags."""
    return [
        str(find_program("copyparty")), "-i", "127.0.0.1", "-p", str(port), "-a", f"{USER}:{PASSWORD}",
        "-v", f"{folder}/files::A,{USER}", "--daw", "--hist", str(folder / "history"), "-q",
    ]  # fmt: skip


SERVERS: Mapping[str, Callable[[Path, int], list[str]]] = {
    "rclone": rclone, "apache": apache, "nginx": nginx, "copyparty": copyparty,
}  # fmt: skip
"""By name: a function that writes what the server reads into a folder, and returns the command that starts it there."""


@contextmanager
def serving(name: str) -> Iterator[str]:
    """Run one of SERVERS until the end of the block. Yields the address of its folder."""
    with folder_for_anybody() as folder:
        port = free_port()
        with running(SERVERS[name](folder, port), port, folder / "log") as address:
            yield address


PROGRAMS = {"rclone": "rclone", "apache": "apache2", "nginx": "nginx", "copyparty": "copyparty"}


def missing(name: str) -> str:
    """What to install so that the server called `name` can run; empty where it can."""
    if find_program(PROGRAMS[name]) and (name != "nginx" or NGINX_DAV.exists()):
        return ""
    package = {"apache": "apache2", "nginx": "libnginx-mod-http-dav-ext"}.get(name, name)
    return f"{name} is missing: {'make setup' if name == 'copyparty' else f'apt install {package}'}"


def find_program(program: str) -> str | None:
    """The path of a program of the system, or of a package beside our Python."""
    return shutil.which(program, path=os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]))
