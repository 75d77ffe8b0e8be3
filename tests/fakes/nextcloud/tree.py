"""The fake's state: files and folders with ids and etags, and the trash bin."""

import secrets
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

_IDS = count(100)


class Refused(Exception):
    """A response other than success; `exception` is the class of sabre/dav or Nextcloud that clients see."""

    def __init__(self, status: int, exception: str = "", message: str = "") -> None:
        super().__init__(status, exception, message)
        self.status = status
        self.exception = exception
        self.message = message


@dataclass(frozen=True, slots=True)
class Body:
    """Bytes in memory or in a file of the fake."""

    content: bytes = b""
    file: Path | None = None

    @property
    def size(self) -> int:
        return self.file.stat().st_size if self.file else len(self.content)

    def read(self, start: int = 0, length: int | None = None) -> bytes:
        if self.file is None:
            return self.content[start:] if length is None else self.content[start : start + length]
        with self.file.open("rb") as file:
            file.seek(start)
            return file.read(-1 if length is None else length)


@dataclass(slots=True)
class Node:
    """A file or, with `children`, a folder."""

    is_folder: bool
    body: Body = field(default_factory=Body)
    modified: int = field(default_factory=lambda: int(time.time()))
    file_id: int = field(default_factory=lambda: next(_IDS))
    etag: str = field(default_factory=lambda: secrets.token_hex(8))
    children: dict[str, "Node"] = field(default_factory=dict)
    mount_type: str = ""
    is_encrypted: bool = False
    is_favourite: bool = False
    etag_rises: bool = True
    """Whether its etag changes with what is in it; if not, those above it stay too."""
    checksums: str = ""
    """What the client that wrote it said, right or wrong; a copy has none."""

    @property
    def size(self) -> int:
        return sum(child.size for child in self.children.values()) if self.is_folder else self.body.size

    def copied(self) -> "Node":
        children = {name: child.copied() for name, child in self.children.items()}
        return Node(self.is_folder, self.body, self.modified, children=children)

    def below(self, names: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], "Node"]]:
        """Every node below this one with its names, parents first."""
        for name, child in self.children.items():
            yield (*names, name), child
            yield from child.below((*names, name))


@dataclass(slots=True)
class Deleted:
    """A node in the trash bin: its name there, the path that it had, and the time of its deletion in Unix seconds."""

    name: str
    location: tuple[str, ...]
    moment: int
    node: Node


class Tree:
    """One account's files. Callers hold the fake's lock."""

    def __init__(self) -> None:
        self.root = Node(is_folder=True)
        self.trash: list[Deleted] = []

    def find(self, names: Sequence[str]) -> Node | None:
        node: Node | None = self.root
        for name in names:
            node = node.children.get(name) if node else None
        return node

    def need(self, names: Sequence[str]) -> Node:
        node = self.find(names)
        if node is None:
            raise Refused(
                404, "Sabre\\DAV\\Exception\\NotFound", f"File with name /{'/'.join(names)} could not be located"
            )
        return node

    def folder_for(self, names: Sequence[str], missing: int) -> Node:
        """The folder that `names` is in. Raises Refused with the status `missing` where there is none."""
        folder = self.find(names[:-1])
        if folder is None or not folder.is_folder:
            raise Refused(missing, "Sabre\\DAV\\Exception\\NotFound", "Parent node does not exist")
        return folder

    def changed(self, names: Sequence[str]) -> None:
        """Give every folder above `names` a new etag, up to the root, or to one whose etag does not rise."""
        for length in reversed(range(len(names))):
            node = self.find(names[:length])
            if node and not node.etag_rises:
                return
            if node:
                node.etag = secrets.token_hex(8)
                node.modified = int(time.time())

    def put(self, names: Sequence[str], body: Body, modified: int | None, checksums: str = "") -> tuple[Node, bool]:
        """Store a file. Returns it and whether it is new; an existing one keeps its file id."""
        folder = self.folder_for(names, 404)
        node = folder.children.get(names[-1])
        created = node is None
        if node is None:
            node = folder.children[names[-1]] = Node(is_folder=False)
        elif node.is_folder:
            raise Refused(409, "Sabre\\DAV\\Exception\\Conflict", "PUT is not allowed on non-files.")
        node.body, node.modified, node.etag = body, modified or int(time.time()), secrets.token_hex(8)
        node.checksums = checksums
        self.changed(names)
        return node, created

    def make_folder(self, names: Sequence[str]) -> Node:
        folder = self.folder_for(names, 409)
        if names[-1] in folder.children:
            raise Refused(
                405, "Sabre\\DAV\\Exception\\MethodNotAllowed", "The resource you tried to create already exists"
            )
        node = folder.children[names[-1]] = Node(is_folder=True)
        self.changed(names)
        return node

    def make_folders(self, names: Sequence[str]) -> None:
        for length in range(1, len(names) + 1):
            if self.find(names[:length]) is None:
                self.make_folder(names[:length])

    def place(self, names: Sequence[str], node: Node) -> bool:
        """Put `node` at `names` and delete what was there. Returns whether the name is new."""
        folder = self.folder_for(names, 409)
        created = names[-1] not in folder.children
        if not created:
            self.delete(names)
        folder.children[names[-1]] = node
        self.changed(names)
        return created

    def take(self, names: Sequence[str]) -> Node:
        self.need(names)
        node = self.folder_for(names, 404).children.pop(names[-1])
        self.changed(names)
        return node

    def delete(self, names: Sequence[str], *, for_good: bool = False) -> None:
        node = self.take(names)
        if not for_good:
            moment = int(time.time())
            taken = {deleted.name for deleted in self.trash}
            while (name := f"{names[-1]}.d{moment}") in taken:
                moment += 1
            self.trash.append(Deleted(name, tuple(names), moment, node))

    def restore(self, name: str) -> None:
        deleted = next((each for each in self.trash if each.name == name), None)
        if deleted is None:
            raise Refused(404, "Sabre\\DAV\\Exception\\NotFound")
        location = deleted.location
        if self.find(location[:-1]) is None:
            location = location[-1:]  # a Nextcloud restores it to the top then
        while self.find(location) is not None:
            location = (*location[:-1], f"{location[-1]} (restored)")
        self.place(location, deleted.node)
        self.trash.remove(deleted)
