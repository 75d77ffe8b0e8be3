"""Multipart request bodies, streamed: each file goes block by block to its upload, without a copy.

Werkzeug's decoder does the parsing. Its form parser, which Flask uses, opens the target of a file without knowing its
field or the fields before it, and stops at the first error; so the loop over the decoder's events is ours.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from flask import Request
from werkzeug.exceptions import BadRequest
from werkzeug.sansio.multipart import Data, Epilogue, Event, Field, File, MultipartDecoder, NeedData

from davproxy.errors import DavproxyError, TooLarge
from davproxy.library import Upload
from davproxy.model import Entry
from webui.services import services

BLOCK = 256 * 1024
FIELDS_LIMIT = 64 * 1024
"""Bytes of a form field at most."""
PARTS_LIMIT = 2000


class MemoryUpload:
    """The content of one small file, kept in memory. `limit` is in bytes."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._content = bytearray()

    @property
    def content(self) -> bytes:
        """The bytes written so far."""
        return bytes(self._content)

    def write(self, block: bytes) -> None:
        """Append `block`. Raises TooLarge."""
        self._content += block
        if len(self._content) > self.limit:
            raise TooLarge(f"This is larger than the {self.limit // 1024**2} MiB that are taken here.")

    def commit(self) -> Entry:
        """An entry of the content's size, without a path."""
        return Entry("", is_folder=False, size=len(self._content))

    def abort(self) -> None:
        """Does nothing: the content stays in memory."""


class DeferredUpload:
    """An upload that is committed by `finish`, once the fields that follow the file are read."""

    def __init__(self, upload: Upload, path: str) -> None:
        self.path = path
        self._upload = upload
        self._complete = False

    def write(self, block: bytes) -> None:
        """Append `block`."""
        self._upload.write(block)

    def commit(self) -> Entry:
        """Mark the file as complete; an entry that is not in the tree yet."""
        self._complete = True
        return Entry(self.path, is_folder=False)

    def abort(self) -> None:
        """Discard a file that is not complete."""
        if not self._complete:
            self._upload.abort()

    def finish(self) -> Entry:
        """Commit the upload."""
        return self._upload.commit()

    def discard(self) -> None:
        """Discard the upload, unless it is committed."""
        self._upload.abort()


Begin = Callable[[str, str, dict[str, str]], Upload]
"""Opens the upload of a file, given its field, its name without folders, and the fields before it.

Raises a DavproxyError to refuse the file.
"""


@dataclass(frozen=True, slots=True)
class ReceivedFile:
    """A file of a body: stored as `entry`, or refused with `error`."""

    field: str
    name: str
    entry: Entry | None = None
    error: DavproxyError | None = None


@dataclass(frozen=True, slots=True)
class FormBody:
    """The text fields by name, and the files in order."""

    fields: dict[str, str] = field(default_factory=dict)
    files: list[ReceivedFile] = field(default_factory=list)


class _NotAForm(DavproxyError):
    status = 415


def receive(request: Request, begin: Begin) -> FormBody:
    """Read a multipart body. Raises HTTPException for a malformed one, TooLarge for a file or field past its limit."""
    boundary = request.mimetype_params.get("boundary", "")
    if request.mimetype != "multipart/form-data" or not boundary:
        raise _NotAForm("Send multipart/form-data, with the file in a field called “file”.")
    request.max_content_length = services().settings.upload_limit
    body = FormBody()
    events = _events(request, boundary)
    try:
        for event in events:
            if isinstance(event, File):
                body.files.append(_receive_file(event, events, body.fields, begin))
            elif isinstance(event, Field):
                body.fields[event.name or ""] = _text(events)
    except (ValueError, UnicodeError, AttributeError) as error:  # the decoder's errors for malformed bodies
        raise BadRequest from error
    return body


def _text(events: Iterator[Event]) -> str:
    """The value of the text field that `events` is in."""
    content = bytearray()
    for block in _data(events):
        content += block
        if len(content) > FIELDS_LIMIT:
            raise TooLarge("A form field is larger than 64 KiB. Shorten it.")
    return content.decode("utf-8", "replace")


def _receive_file(event: File, events: Iterator[Event], fields: dict[str, str], begin: Begin) -> ReceivedFile:
    """Stream one file to its upload. A refused file is read to its end, so that the next ones still arrive."""
    field_name, name = event.name or "", event.filename.replace("\\", "/").rpartition("/")[2]
    upload: Upload | None = None
    error: DavproxyError | None = None
    try:
        upload = begin(field_name, name, fields)
    except DavproxyError as refusal:
        error = refusal
    try:
        for block in _data(events):
            if upload and not error:
                error = _write(upload, block)
        if upload and not error:
            return ReceivedFile(field_name, name, upload.commit())
    except TooLarge:
        raise
    except DavproxyError as refusal:
        error = refusal
    finally:
        if upload:
            upload.abort()
    return ReceivedFile(field_name, name, error=error)


def _write(upload: Upload, block: bytes) -> DavproxyError | None:
    """The error of the write, if any. Raises TooLarge, because the rest of the file may be endless."""
    try:
        upload.write(block)
    except TooLarge:
        raise
    except DavproxyError as refusal:
        return refusal
    return None


def _data(events: Iterator[Event]) -> Iterator[bytes]:
    """The blocks of the part that `events` is in."""
    for event in events:
        if isinstance(event, Data):
            yield event.data
            if not event.more_data:
                return


def _events(request: Request, boundary: str) -> Iterator[Event]:
    """The decoder's events up to the end of the body."""
    decoder = MultipartDecoder(boundary.encode("latin-1", "replace"), BLOCK + FIELDS_LIMIT, max_parts=PARTS_LIMIT)
    while True:
        event = decoder.next_event()
        if isinstance(event, NeedData):
            decoder.receive_data(request.stream.read(BLOCK) or None)
        elif isinstance(event, Epilogue):
            return
        else:
            yield event
