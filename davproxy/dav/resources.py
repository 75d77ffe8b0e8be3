"""WsgiDAV's view of an entry: what LOCK, PROPPATCH, PUT, MKCOL, DELETE and unusual PROPFINDs work on."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from email.utils import parsedate_to_datetime
from typing import Any

from wsgidav.dav_error import HTTP_FORBIDDEN, HTTP_PRECONDITION_FAILED, DAVError
from wsgidav.dav_provider import DAVCollection, DAVNonCollection, _DAVResource

from davproxy import paths
from davproxy.dav import urls
from davproxy.dav.view import View
from davproxy.errors import DavproxyError
from davproxy.library import Upload
from davproxy.media_types import media_type
from davproxy.model import ABSENT, ANYTHING, Entry, Guard

Environ = dict[str, Any]

_WINDOWS = "{urn:schemas-microsoft-com:}"
_LATEST = 253_402_300_800.0
"""The year 10000, which no calendar here reaches."""
_MODIFIED = ("{DAV:}getlastmodified", "{DAV:}lastmodified", _WINDOWS + "Win32LastModifiedTime")


@contextmanager
def translated() -> Iterator[None]:
    """Our errors as WsgiDAV's, with status and message."""
    try:
        yield
    except DavproxyError as error:
        raise DAVError(error.status, error.message, src_exception=error) from error


class _Resource(_DAVResource):  # type: ignore[misc]
    """What files and folders share."""

    def __init__(self, view: View, entry: Entry, environ: Environ) -> None:
        super().__init__(entry.path, environ)
        self.view = view
        self.entry = entry

    def get_display_name(self) -> str:
        return paths.name_of(self.entry.path) or "/"

    def get_last_modified(self) -> float | None:
        return self.entry.modified or None

    def get_creation_date(self) -> float | None:
        return self.entry.modified or None

    def get_etag(self) -> str | None:
        return self.entry.etag or None

    def support_etag(self) -> bool:
        return bool(self.entry.etag)

    def get_href(self) -> str:
        return urls.href(self.entry.path, is_folder=self.entry.is_folder)

    def get_property_value(self, name: str) -> Any:
        if name == "{DAV:}getetag" and self.entry.etag:
            return f'"{self.entry.etag}"'
        return super().get_property_value(name)

    def set_property_value(self, name: str, value: Any, *, dry_run: bool = False) -> None:
        """Times go to the library; what Windows adds is accepted and forgotten; the rest are dead properties."""
        if name in _MODIFIED and value is not None and self.view.is_stored(self.entry.path):
            try:
                modified = parsedate_to_datetime(value.text or "").timestamp()
            except (ValueError, TypeError, OverflowError):
                if not name.startswith(_WINDOWS):
                    raise DAVError(HTTP_FORBIDDEN) from None
                return
            with translated():
                self.view.check_writable(self.entry.path)
                if not dry_run:
                    self.entry = self.view.library.tree.set_modified(self.entry.path, modified)
        elif not name.startswith(_WINDOWS):
            super().set_property_value(name, value, dry_run=dry_run)


class File(_Resource, DAVNonCollection):  # type: ignore[misc]
    """A file, or the name of one that is about to be written."""

    _upload: Upload | None = None

    def get_content_length(self) -> int:
        return self.entry.size

    def get_content_type(self) -> str:
        return media_type(self.entry.path)

    def get_content(self) -> Any:
        raise DAVError(HTTP_FORBIDDEN, "Contents are answered before WsgiDAV.")

    def support_ranges(self) -> bool:
        return True

    def begin_write(self, *, content_type: str | None = None) -> "_Sink":  # noqa: ARG002 - WsgiDAV's signature
        """Start the upload that `end_write` commits; until then nothing is visible."""
        with translated():
            self._upload = self.view.upload(
                self.entry.path,
                size=announced_size(self.environ),
                modified=announced_time(self.environ),
                guard=guard_of(self.environ, self.entry),
            )
        return _Sink(self._upload)

    def end_write(self, *, with_errors: bool) -> None:
        """Commit what arrived whole, drop what did not."""
        upload, self._upload = self._upload, None
        if upload is None:
            return
        if with_errors:
            upload.abort()
            return
        with translated():
            try:
                self.entry = upload.commit()
            except BaseException:
                upload.abort()
                raise


class Folder(_Resource, DAVCollection):  # type: ignore[misc]
    """A folder."""

    def get_used_bytes(self) -> int:
        with translated():
            return self.view.library.tree.quota().used

    def get_available_bytes(self) -> int | None:
        with translated():
            return self.view.library.tree.quota().free

    def get_member_list(self) -> list[_Resource]:
        with translated():
            return [resource(self.view, entry, self.environ) for entry in self.view.children(self.entry.path)]

    def get_member_names(self) -> list[str]:
        return [paths.name_of(entry.path) for entry in self.view.children(self.entry.path)]

    def get_member(self, name: str) -> _Resource | None:
        entry = self.view.find(paths.join(self.entry.path, name))
        return resource(self.view, entry, self.environ) if entry else None

    def create_empty_resource(self, name: str) -> File:
        """A name to write to, or to lock. Only a lock makes it seen before it is written."""
        path = paths.join(self.entry.path, name)
        with translated():
            self.view.check_writable(path)
        if self.environ["REQUEST_METHOD"] == "LOCK":
            return File(self.view, self.view.hold_place(path), self.environ)
        return File(self.view, Entry(path, False), self.environ)

    def create_collection(self, name: str) -> None:
        with translated():
            self.view.make_folder(paths.join(self.entry.path, name))


def resource(view: View, entry: Entry, environ: Environ) -> _Resource:
    """The resource of `entry`."""
    return Folder(view, entry, environ) if entry.is_folder else File(view, entry, environ)


class _Sink:
    """Where WsgiDAV copies a PUT's body to."""

    def __init__(self, upload: Upload) -> None:
        self._upload = upload

    def writelines(self, blocks: Iterable[bytes]) -> None:
        """Pass the blocks on; an upload cut short raises here."""
        with translated():
            for block in blocks:
                self._upload.write(block)

    def close(self) -> None:
        """Nothing to do before the commit."""


def announced_size(environ: Environ) -> int | None:
    """How many bytes the client says it sends; macOS says it beside a chunked body."""
    said = environ.get("CONTENT_LENGTH") or environ.get("HTTP_X_EXPECTED_ENTITY_LENGTH") or ""
    if not said and not environ.get("wsgi.input_terminated"):
        return 0
    return int(said) if said.isdigit() else None


def announced_time(environ: Environ) -> float | None:
    """The modification time that rclone, gvfs and the Nextcloud clients send along, in Unix seconds."""
    try:
        seconds = float(environ["HTTP_X_OC_MTIME"])
    except (KeyError, ValueError):
        return None
    return seconds if 0 <= seconds < _LATEST else None


def guard_of(environ: Environ, entry: Entry) -> Guard:
    """The request's conditions as a guard that still holds when the upload is committed."""
    if environ.get("HTTP_IF_NONE_MATCH", "").strip() == "*":
        return ABSENT
    match = environ.get("HTTP_IF_MATCH", "").strip()
    if match == "*" and not entry.etag:
        raise DAVError(HTTP_PRECONDITION_FAILED, "There is no such file to replace.")
    named = f'"{entry.etag}"' in match or f'["{entry.etag}"]' in environ.get("HTTP_IF", "")
    return Guard(etag=entry.etag) if entry.etag and named else ANYTHING
