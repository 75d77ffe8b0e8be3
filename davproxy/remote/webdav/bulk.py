"""Many small files in one request: read as a zip, written as one multipart body.

Both are Nextcloud's own: a GET of a folder with `accept=zip`, and a POST to `dav/bulk`
(https://docs.nextcloud.com/server/latest/developer_manual/client_apis/WebDAV/bulkupload.html).
"""

import hashlib
import json
import tempfile
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unicodedata import normalize
from urllib.parse import quote
from uuid import uuid4

from davproxy.errors import NotFound, Unavailable, WrongKind
from davproxy.model import ABSENT
from davproxy.paths import normalise, parent_of
from davproxy.remote.checksums import Checksums
from davproxy.remote.protocol import send_file
from davproxy.remote.webdav.bodies import body_blocks
from davproxy.remote.webdav.connection import LONG_TIMEOUT
from davproxy.remote.webdav.files import Files
from davproxy.remote.webdav.folders import make_folders
from davproxy.remote.webdav.parallel import in_parallel
from davproxy.remote.webdav.target import PART, Target, pieces, put_new
from davproxy.remote.webdav.uploads import begin

READERS, WRITERS = 4, 2
"""Concurrent requests."""
MAX_URL = 7500
"""Bytes of a URL; the request line and what a proxy adds then stay below the common limit of 8 KiB."""
ZIP_IN_MEMORY = 8 * 1024 * 1024
"""A zip of more bytes is kept on the disk."""
MAX_BODY = 32 * 1024 * 1024
"""Bytes of one bulk upload, read from the disk as they are sent."""
MAX_FILES = 200
"""Files in one bulk upload."""
MAX_FILE = 8 * 1024 * 1024
"""A file of more bytes gets a request of its own, because the server holds one file of a bulk upload in memory."""


def read_many(files: Files, paths: Iterable[str]) -> Iterator[tuple[str, bytes]]:
    """(path, content) of each file that exists, in any order."""
    wanted = sorted({normalise(path) for path in paths})
    if files.server.features.bulk_read and len(wanted) > 1:
        results = in_parallel(lambda batch: _read_batch(files, batch), _batches(files, wanted), READERS)
    else:
        results = in_parallel(lambda path: _read_one(files, path), wanted, READERS)
    for contents in results:
        yield from contents


def _read_one(files: Files, path: str) -> list[tuple[str, bytes]]:
    try:
        with files.stream(path) as content:
            return [(path, b"".join(content))]
    except (NotFound, WrongKind):
        return []


@dataclass(frozen=True, slots=True)
class _Batch:
    """Files of one zip: their tree paths, and the folder that the zip is made of."""

    folder: str
    paths: list[str]

    def names(self) -> list[str]:
        """The paths relative to the folder."""
        return [path[len(self.folder.rstrip("/")) + 1 :] for path in self.paths]


def _batches(files: Files, paths: list[str]) -> Iterator[_Batch]:
    """The sorted `paths` in batches whose URLs are no longer than MAX_URL, relative to their nearest common folder."""
    folder = parent_of(paths[0])
    while not all(path.startswith(folder.rstrip("/") + "/") for path in paths):
        folder = parent_of(folder)
    room = MAX_URL - len(_zip_url(files, _Batch(folder, [])))
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
    """The contents of a batch. One missing file makes the whole request fail, so a batch that has one is halved."""
    if len(batch.paths) == 1:
        return _read_one(files, batch.paths[0])
    try:
        return _read_zip(files, batch)
    except NotFound:
        middle = len(batch.paths) // 2
        halves = (_Batch(batch.folder, batch.paths[:middle]), _Batch(batch.folder, batch.paths[middle:]))
        return [content for half in halves for content in _read_batch(files, half)]
    except (zipfile.BadZipFile, zlib.error, KeyError):
        return [content for path in batch.paths for content in _read_one(files, path)]


def _read_zip(files: Files, batch: _Batch) -> list[tuple[str, bytes]]:
    with tempfile.SpooledTemporaryFile(max_size=ZIP_IN_MEMORY) as spooled:
        with files.connection.stream(
            "GET", _zip_url(files, batch), expect={200}, about=batch.folder, wait=LONG_TIMEOUT
        ) as response:
            if not response.headers.get("Content-Type", "").startswith("application/zip"):
                raise zipfile.BadZipFile("the response is no zip")
            for block in body_blocks(response, batch.folder):
                spooled.write(block)
        with zipfile.ZipFile(spooled) as archive:
            members = {normalize("NFC", member.filename).lstrip("/"): member for member in archive.infolist()}
            return [
                (path, archive.read(members[name]))
                for path, name in zip(batch.paths, batch.names(), strict=True)
                if not members[name].is_dir()
            ]


@dataclass(frozen=True, slots=True)
class _Source:
    """A local file and the tree path that it is written to."""

    path: str
    file: Path
    size: int


def write_many(files: Files, sources: Iterable[tuple[str, Path]]) -> None:
    """Write new files: each large one by itself, the small ones in bulk uploads; WRITERS requests at a time."""

    def write(batch: list[_Source]) -> None:
        if files.server.bulk_write and batch[0].size <= MAX_FILE:
            _write_small(files, batch)
        else:
            _write_one(files, batch[0])

    found = (_Source(normalise(path), file, file.stat().st_size) for path, file in sources)
    for _written in in_parallel(write, _uploads(found, bulk=files.server.bulk_write), WRITERS):
        pass


def _uploads(sources: Iterable[_Source], *, bulk: bool) -> Iterator[list[_Source]]:
    """The files of each request."""
    small: list[_Source] = []
    held = 0
    for source in sources:
        if source.size > MAX_FILE or not bulk:
            yield [source]
            continue
        if small and (held + source.size > MAX_BODY or len(small) == MAX_FILES):
            yield small
            small, held = [], 0
        small.append(source)
        held += source.size
    if small:
        yield small


def _write_one(files: Files, source: _Source) -> None:
    """Write one file, whose folder may be missing."""
    target = Target(source.path, source.size, source.file.stat().st_mtime, ABSENT)
    if files.server.dav_url and source.size <= PART:
        content, checksums = source.file.read_bytes(), Checksums()
        checksums.update(content)
        put_new(files, target, [content], source.size, checksums, make_parents=True, in_turn=True)
    else:
        files.make_folder(parent_of(source.path))
        send_file(begin(files, target), source.file)


def _write_small(files: Files, batch: list[_Source]) -> None:
    """Write files together. Missing folders are made; a file refused twice is written by itself, which raises why."""
    refused = _post(files, batch)
    if refused:
        make_folders(files, {parent_of(source.path) for source in refused})
        for source in _post(files, refused):
            _write_one(files, source)


def _post(files: Files, batch: list[_Source]) -> list[_Source]:
    """Send one bulk upload. Returns the files that the server refused, such as those whose folder is missing.

    The server verifies the MD5 of each part. A repetition does no harm.
    """
    boundary = uuid4().hex
    heads = [_part_head(files, boundary, source) for source in batch]
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
        wait=LONG_TIMEOUT,
        repeatable=True,
        in_turn=True,
    )
    if response.status_code != 200:  # the body is longer than the server accepts
        return batch
    if b"is locked" in response.content:  # so a Nextcloud on SQLite tells of single files what it could not write
        files.connection.turns.begin()
    accepted = accepted_paths(response.content)
    return [source for source in batch if files.addresses.account_path(source.path) not in accepted]


def accepted_paths(content: bytes) -> set[str]:
    """The paths that the response to a bulk upload says were written. Raises Unavailable for another document."""
    try:
        answers: dict[str, Any] = json.loads(content)
        return {
            normalize("NFC", path)
            for path, answer in answers.items()
            if isinstance(answer, dict) and answer.get("error") is False
        }
    except (ValueError, AttributeError) as error:
        raise Unavailable("The server answered a bulk write with something else. Try again later.") from error


def _part_head(files: Files, boundary: str, source: _Source) -> bytes:
    """The boundary and headers before a file in the body."""
    with source.file.open("rb") as opened:
        checksum = hashlib.file_digest(opened, "md5").hexdigest()
    lines = [
        f"--{boundary}",
        f"X-File-Path: {files.addresses.account_path(source.path)}",
        f"X-OC-Mtime: {int(source.file.stat().st_mtime)}",
        f"OC-Checksum: md5:{checksum}",
        f"Content-Length: {source.size}",
    ]
    return "\r\n".join([*lines, "", ""]).encode()
