"""WsgiDAV's view of an entry: what LOCK, PROPPATCH, PUT and MKCOL work on."""

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from wsgidav.dav_error import (
    HTTP_FORBIDDEN,
    HTTP_NOT_FOUND,
    DAVError,
    PRECONDITION_CODE_ProtectedProperty,
)
from wsgidav.dav_provider import DAVCollection, DAVNonCollection, _DAVResource
from wsgidav.util import etree
from wsgidav.xml_tools import string_to_xml

from davproxy import paths
from davproxy.dav import multistatus, urls
from davproxy.dav.conditions import Conditions
from davproxy.dav.dead_properties import DeadProperties
from davproxy.dav.view import View
from davproxy.errors import DavproxyError
from davproxy.library import Upload
from davproxy.media_types import media_type
from davproxy.model import Entry
from davproxy.server.digests import Digests

Environ = dict[str, Any]

CONDITIONS = "davproxy.conditions"
"""Key of the environ where the door leaves the conditions of the request, evaluated."""

_WINDOWS = "{urn:schemas-microsoft-com:}"
_LATEST = 253_402_300_800.0
"""The year 10000, which no calendar here reaches."""
_MODIFIED = ("{DAV:}getlastmodified", "{DAV:}lastmodified", _WINDOWS + "Win32LastModifiedTime")


@contextmanager
def translate_errors() -> Iterator[None]:
    """Our errors as WsgiDAV's, with status and message."""
    try:
        yield
    except DavproxyError as error:
        raise DAVError(error.status, error.message, src_exception=error) from error


class Resource(_DAVResource):  # type: ignore[misc]
    """What files and folders share. WsgiDAV knows a resource, and its locks, by its tree path."""

    def __init__(self, view: View, properties: DeadProperties, entry: Entry, environ: Environ) -> None:
        super().__init__(entry.path, environ)
        self.view = view
        self.properties = properties
        self.entry = entry

    def get_ref_url(self) -> str:
        return self.entry.path

    def get_href(self) -> str:
        return urls.href(self.entry.path, is_folder=self.entry.is_folder)

    def get_etag(self) -> str | None:
        return self.entry.etag or None

    def support_etag(self) -> bool:
        return bool(self.entry.etag)

    def get_property_value(self, name: str) -> Any:
        """What the answer to a LOCK says; all other properties are answered by `propfind`."""
        if name != "{DAV:}lockdiscovery":
            raise DAVError(HTTP_NOT_FOUND)
        locks = self.provider.lock_manager.storage.locks.protecting(self.entry.path)
        inside = multistatus.active_locks(self.entry, locks)
        return string_to_xml(f'<d:lockdiscovery xmlns:d="DAV:">{inside}</d:lockdiscovery>'.encode())

    def set_property_value(self, name: str, value: Any, *, dry_run: bool = False) -> None:
        """Times go to the library; what Windows adds is accepted and forgotten; the rest are dead properties."""
        if name in _MODIFIED and value is not None and self.view.is_stored(self.entry.path):
            self._set_modified(name, value.text or "", dry_run)
        elif name.startswith("{DAV:}"):
            raise DAVError(HTTP_FORBIDDEN, err_condition=PRECONDITION_CODE_ProtectedProperty)
        elif not name.startswith(_WINDOWS) and not dry_run:
            if value is None:
                self.properties.remove(self.entry.path, name)
            else:
                self.properties.set(self.entry.path, name, xml_text(value))

    def _set_modified(self, name: str, text: str, dry_run: bool) -> None:
        modified = seconds(text)
        if modified is None:
            if name.startswith(_WINDOWS):
                return
            raise DAVError(HTTP_FORBIDDEN, "This is not a time.")
        with translate_errors():
            self.view.check_writable(self.entry.path)
            if not dry_run:
                self.entry = self.view.library.tree.set_modified(self.entry.path, modified)


class File(Resource, DAVNonCollection):  # type: ignore[misc]
    """A file, or the name of one that is about to be written."""

    is_new = False
    """Whether nothing is there yet."""
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
        conditions: Conditions = self.environ[CONDITIONS]
        existing = None if self.is_new or self.view.is_only_locked(self.entry.path) else self.entry
        with translate_errors():
            self._upload = self.view.upload(
                self.entry.path,
                size=announced_size(self.environ),
                modified=announced_time(self.environ),
                guard=conditions.guard(existing),
            )
        return _Sink(self._upload, Digests(self.environ))

    def end_write(self, *, with_errors: bool) -> None:
        """Commit what arrived whole, drop what did not."""
        upload, self._upload = self._upload, None
        if upload is None:
            return
        if with_errors:
            upload.abort()
            return
        with translate_errors():
            try:
                self.entry = upload.commit()
            except BaseException:
                upload.abort()
                raise


class Folder(Resource, DAVCollection):  # type: ignore[misc]
    """A folder."""

    def get_member_names(self) -> list[str]:
        raise DAVError(HTTP_FORBIDDEN, "Folders are listed before WsgiDAV.")

    def get_member(self, name: str) -> Resource | None:
        entry = self.view.find(paths.join(self.entry.path, name))
        return resource(self.view, self.properties, entry, self.environ) if entry else None

    def create_empty_resource(self, name: str) -> File:
        """A name to write to, or to lock. Only a lock makes it seen before it is written."""
        path = paths.join(self.entry.path, name)
        with translate_errors():
            self.view.check_writable(path)
            if self.environ["REQUEST_METHOD"] == "LOCK":
                self.view.prepare_lock(path)
        file = File(self.view, self.properties, Entry(path, is_folder=False), self.environ)
        file.is_new = True
        return file

    def create_collection(self, name: str) -> None:
        with translate_errors():
            self.view.make_folder(paths.join(self.entry.path, name))


def resource(view: View, properties: DeadProperties, entry: Entry, environ: Environ) -> Resource:
    """The resource of `entry`."""
    return (Folder if entry.is_folder else File)(view, properties, entry, environ)


class _Sink:
    """Where WsgiDAV copies a PUT's body to."""

    def __init__(self, upload: Upload, digests: Digests) -> None:
        self._upload, self._digests = upload, digests

    def writelines(self, blocks: Iterable[bytes]) -> None:
        """Pass the blocks on. An upload that is cut short, or is not what its digests say, raises here."""
        with translate_errors():
            for block in blocks:
                self._digests.update(block)
                self._upload.write(block)
            self._digests.check()

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
    return seconds(environ.get("HTTP_X_OC_MTIME", ""))


def seconds(text: str) -> float | None:
    """A time in Unix seconds: what they are themselves, an HTTP date, or ISO 8601. None for one that makes no sense."""
    text = text.strip()
    try:
        if re.fullmatch(r"[0-9]{1,12}(\.[0-9]{1,9})?", text):
            found = float(text)
        elif re.match(r"[0-9]{4}-", text):
            date = datetime.fromisoformat(text)
            found = (date if date.tzinfo else date.replace(tzinfo=UTC)).timestamp()
        else:
            found = parsedate_to_datetime(text).timestamp()
    except (ValueError, TypeError, OverflowError):
        return None
    return found if 0 <= found < _LATEST else None


def xml_text(element: Any) -> str:
    """An element as text, without what follows it."""
    text: str = etree.tostring(element, encoding="unicode")
    return text[: text.rindex(">") + 1]
