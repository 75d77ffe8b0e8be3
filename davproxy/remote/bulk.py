"""Many small files in one request, each way: read as a zip, written as one multipart body."""

import hashlib
import json
import tempfile
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from unicodedata import normalize
from urllib.parse import quote
from uuid import uuid4

from davproxy.errors import NotFound, Unavailable, WrongKind
from davproxy.model import ABSENT
from davproxy.paths import normalise, parent_of
from davproxy.remote.connection import LONG_ANSWER, blocks
from davproxy.remote.files import Files
from davproxy.remote.parallel import in_parallel
from davproxy.remote.protocol import send_file
from davproxy.remote.target import PART, Target, pieces, put_new
from davproxy.remote.uploads import begin

READERS = 4
"""Requests at a time."""
LONGEST_REQUEST = 7500
"""Bytes of an address; with the rest of its line and a proxy's additions it stays below the usual limit of 8 KiB."""
IN_MEMORY = 8 * 1024 * 1024
"""A larger zip waits on the disk."""
BODY = 10 * 1024 * 1024
"""Bytes of one bulk upload, in memory."""
MOST = 200
"""Files in one bulk upload."""
ITS_OWN = 1024 * 1024
"""A file larger than this goes by a PUT of its own, which makes its folder on the way."""


def read_many(files: Files, paths: Iterable[str]) -> Iterator[tuple[str, bytes]]:
    """The contents of files, those that are missing left out."""
    wanted = sorted({normalise(path) for path in paths})
    if files.server.features.bulk_read and len(wanted) > 1:
        reading = in_parallel(lambda batch: _read_batch(files, batch), _batches(files, wanted), READERS)
    else:
        reading = in_parallel(lambda path: _read_one(files, path), wanted, READERS)
    for found in reading:
        yield from found


def _read_one(files: Files, path: str) -> list[tuple[str, bytes]]:
    try:
        with files.stream(path) as content:
            return [(path, b"".join(content))]
    except (NotFound, WrongKind):
        return []


@dataclass(frozen=True, slots=True)
class _Batch:
    folder: str
    paths: list[str]

    def names(self) -> list[str]:
        """The paths as seen from the folder."""
        return [path[len(self.folder.rstrip("/")) + 1 :] for path in self.paths]


def _batches(files: Files, paths: list[str]) -> Iterator[_Batch]:
    """As many neighbours in a request as its line holds, named from the nearest folder that holds them all."""
    folder = parent_of(paths[0])
    while not all(path.startswith(folder.rstrip("/") + "/") for path in paths):
        folder = parent_of(folder)
    room = LONGEST_REQUEST - len(_zip_url(files, _Batch(folder, [])))
    batch: list[str] = []
    used = 0
    for path in paths:
        cost = len(quote(json.dumps(path[len(folder) :], ensure_ascii=False), safe="/")) + 1
        if batch and used + cost > room:
            yield _Batch(folder, batch)
            batch, used = [], 0
        batch.append(path)
        used += cost
    yield _Batch(folder, batch)


def _zip_url(files: Files, batch: _Batch) -> str:
    names = json.dumps(batch.names(), ensure_ascii=False, separators=(",", ":"))
    return f"{files.url(batch.folder)}?accept=zip&files={quote(names, safe='/,')}"


def _read_batch(files: Files, batch: _Batch) -> list[tuple[str, bytes]]:
    """One missing file spoils the whole answer, so a batch that has one is tried in halves."""
    if len(batch.paths) == 1:
        return _read_one(files, batch.paths[0])
    try:
        return _read_zip(files, batch)
    except NotFound:
        middle = len(batch.paths) // 2
        halves = (_Batch(batch.folder, batch.paths[:middle]), _Batch(batch.folder, batch.paths[middle:]))
        return [found for half in halves for found in _read_batch(files, half)]
    except (zipfile.BadZipFile, zlib.error, KeyError):
        return [found for path in batch.paths for found in _read_one(files, path)]


def _read_zip(files: Files, batch: _Batch) -> list[tuple[str, bytes]]:
    with tempfile.SpooledTemporaryFile(max_size=IN_MEMORY) as held:
        with files.connection.stream(
            "GET", _zip_url(files, batch), expect={200}, about=batch.folder, wait=LONG_ANSWER
        ) as response:
            if not response.headers.get("Content-Type", "").startswith("application/zip"):
                raise zipfile.BadZipFile("not a zip at all")
            for block in blocks(response, batch.folder):
                held.write(block)
        with zipfile.ZipFile(held) as archive:
            members = {normalize("NFC", member.filename).lstrip("/"): member for member in archive.infolist()}
            return [
                (path, archive.read(members[name]))
                for path, name in zip(batch.paths, batch.names(), strict=True)
                if not members[name].is_dir()
            ]


def write_many(files: Files, sources: Iterable[tuple[str, Path]]) -> None:
    """Store new files: large ones by a PUT each that makes its folder, the small ones between them together."""
    made: set[str] = set()
    small: list[tuple[str, Path, int]] = []
    held = 0
    for path, source in sources:
        path = normalise(path)
        size = source.stat().st_size
        if size > ITS_OWN or not files.server.bulk_write:
            _write_one(files, path, source, made)
            continue
        if small and (held + size > BODY or len(small) == MOST):
            _write_small(files, small, made)
            small, held = [], 0
        small.append((path, source, size))
        held += size
    if small:
        _write_small(files, small, made)


def _write_one(files: Files, path: str, source: Path, made: set[str]) -> None:
    status = source.stat()
    target = Target(path, status.st_size, status.st_mtime, ABSENT)
    if files.server.dav_url and status.st_size <= PART:
        put_new(
            files, target, [source.read_bytes()], status.st_size, make_parents=True
        )  # a body cut short leaves nothing there
    else:
        _make(files, parent_of(path), made)
        send_file(begin(files, target), source)
    made.add(parent_of(path))


def _make(files: Files, folder: str, made: set[str]) -> None:
    if folder not in made:
        files.make_folder(folder)
        made.add(folder)


def _write_small(files: Files, batch: list[tuple[str, Path, int]], made: set[str]) -> None:
    """One POST to `dav/bulk`, each part with its MD5, which the server verifies.

    It needs the folders to be there: a PUT of the first file of each makes them, parents included.
    """
    first = {parent_of(path): (path, source) for path, source, _ in reversed(batch) if parent_of(path) not in made}
    for path, source in first.values():
        _write_one(files, path, source, made)
    batch = [each for each in batch if first.get(parent_of(each[0]), ("",))[0] != each[0]]
    if not batch:
        return
    boundary = uuid4().hex
    body: list[bytes] = []
    for path, source, _ in batch:
        content = source.read_bytes()
        headers = {
            "X-File-Path": files.account_path(path),
            "X-OC-Mtime": str(int(source.stat().st_mtime)),
            "OC-Checksum": f"md5:{hashlib.md5(content, usedforsecurity=False).hexdigest()}",
            "Content-Length": str(len(content)),
        }
        lines = [f"--{boundary}", *(f"{name}: {value}" for name, value in headers.items()), "", ""]
        body += ["\r\n".join(lines).encode(), content, b"\r\n"]
    body.append(f"--{boundary}--\r\n".encode())
    response = files.connection.send(
        "POST",
        f"{files.server.dav_url}/bulk",
        expect={200},
        about=parent_of(batch[0][0]),
        headers={
            "Content-Type": f"multipart/related; boundary={boundary}",
            "Content-Length": str(sum(len(block) for block in body)),
        },
        content=lambda: pieces(body),
        wait=LONG_ANSWER,
        repeatable=True,
    )
    try:
        answers = {normalize("NFC", name): answer for name, answer in response.json().items()}
    except (ValueError, AttributeError) as error:
        raise Unavailable("The server answered a bulk write with something else. Try again later.") from error
    for path, source, _ in batch:
        if answers.get(files.account_path(path), {}).get("error") is not False:
            _write_one(files, path, source, made)  # whose own answer says what is wrong
