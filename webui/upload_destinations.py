"""Multipart bodies whose files go to a path that form fields may decide, before the file or after it.

A file whose path is known is streamed there. Another one is staged in /Temp, on the remote, and moved once the whole
body is read, so that no copy of it is kept on this computer.
"""

import uuid
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace

from flask import Request

from davproxy import paths
from davproxy.errors import DavproxyError, NotFound
from davproxy.library import Upload
from davproxy.model import Entry, Guard
from webui.multipart import FormBody, ReceivedFile, receive
from webui.services import services


@dataclass(frozen=True, slots=True)
class Destination:
    """Where a file goes, and what must be true of that path."""

    path: str
    guard: Guard


DestinationOf = Callable[[str, Mapping[str, str]], Destination]
"""The destination of a file, from its name and the form's text fields. Raises a DavproxyError to refuse the file."""


def receive_files(
    request: Request, destination_of: DestinationOf, naming: Collection[str], *, is_known: bool
) -> FormBody:
    """Store each file of the body where `destination_of` says.

    `naming` are the fields that decide the path; `is_known` says that they are not needed. Raises HTTPException for a
    malformed body, TooLarge.
    """
    folder = paths.join(paths.TEMP, uuid.uuid4().hex)
    staged: list[str] = []

    def begin(_field: str, name: str, fields: dict[str, str]) -> Upload:
        library = services().library
        if is_known or any(field in fields for field in naming):
            target = destination_of(name, fields)
            return library.tree.upload(target.path, guard=target.guard)
        if not staged:
            library.temp.make_folder(folder)
        staged.append(paths.join(folder, str(len(staged))))
        return library.temp.upload(staged[-1])

    try:
        body = receive(request, begin)
        return replace(body, files=[_move_staged(file, destination_of, body.fields) for file in body.files])
    finally:
        if staged:
            with suppress(NotFound):
                services().library.temp.delete(folder)


def _move_staged(file: ReceivedFile, destination_of: DestinationOf, fields: Mapping[str, str]) -> ReceivedFile:
    """The file at its destination, moved there if it is staged."""
    if file.entry is None or not paths.is_below(file.entry.path, paths.TEMP):
        return file
    try:
        return replace(file, entry=_move(file.entry, destination_of(file.name, fields)))
    except DavproxyError as error:
        return replace(file, entry=None, error=error)


def _move(staged: Entry, target: Destination) -> Entry:
    tree = services().library.tree
    tree.move_staged([staged], target.path, {}, guard=target.guard)
    return tree.stat(target.path)
