"""Memory stays flat however much passes through."""

import http.client
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes.nextcloud import FakeNextcloud
from tests.memory import MIB, ON_LINUX, Measured
from tests.raw_http import Raw, request

pytestmark = [pytest.mark.slow, ON_LINUX]


@pytest.fixture(params=["open", "guarded", "nextcloud"])
def measured(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Measured]:
    (tmp_path / "bodies").mkdir()
    with FakeNextcloud(bodies=tmp_path / "bodies") as fake:
        yield from serving(
            tmp_path,
            {
                "open": [],
                "guarded": ["APP_USERNAME=jo", "APP_PASSWORD=secret"],
                "nextcloud": [
                    f"NEXTCLOUD_URL={fake.url}",
                    f"NEXTCLOUD_USERNAME={fake.user}",
                    f"NEXTCLOUD_PASSWORD={fake.password}",
                ],
            }[request.param],
        )


def serving(folder: Path, settings: list[str]) -> Iterator[Measured]:
    """The server in a process of its own, with these settings."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.dav.serve", str(folder), *settings],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert process.stdout
    try:
        yield Measured(process.pid, int(process.stdout.readline()))
    finally:
        process.communicate("", timeout=30)


def upload(port: int, path: str, size: int, *, chunked: bool = False) -> int:
    """PUT `size` zeros and return the status."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    blocks = (bytes(MIB) for _ in range(size // MIB))
    headers = {} if chunked else {"Content-Length": str(size)}
    connection.request("PUT", path, blocks, headers, encode_chunked=chunked)
    status = connection.getresponse().status
    connection.close()
    return status


@pytest.mark.parametrize("measured", ["open"], indirect=True)
@pytest.mark.parametrize("chunked", [False, True])
def test_an_upload_of_200_mb(measured: Measured, chunked: bool) -> None:
    assert upload(measured.port, "/dav/Songs/small", MIB, chunked=chunked) == 201
    before = measured.forget_peak()
    assert upload(measured.port, "/dav/Songs/large", 200 * MIB, chunked=chunked) == 201
    assert measured.resident("VmHWM") - before < 64 * MIB


@pytest.mark.parametrize("measured", ["nextcloud"], indirect=True)
@pytest.mark.parametrize(("size", "chunked"), [(90, False), (200, False), (90, True)])
def test_uploads_to_a_nextcloud(measured: Measured, size: int, chunked: bool) -> None:
    """In one request that flows on, and in parts."""
    assert upload(measured.port, "/dav/Songs/small", 20 * MIB) == 201
    before = measured.forget_peak()
    assert upload(measured.port, "/dav/Songs/large", size * MIB, chunked=chunked) == 201
    assert measured.resident("VmHWM") - before < 64 * MIB


@pytest.mark.parametrize("measured", ["open"], indirect=True)
def test_eight_downloads_of_100_mb_at_once(measured: Measured) -> None:
    assert upload(measured.port, "/dav/Songs/large", 100 * MIB) == 201
    before = measured.forget_peak()
    counts = []

    def download() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", measured.port, timeout=120)
        connection.request("GET", "/dav/Songs/large")
        response, count = connection.getresponse(), 0
        while block := response.read(MIB):
            count += len(block)
        counts.append(count)
        connection.close()

    threads = [threading.Thread(target=download) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert counts == [100 * MIB] * 8
    assert measured.resident("VmHWM") - before < 64 * MIB


@pytest.mark.parametrize("measured", ["guarded"], indirect=True)
@pytest.mark.parametrize("chunked", [False, True])
def test_a_refused_upload_of_100_mb(measured: Measured, chunked: bool) -> None:
    with Raw(measured.port) as raw:
        raw.send(request("GET", "/page"))
        raw.answer()
    before = measured.forget_peak()
    assert upload(measured.port, "/dav/Songs/large", 100 * MIB, chunked=chunked) == 401
    assert measured.resident("VmHWM") - before < 16 * MIB


@pytest.mark.parametrize("measured", ["open"], indirect=True)
def test_one_chunk_of_150_mb_and_a_propfind_of_30_mb(measured: Measured) -> None:
    before = measured.forget_peak()
    with Raw(measured.port, timeout=60) as raw:
        raw.send(request("PUT", "/dav/Songs/large", "Transfer-Encoding: chunked", body=b"%x\r\n" % (150 * MIB)))
        for _ in range(150):
            raw.send(bytes(MIB))
        raw.send(b"\r\n0\r\n\r\n")
        assert raw.answer()[0] == 201
        raw.send(request("PROPFIND", "/dav/", f"Content-Length: {30 * MIB}"))
        raw.send(bytes(30 * MIB))
        assert raw.answer()[0] == 413
    assert measured.resident("VmHWM") - before < 50 * MIB
