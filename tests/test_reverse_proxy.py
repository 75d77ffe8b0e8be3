"""Behind nginx and Caddy with TLS, configured exactly as the documents say."""

import os
import re
import shutil
import socket
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from davproxy.app import serving
from davproxy.settings import Settings
from tests.waiting import wait_until

DOCUMENT = Path(__file__).parent.parent / "docs" / "reverse-proxy.md"
NAME = "localhost"
PACKAGES = {"nginx": "nginx-light", "caddy": "caddy", "openssl": "openssl"}


@dataclass(frozen=True)
class Proxied:
    """What a proxy is configured with: the folder of its files, its ports with TLS and without, and its upstream."""

    folder: Path
    tls: int
    plain: int
    upstream: str

    @property
    def certificate(self) -> Path:
        return self.folder / "cert.pem"

    @property
    def key(self) -> Path:
        return self.folder / "key.pem"


def documented(language: str, ours: dict[str, str]) -> str:
    """The document's block in that language, with our names for its examples, all of which it must hold."""
    block = re.search(rf"```{language}\n(.*?)```", DOCUMENT.read_text(), re.DOTALL)
    assert block is not None
    text = block[1]
    for written, used in ours.items():
        assert written in text
        text = text.replace(written, used)
    return text


def nginx(proxied: Proxied) -> list[str]:
    """The command that runs nginx."""
    server = documented(
        "nginx",
        {
            "listen 443 ssl;": f"listen 127.0.0.1:{proxied.tls} ssl; listen 127.0.0.1:{proxied.plain};",
            "/etc/ssl/songs.example.org.pem": str(proxied.certificate),
            "/etc/ssl/songs.example.org.key": str(proxied.key),
            "songs.example.org": NAME,
            "http://127.0.0.1:8000": proxied.upstream,
        },
    )
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    temporary = "".join(f"{kind}_temp_path {proxied.folder / kind};\n" for kind in kinds)
    config = proxied.folder / "nginx.conf"
    config.write_text(
        f"daemon off;\npid {proxied.folder}/nginx.pid;\nerror_log {proxied.folder}/error.log;\nworker_processes 1;\n"
        f"events {{}}\nhttp {{\naccess_log off;\n{temporary}{server}}}\n"
    )
    return ["nginx", "-c", str(config), "-p", str(proxied.folder)]


def caddy(proxied: Proxied) -> list[str]:
    """The command that runs Caddy."""
    ours = {"127.0.0.1:8000": proxied.upstream.removeprefix("http://")}
    name = "songs.example.org {"
    tls = documented("caddyfile", ours | {name: f"{NAME}:{proxied.tls} {{\n tls {proxied.certificate} {proxied.key}"})
    plain = documented("caddyfile", ours | {name: f"http://{NAME}:{proxied.plain} {{"})
    config = proxied.folder / "Caddyfile"
    config.write_text(f"{{\n admin off\n auto_https disable_redirects\n default_bind 127.0.0.1\n}}\n{tls}{plain}")
    return ["caddy", "run", "--config", str(config), "--adapter", "caddyfile"]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture(params=[nginx, caddy])
def addresses(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[str, str]]:
    """The proxy's addresses, with TLS and without, and a davproxy behind it."""
    proxy: Callable[[Proxied], list[str]] = request.param
    path = f"{os.environ['PATH']}:/usr/sbin"
    for program in (proxy.__name__, "openssl"):
        if shutil.which(program, path=path) is None:
            pytest.skip(f"{program} is missing: apt-get install {PACKAGES[program]}")
    settings = Settings.read(
        {
            "LIBRARY_DIR": str(tmp_path / "library"), "TEMP_DIR": str(tmp_path / "temp"), "APP_PORT": "0",
            "TRUSTED_PROXIES": "127.0.0.1", "ALLOWED_HOSTS": NAME, "APP_USERNAME": "me", "APP_PASSWORD": "pass",
        },
        tmp_path / "none.env",
    )  # fmt: skip
    with serving(settings) as server:
        proxied = Proxied(tmp_path, free_port(), free_port(), server.address)
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN={NAME}",
             "-addext", f"subjectAltName=DNS:{NAME}", "-keyout", str(proxied.key), "-out", str(proxied.certificate)],
            check=True, capture_output=True,
        )  # fmt: skip
        with (tmp_path / "proxy.log").open("wb") as log:
            process = subprocess.Popen(
                proxy(proxied), env={"PATH": path, "HOME": str(tmp_path)}, stdout=log, stderr=subprocess.STDOUT
            )
        try:
            wait_until(lambda: process.poll() is not None or (listens(proxied.tls) and listens(proxied.plain)))
            assert process.poll() is None, (tmp_path / "proxy.log").read_text()
            yield f"https://{NAME}:{proxied.tls}", f"http://{NAME}:{proxied.plain}"
        finally:
            process.terminate()
            process.wait(20)


@pytest.mark.slow
def test_litmus_passes_through_it(addresses: tuple[str, str], tmp_path: Path) -> None:
    litmus = shutil.which("litmus")
    if litmus is None:
        pytest.skip("litmus is missing: apt-get install litmus")
    # Over TLS it leaves out one of its tests, that of `Expect: 100-continue`.
    for address, tests in zip(addresses, (103, 104), strict=True):
        done = subprocess.run(
            [litmus, "-k", f"{address}/dav/Backgrounds/", "me", "pass"],
            capture_output=True, text=True, cwd=tmp_path, timeout=300,
        )  # fmt: skip
        passed = sum(int(found) for found in re.findall(r"of \d+ tests run: (\d+) passed", done.stdout))
        assert (passed, "WARNING" in done.stdout) == (tests, False), done.stdout


def test_a_move_names_the_proxy(addresses: tuple[str, str]) -> None:
    curl = shutil.which("curl")
    if curl is None:
        pytest.skip("curl is missing: apt-get install curl")

    def ask(*arguments: str) -> str:
        command = [
            curl,
            "--silent",
            "--insecure",
            "--user",
            "me:pass",
            "--write-out",
            "%{http_code}",
            "--output",
            "/dev/null",
        ]
        return subprocess.run([*command, *arguments], capture_output=True, text=True, timeout=60, check=True).stdout

    address = addresses[0]
    here = f"{address}/dav/Backgrounds"
    assert ask("-X", "PUT", "--data-binary", "x", f"{here}/a.png") == "201"
    assert ask("-X", "MOVE", "-H", f"Destination: {here}/b.png", f"{here}/a.png") == "201"
    assert ask(f"{here}/b.png") == "200"
    assert ask(f"{address}/api/health") == "200"
