"""WsgiDAV's view of an entry: what LOCK, PROPPATCH, PUT and MKCOL work on."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from wsgidav.dav_error import HTTP_FORBIDDEN, HTTP_NOT_FOUND, DAVError
from wsgidav.dav_provider import DAVCollection, DAVNonCollection, _DAVResource
from wsgidav.util import etree
from wsgidav.xml_tools import string_to_xml

from davproxy import paths
from davproxy.dav import multistatus, urls
from davproxy.dav.dead_properties import DeadProperties
from davproxy.dav.times import seconds
from davproxy.dav.view import View
from davproxy.errors import DavproxyError
from davproxy.media_types import media_type
from davproxy.model import Entry

Environ = dict[str, Any]

CONDITIONS = "davproxy.conditions"
"""Key of the environ where the door leaves the conditions of the request, evaluated."""

_WINDOWS = "{urn:schemas-microsoft-com:}"
_MODIFIED = ("{DAV:}getlastmodified", "{DAV:}lastmodified", _WINDOWS + "Win32LastModifiedTime")


class Refusal(DAVError):  # type: ignore[misc]
    """Tells people why, without the Python objects that WsgiDAV writes beside it in the answer to a PROPPATCH."""

    def get_user_info(self) -> str:
        return str(self.context_info)


@contextmanager
def translate_errors() -> Iterator[None]:
    """Our errors as WsgiDAV's, with status and message."""
    try:
        yield
    except DavproxyError as error:
        raise Refusal(error.status, error.message, src_exception=error) from error


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
        """What the answer to a LOCK says; all other properties are answered by `propfind`.

        The newest lock comes first: some clients take the first token for that of the lock they have just got, and not
        the one in the header Lock-Token, and would unlock what another client has locked. So does the one that a
        request without a body prolongs (RFC 4918, 9.10.2).
        """
        if name != "{DAV:}lockdiscovery":
            raise DAVError(HTTP_NOT_FOUND)
        locks = self.provider.lock_manager.storage.locks.protecting(self.entry.path)
        prolonged = "" if int(self.environ.get("CONTENT_LENGTH") or 0) else self.environ.get("HTTP_IF", "")
        first = sorted(locks, key=lambda lock: (lock.token in prolonged, lock.began), reverse=True)
        inside = multistatus.active_locks(self.entry, first)
        return string_to_xml(f'<d:lockdiscovery xmlns:d="DAV:">{inside}</d:lockdiscovery>'.encode())

    def set_property_value(self, name: str, value: Any, *, dry_run: bool = False) -> None:
        """Times go to the library; what Windows adds is accepted and forgotten; the rest are dead properties."""
        if name in _MODIFIED and value is not None and self.view.is_stored(self.entry.path):
            self._set_modified(name, value.text or "", dry_run)
        elif name.startswith("{DAV:}"):
            raise Refusal(HTTP_FORBIDDEN, "This is a property that only the server sets.")
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
            raise Refusal(HTTP_FORBIDDEN, "This is not a time.")
        with translate_errors():
            self.view.check_writable(self.entry.path)
            if not dry_run:
                self.entry = self.view.library.tree.set_modified(self.entry.path, modified)


class File(Resource, DAVNonCollection):  # type: ignore[misc]
    """A file, or the name of one that is about to be written."""

    def get_content_length(self) -> int:
        return self.entry.size

    def get_content_type(self) -> str:
        return media_type(self.entry.path)

    def get_content(self) -> Any:
        raise DAVError(HTTP_FORBIDDEN, "Contents are answered before WsgiDAV.")

    def support_ranges(self) -> bool:
        return True


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
        return File(self.view, self.properties, Entry(path, is_folder=False), self.environ)

    def create_collection(self, name: str) -> None:
        with translate_errors():
            self.view.make_folder(paths.join(self.entry.path, name))


def resource(view: View, properties: DeadProperties, entry: Entry, environ: Environ) -> Resource:
    """The resource of `entry`."""
    return (Folder if entry.is_folder else File)(view, properties, entry, environ)


def xml_text(element: Any) -> str:
    """An element as text, without what follows it."""
    text: str = etree.tostring(element, encoding="unicode")
    return text[: text.rindex(">") + 1]
