"""The memory that the import of a large archive takes, from the upload to the song."""

import http.client
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.commands.conftest import Served
from tests.memory import MIB, ON_LINUX, Measured
from tests.webui.songs import chart, ini, tone
from webui.song_files import ZipBuffer

VIDEO = 200 * MIB
HEAD = b'--b\r\nContent-Disposition: form-data; name="file"; filename="%s"\r\n\r\n'
TAIL = b"\r\n--b--\r\n"


def archive(title: str, video: int) -> Iterator[bytes]:
    """A zip of one song with a video of `video` bytes, made while it is read."""
    buffer = ZipBuffer()
    with zipfile.ZipFile(buffer, "w") as target:
        for name, content in (
            ("song.ini", ini(name=title)),
            ("notes.chart", chart(60 + len(str(video)))),
            ("song.wav", tone()),
        ):
            target.writestr(f"{title}/{name}", content)
        with target.open(f"{title}/video.mp4", "w", force_zip64=True) as file:
            for _ in range(video // MIB):
                file.write(bytes(MIB))
                yield buffer.take()
    yield buffer.take()


def upload(port: str, title: str, video: int) -> str:
    """Upload such an archive and wait for its import. Returns the path of the song."""

    def body() -> Iterator[bytes]:
        yield HEAD % f"{title}.zip".encode()
        yield from archive(title, video)
        yield TAIL

    connection = http.client.HTTPConnection("127.0.0.1", int(port), timeout=120)
    headers = {"Content-Type": "multipart/form-data; boundary=b"}
    connection.request("POST", "/api/upload?wait=true", body(), headers, encode_chunked=True)
    response = connection.getresponse()
    answer = json.loads(response.read())
    connection.close()
    assert response.status == 200, answer
    path: str = answer["files"][0]["job"]["result"]["songs"][0]["path"]
    return path


@ON_LINUX
@pytest.mark.slow
def test_an_archive_of_200_mb(tmp_path: Path) -> None:
    server = Served(tmp_path)
    try:
        upload(server.port, "Small", MIB)
        measured = Measured(server.process.pid, int(server.port))
        before = measured.forget_peak()
        path = upload(server.port, "Large", VIDEO)
        assert measured.resident("VmHWM") - before < 64 * MIB
        assert (tmp_path / "library" / path[1:] / "video.mp4").stat().st_size == VIDEO
    finally:
        server.stop()
