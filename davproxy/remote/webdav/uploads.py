"""How a file is written: a reader sees the old content or the new one, wherever the write is cut off.

On a Nextcloud a PUT over an existing file is not safe: one that is cut off leaves a truncated file. A new file is
written by one PUT; an existing one, and a file too long for one request, by chunked upload version 2
(https://docs.nextcloud.com/server/latest/developer_manual/client_apis/WebDAV/chunking.html). On other servers the file
gets a temporary name first, and its own once its size is verified.
"""

import time
from pathlib import Path

from davproxy.errors import WrongKind
from davproxy.model import ABSENT, Guard
from davproxy.paths import parent_of
from davproxy.remote.protocol import Upload
from davproxy.remote.webdav.chunked_upload import ChunkedUpload
from davproxy.remote.webdav.files import Files
from davproxy.remote.webdav.staged_upload import StagedUpload
from davproxy.remote.webdav.streamed_upload import StreamedUpload
from davproxy.remote.webdav.target import PART, Target

EARLIEST_MODIFIED = 86_400
"""Unix seconds. A Nextcloud refuses a modification time that is not later."""


def make_target(files: Files, path: str, size: int | None, modified: float | None, guard: Guard) -> Target:
    """The target of a write to `path`, with a guard for the entry there now. Raises Conflict, WrongKind, BadPath."""
    files.server.rules.check(path)
    server_checks = guard.absent and files.server.chunks  # a Nextcloud refuses the write itself
    if not files.server.dav_url:
        files.need_folder(parent_of(path))
    if guard.etag is None and not server_checks:
        entry = files.check_guard(path, guard)
        if entry and entry.is_folder:
            raise WrongKind(f"“{path}” is a folder; a file cannot take its place.")
        guard = Guard(etag=entry.etag) if entry else ABSENT
    if files.server.dav_url and (modified is None or modified <= EARLIEST_MODIFIED):
        modified = time.time()  # the server would use its own clock, but its response would lack the time
    return Target(path, size, modified, guard)


def begin(files: Files, target: Target, spool: Path | None = None) -> Upload:
    """The kind of upload that is safe on this server. `spool` is the local folder for bytes that wait to be sent."""
    if not files.server.chunks:
        return StagedUpload(files, target, spool)
    if target.guard.absent and target.size is not None and PART < target.size <= files.max_request:
        return StreamedUpload(files, target, target.size)
    return ChunkedUpload(files, target)
