"""Multipart bodies, streamed: each file goes block by block to where it belongs, with no copy kept on the way."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from flask import Request
from werkzeug.exceptions import BadRequest
from werkzeug.sansio.multipart import Data, Epilogue, Event, Field, File, MultipartDecoder, NeedData

from davproxy.errors import DavproxyError, TooLarge
from davproxy.library import Upload
from davproxy.model import Entry

BLOCK = 256 * 1024
FIELDS_LIMIT = 64 * 1024
"""Bytes that all form fields of a request may take together."""


class Held:
    """The content of one small file, kept in memory."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._taken = bytearray()

    @property
    def content(self) -> bytes:
        """What came."""
        return bytes(self._taken)

    def write(self, block: bytes) -> None:
        """Take the next bytes. Raises TooLarge."""
        self._taken += block
        if len(self._taken) > self.limit:
            raise TooLarge(f"This is larger than the {self.limit // 1024**2} MiB that are taken here.")

    def commit(self) -> Entry:
        """Keep it: an entry that is in no tree."""
        return Entry("", is_folder=False, size=len(self._taken))

    def abort(self) -> None:
        """Nothing to do."""


class Deferred:
    """An upload that is settled or dropped only once the whole body was read: what follows the file counts too."""

    def __init__(self, upload: Upload, path: str) -> None:
        self.path = path
        self._upload = upload
        self._complete = False

    def write(self, block: bytes) -> None:
        """Take the next bytes."""
        self._upload.write(block)

    def commit(self) -> Entry:
        """All bytes are there: an entry that is in no tree yet."""
        self._complete = True
        return Entry(self.path, is_folder=False)

    def abort(self) -> None:
        """Drop what was cut."""
        if not self._complete:
            self._upload.abort()

    def settle(self) -> Entry:
        """Make it so."""
        return self._upload.commit()

    def drop(self) -> None:
        """Leave nothing of it, unless it is settled."""
        self._upload.abort()


Begin = Callable[[str, str, dict[str, str]], Upload]
"""Opens the target of one file: (form field's name, file's name, form fields so far). May raise DavproxyError."""


@dataclass(frozen=True, slots=True)
class Received:
    """One file of the body: stored, or refused with an error; the others are not touched by it."""

    field: str
    name: str
    entry: Entry | None = None
    error: DavproxyError | None = None


@dataclass(slots=True)
class Body:
    """What came in: form fields by name, files in order."""

    fields: dict[str, str] = field(default_factory=dict)
    files: list[Received] = field(default_factory=list)


class _NotAForm(DavproxyError):
    status = 415


def receive(request: Request, begin: Begin) -> Body:
    """Read a multipart body. Raises a werkzeug HTTP error for a malformed one, TooLarge for a file past the limit."""
    boundary = request.mimetype_params.get("boundary", "")
    if request.mimetype != "multipart/form-data" or not boundary:
        raise _NotAForm("Send multipart/form-data, with the file in a field called “file”.")
    body = Body()
    events = _events(request, boundary)
    try:
        for event in events:
            if isinstance(event, File):
                body.files.append(_file(event, events, body.fields, begin))
            elif isinstance(event, Field):
                content = bytearray()
                for block in _data(events):
                    content += block
                    if len(content) > FIELDS_LIMIT:
                        raise TooLarge("A form field is larger than 64 KiB. Shorten it.")
                body.fields[event.name or ""] = content.decode("utf-8", "replace")
    except (ValueError, UnicodeError, AttributeError) as error:  # what the decoder says of malformed bodies
        raise BadRequest from error
    return body


def _file(event: File, events: Iterator[Event], fields: dict[str, str], begin: Begin) -> Received:
    """Stream one file to its target. A refused one is read to its end, so that the others still arrive."""
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
            return Received(field_name, name, upload.commit())
    except TooLarge:
        raise
    except DavproxyError as refusal:
        error = refusal
    finally:
        if upload:
            upload.abort()
    return Received(field_name, name, error=error)


def _write(upload: Upload, block: bytes) -> DavproxyError | None:
    try:
        upload.write(block)
    except TooLarge:  # the rest may be endless: stop here
        raise
    except DavproxyError as refusal:
        return refusal
    return None


def _data(events: Iterator[Event]) -> Iterator[bytes]:
    """The rest of the part that `events` stands in."""
    for event in events:
        if isinstance(event, Data):
            yield event.data
            if not event.more_data:
                return


def _events(request: Request, boundary: str) -> Iterator[Event]:
    decoder = MultipartDecoder(boundary.encode("latin-1", "replace"), BLOCK + FIELDS_LIMIT, max_parts=2000)
    while True:
        event = decoder.next_event()
        if isinstance(event, NeedData):
            decoder.receive_data(request.stream.read(BLOCK) or None)
        elif isinstance(event, Epilogue):
            return
        else:
            yield event
