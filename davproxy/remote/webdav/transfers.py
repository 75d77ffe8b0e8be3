"""MOVE and COPY, guarded by what is at the target (RFC 4918, sections 9.8, 9.9 and 10.4).

A Nextcloud checks the guard itself, in the request. Other servers differ: some take a missing folder for permission to
make it, some cannot read an If header, and some answer 500 to what they refuse. There everything is looked at first.
"""

from collections.abc import Callable
from contextlib import suppress
from uuid import uuid4

from davproxy.errors import Conflict, DavproxyError, NotFound, Unavailable
from davproxy.model import ABSENT, ANYTHING, Entry, Guard
from davproxy.paths import HIDDEN, TEMP, join, normalise, parent_of, top_of
from davproxy.remote.checks import refuse_nested, refuse_top
from davproxy.remote.webdav.connection import LONG_TIMEOUT
from davproxy.remote.webdav.files import Files
from davproxy.remote.webdav.listing import walk


def move(files: Files, source: str, target: str, guard: Guard) -> None:
    """Move or rename a file or a whole folder, as `Remote.move` promises."""
    source, target = normalise(source), normalise(target)
    refuse_top(files.addresses.tops, source, target)
    if source == target:
        return
    _check(files, source, target)
    if files.server.dav_url:
        _send(files, "MOVE", source, target, guard, lambda: _has_moved(files, source, target))
        return
    entry, there = _look_up(files, source, target, guard)
    with _MadeRoom(files, entry, there):
        _send_to_any(files, "MOVE", entry, target, guard, there, lambda: _has_moved(files, source, target))


def copy(files: Files, source: str, target: str, guard: Guard) -> None:
    """Copy a file or a whole folder, as `Remote.copy` promises."""
    source, target = normalise(source), normalise(target)
    refuse_top(files.addresses.tops, target)
    _check(files, source, target)
    before = None if guard.absent else files.lookup(target)

    def happened() -> bool:
        copied = files.lookup(target)
        changed = copied is not None and (before is None or copied.etag != before.etag)
        return changed and files.resource(source).size == files.resource(target).size

    if files.server.dav_url:
        _send(files, "COPY", source, target, guard, happened)
        return
    entry, there = _look_up(files, source, target, guard)
    with _MadeRoom(files, entry, there):
        _send_to_any(files, "COPY", entry, target, guard, there, happened)
        if entry.is_folder:
            _complete(files, source, target)


def destination_headers(files: Files, target: str, guard: Guard) -> dict[str, str]:
    """The headers that name the target of a MOVE or COPY on a Nextcloud and guard it."""
    url = files.url(target)
    headers = {"Destination": url, "Overwrite": "F" if guard.absent else "T"}
    if guard.etag is not None:
        headers["If"] = f'<{url}> (["{guard.etag}"])'
    return headers


def _check(files: Files, source: str, target: str) -> None:
    files.server.rules.check(target)
    refuse_nested(source, target)


def _has_moved(files: Files, source: str, target: str) -> bool:
    return files.lookup(source) is None and files.lookup(target) is not None


def _send(
    files: Files, method: str, source: str, target: str, guard: Guard, happened: Callable[[], bool], slash: str = ""
) -> None:
    """Send the request; where it is open whether it was carried out, `happened` decides."""
    headers = destination_headers(files, target, guard)
    headers["Destination"] += slash
    about = target if top_of(source) in HIDDEN else source  # the path of a staged file means nothing to a player
    if method == "COPY":
        headers["Depth"] = "infinity"
    files.settle(
        lambda: files.connection.send(
            method, files.url(source) + slash, expect={201, 204}, about=about, headers=headers, wait=LONG_TIMEOUT
        ),
        happened,
    )


# Servers that are no Nextcloud


def _look_up(files: Files, source: str, target: str, guard: Guard) -> tuple[Entry, Entry | None]:
    """What is at the source and at the target. Raises NotFound for a missing source or folder, and Conflict."""
    entry = files.stat(source)
    files.need_folder(parent_of(target))
    return entry, files.check_guard(target, guard)


def _send_to_any(
    files: Files,
    method: str,
    entry: Entry,
    target: str,
    guard: Guard,
    there: Entry | None,
    happened: Callable[[], bool],
) -> None:
    """Send the request to a server that may not be able to check the guard; `there` was looked at a moment ago."""
    slash = "/" if entry.is_folder else ""
    asked = guard if files.server.features.guards else ANYTHING
    if there is None or there.is_folder or entry.is_folder:
        asked = ABSENT  # the existing entry was moved away
    try:
        _send(files, method, entry.path, target, asked, happened, slash)
    except Conflict:
        # With a weak etag, as Apache's of a new file or of any folder is, an If header fails though nothing changed.
        files.check_guard(target, guard)
        if asked.etag is None:
            raise
        _send(files, method, entry.path, target, ANYTHING, happened, slash)
    except DavproxyError as error:
        if asked.absent and not isinstance(error, Unavailable) and files.lookup(target):
            raise Conflict(f"“{target}” was made elsewhere meanwhile; nothing was overwritten.") from error
        raise


class _MadeRoom:
    """Moves a folder that is to be replaced aside; deletes it after success, and moves it back after an error.

    Servers differ in what they do with a folder at the target: some replace it, some merge, some fail halfway.
    """

    def __init__(self, files: Files, entry: Entry, there: Entry | None) -> None:
        self._files = files
        self._there = there if there and (there.is_folder or entry.is_folder) else None
        self._aside = join(TEMP, f"replaced-{uuid4().hex}")

    def __enter__(self) -> None:
        if self._there:
            move(self._files, self._there.path, self._aside, ABSENT)

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if self._there and kind is None:
            with suppress(DavproxyError):  # /Temp is cleared up at the next start
                self._files.delete(self._aside)
        elif self._there:
            with suppress(NotFound, DavproxyError):
                self._files.delete(self._there.path)
            move(self._files, self._aside, self._there.path, ABSENT)


def _complete(files: Files, source: str, target: str) -> None:
    """Make the folders that a COPY left out because they are empty, and check the files that it made."""
    wanted = {entry.path.removeprefix(source): entry for entry in walk(files, source)}
    made = {entry.path.removeprefix(target): entry for entry in walk(files, target)}
    for path, entry in wanted.items():
        if entry.is_folder and path not in made:
            files.make_folder(target + path)
        elif not entry.is_folder and (path not in made or made[path].size != entry.size):
            raise Unavailable(f"The server copied “{source}” only in part. Delete “{target}” and try again.")
