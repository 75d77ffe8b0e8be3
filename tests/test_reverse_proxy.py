"""Behind nginx with TLS, configured exactly as the documents say."""

import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from davproxy.app import serving
from davproxy.settings import Settings

DOCUMENT = Path(__file__).parent.parent / "docs" / "reverse-proxy.md"
NAME = "localhost"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture
def addresses(tmp_path: Path) -> Iterator[tuple[str, str]]:
    """The proxy's addresses, with TLS and without, and a davproxy behind it."""
    nginx = shutil.which("nginx", path="/usr/sbin:/usr/bin")
    if nginx is None or shutil.which("openssl") is None:
        pytest.skip("nginx or openssl is missing: apt-get install nginx-light openssl")
    certificate, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN={NAME}",
         "-addext", f"subjectAltName=DNS:{NAME}", "-keyout", str(key), "-out", str(certificate)],
        check=True, capture_output=True,
    )  # fmt: skip
    settings = Settings.read(
        {
            "LIBRARY_DIR": str(tmp_path / "library"), "TEMP_DIR": str(tmp_path / "temp"), "APP_PORT": "0",
            "TRUSTED_PROXIES": "127.0.0.1", "ALLOWED_HOSTS": NAME, "APP_USERNAME": "me", "APP_PASSWORD": "pass",
        },
        tmp_path / "none.env",
    )  # fmt: skip
    block = re.search(r"```nginx\n(.*?)```", DOCUMENT.read_text(), re.DOTALL)
    assert block is not None
    with serving(settings) as server:
        port, plain = free_port(), free_port()
        ours = {
            "listen 443 ssl;": f"listen 127.0.0.1:{port} ssl; listen 127.0.0.1:{plain};",
            "/etc/ssl/songs.example.org.pem": str(certificate),
            "/etc/ssl/songs.example.org.key": str(key),
            "songs.example.org": NAME,
            "http://127.0.0.1:8000": server.address,
        }
        text = block[1]
        for written, used in ours.items():
            assert written in text
            text = text.replace(written, used)
        places = "".join(f"{kind}_temp_path {tmp_path / kind};\n" for kind in ("client_body", "proxy"))
        others = "".join(f"{kind}_temp_path {tmp_path / kind};\n" for kind in ("fastcgi", "uwsgi", "scgi"))
        config = tmp_path / "nginx.conf"
        config.write_text(
            f"daemon off;\npid {tmp_path}/nginx.pid;\nerror_log {tmp_path}/error.log;\nworker_processes 1;\n"
            f"events {{}}\nhttp {{\naccess_log off;\n{places}{others}{text}}}\n"
        )
        process = subprocess.Popen([nginx, "-c", str(config), "-p", str(tmp_path)])
        try:
            deadline = time.monotonic() + 20
            while not listens(port):
                assert process.poll() is None
                assert time.monotonic() < deadline
            yield f"https://{NAME}:{port}", f"http://{NAME}:{plain}"
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
