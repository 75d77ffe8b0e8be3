"""How a file is written: so that a reader sees the old one or the new one, whatever is cut in the middle.

On a Nextcloud a PUT over an existing file is not safe: a cut one leaves the truncated body live. A new file goes by one
PUT, an existing one, and whatever is long, by chunked upload version 2
(https://docs.nextcloud.com/server/latest/developer_manual/client_apis/WebDAV/chunking.html). On other servers the file
gets a temporary name, and takes its own once its size is verified.
"""

import time
from pathlib import Path

from davproxy.errors import WrongKind
from davproxy.model import ABSENT, Guard
from davproxy.remote.protocol import Upload
from davproxy.remote.webdav.chunked_upload import ChunkedUpload
from davproxy.remote.webdav.files import Files
from davproxy.remote.webdav.staged_upload import StagedUpload
from davproxy.remote.webdav.streamed_upload import StreamedUpload
from davproxy.remote.webdav.target import PART, Target

EARLIEST = 86_400
"""Seconds since 1970; a Nextcloud answers an error to a modification time that is not later."""


def aim(files: Files, path: str, size: int | None, modified: float | None, guard: Guard) -> Target:
    """The target of a write to `path`, what stands there now made part of the guard."""
    files.server.rules.check(path)
    told_by_server = guard.absent and files.server.chunks  # a Nextcloud refuses the write itself
    if guard.etag is None and not told_by_server:
        found = files.check_guard(path, guard)
        if found and found.is_folder:
            raise WrongKind(f"“{path}” is a folder; a file cannot take its place.")
        guard = Guard(etag=found.etag) if found else ABSENT
    if files.server.dav_url and (modified is None or modified <= EARLIEST):
        modified = time.time()  # which it would take itself, but not tell
    return Target(path, size, modified, guard)


def begin(files: Files, target: Target, spool: Path | None = None) -> Upload:
    """The upload that is safe on this server. `spool` is the local folder for what waits to be sent."""
    if not files.server.chunks:
        return StagedUpload(files, target, spool)
    if target.guard.absent and target.size is not None and PART < target.size <= files.one_request:
        return StreamedUpload(files, target, target.size)
    return ChunkedUpload(files, target)
