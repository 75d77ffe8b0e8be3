"""Requests and responses inside the fake, and what the WebDAV verbs need of it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from tests.fakes.nextcloud.tree import Body, Tree


@dataclass(slots=True)
class Answer:
    """A response; its content is `content`, or `length` bytes of `body` from `start`."""

    status: int
    content: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    body: Body | None = None
    start: int = 0
    length: int = 0
    bulk_files: int = 0
    """Files of a zip or a bulk upload, each of which costs time."""


@dataclass(slots=True)
class Call:
    """A request with its whole body; `complete` is False where the body was cut off."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: Body
    complete: bool = True


class Host(Protocol):
    """The state that the verbs read and change. The fake's lock is held during a verb."""

    user: str
    version: int
    quota: int | None
    locked_parts: int
    """How many parts of bulk uploads are still refused, as by a Nextcloud on SQLite that writes something else."""
    deep_listings: bool
    unsearched: str
    overwrites_in_place: bool
    tree: Tree

    def keep(self, blocks: Iterable[bytes]) -> Body: ...
