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
from davproxy.remote.protocol import send_file
from davproxy.remote.webdav.connection import LONG_ANSWER, blocks
from davproxy.remote.webdav.files import Files
from davproxy.remote.webdav.parallel import in_parallel
from davproxy.remote.webdav.target import PART, Target, pieces, put_new
from davproxy.remote.webdav.uploads import begin

READERS = 4
"""Requests at a time."""
LONGEST_REQUEST = 7500
"""Bytes of an address; with the rest of its line and a proxy's additions it stays below the usual limit of 8 KiB."""
IN_MEMORY = 8 * 1024 * 1024
"""A larger zip waits on the disk."""
BODY = 32 * 1024 * 1024
"""Bytes of one bulk upload, read from the disk as they are sent."""
MOST = 200
"""Files in one bulk upload."""
ITS_OWN = 8 * 1024 * 1024
"""A file larger than this goes by a write of its own. The server holds one file of a bulk upload in its memory."""


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


@dataclass(frozen=True, slots=True)
class _Source:
    """A local file, and the path that it goes to."""

    path: str
    file: Path
    size: int


def write_many(files: Files, sources: Iterable[tuple[str, Path]]) -> None:
    """Store new files: large ones by a write each, the small ones between them together."""
    small: list[_Source] = []
    held = 0
    for path, file in sources:
        source = _Source(normalise(path), file, file.stat().st_size)
        if source.size > ITS_OWN or not files.server.bulk_write:
            _write_one(files, source)
            continue
        if small and (held + source.size > BODY or len(small) == MOST):
            _write_small(files, small)
            small, held = [], 0
        small.append(source)
        held += source.size
    if small:
        _write_small(files, small)


def _write_one(files: Files, source: _Source) -> None:
    """A file by itself, whose folder need not be there."""
    target = Target(source.path, source.size, source.file.stat().st_mtime, ABSENT)
    if files.server.dav_url and source.size <= PART:
        put_new(files, target, [source.file.read_bytes()], source.size, make_parents=True)
    else:
        files.make_folder(parent_of(source.path))
        send_file(begin(files, target), source.file)


def _write_small(files: Files, batch: list[_Source]) -> None:
    """Files together. Where a folder is missing it is made; what is refused still goes by itself, and says why."""
    refused = _post(files, batch)
    if refused:
        for folder in sorted({parent_of(source.path) for source in refused}):
            files.make_folder(folder)
        for source in _post(files, refused):
            _write_one(files, source)


def _post(files: Files, batch: list[_Source]) -> list[_Source]:
    """One POST to `dav/bulk`; the files that it did not take, such as those whose folder is missing.

    Each part has its MD5, which the server verifies. Repeating it does no harm.
    """
    boundary = uuid4().hex
    heads = [_head(files, boundary, source) for source in batch]
    end = f"--{boundary}--\r\n".encode()

    def body() -> Iterator[bytes]:
        for head, source in zip(heads, batch, strict=True):
            yield head + source.file.read_bytes() + b"\r\n"
        yield end

    length = sum(len(head) + source.size + 2 for head, source in zip(heads, batch, strict=True)) + len(end)
    response = files.connection.send(
        "POST",
        f"{files.server.dav_url}/bulk",
        expect={200, 400, 413},
        about=parent_of(batch[0].path),
        headers={"Content-Type": f"multipart/related; boundary={boundary}", "Content-Length": str(length)},
        content=lambda: pieces(body()),
        wait=LONG_ANSWER,
        repeatable=True,
    )
    if response.status_code != 200:  # longer than the server takes
        return batch
    try:
        answers = {normalize("NFC", name): answer for name, answer in response.json().items()}
    except (ValueError, AttributeError) as error:
        raise Unavailable("The server answered a bulk write with something else. Try again later.") from error
    return [source for source in batch if answers.get(files.account_path(source.path), {}).get("error") is not False]


def _head(files: Files, boundary: str, source: _Source) -> bytes:
    """What stands before a file in the body."""
    with source.file.open("rb") as opened:
        checksum = hashlib.file_digest(opened, "md5").hexdigest()
    lines = [
        f"--{boundary}",
        f"X-File-Path: {files.account_path(source.path)}",
        f"X-OC-Mtime: {int(source.file.stat().st_mtime)}",
        f"OC-Checksum: md5:{checksum}",
        f"Content-Length: {source.size}",
    ]
    return "\r\n".join([*lines, "", ""]).encode()
