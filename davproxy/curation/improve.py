"""Improves a song by another package of the same notes: adds what the song lacks, and overwrites nothing.

Where a part differs in both packages, ours is kept, or goes to the trash bin if the setting says to replace it. Each
file is one change on the remote, so an import that was cut short compares again and adds the rest.
"""

import re
from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass, field

from davproxy import paths
from davproxy.curation.packages import INI, Comparison, Package, compare, digest
from davproxy.curation.steps import Step
from davproxy.errors import AlreadyExists, Conflict
from davproxy.library import Library, send
from davproxy.model import ABSENT, Song

Record = Callable[[Step], None]
KEEP, REPLACE, BOTH = "keep", "replace", "both"
"""What happens to a part that differs in both packages: the setting SAME_NOTES."""
NOTHING_NEW = "nothing new"
_SHA1 = re.compile(r"\bSHA1:([0-9a-f]{40})\b", re.IGNORECASE)


@dataclass(slots=True)
class Improvement:
    """What changed in a song. `added` and `replaced` name files, and song.ini with its fields. `differ` are parts that
    differ in both packages, of which ours is kept."""

    added: list[str] = field(default_factory=list)
    replaced: list[str] = field(default_factory=list)
    differ: list[str] = field(default_factory=list)

    def extend(self, later: "Improvement") -> None:
        """Add what happened to the same song later."""
        self.added += later.added
        self.replaced += later.replaced
        self.differ += later.differ

    @property
    def words(self) -> str:
        """The changes, for people."""
        parts = [f"improved: {', '.join(self.added)}"] if self.added else []
        parts += [f"replaced: {', '.join(self.replaced)}"] if self.replaced else []
        parts += [f"kept although it differs: {', '.join(self.differ)}"] if self.differ else []
        return "; ".join(parts) or NOTHING_NEW


def compare_package(library: Library, song: Song, package: Package) -> Comparison:
    """What `package` has that the song lacks."""

    def same(name: str, other: str) -> bool:
        return _digest_of_song(library, song, name) == _digest_of(library, package, other)

    return compare(library.songs.files(song), song.metadata, package.sizes, package.pairs, same)


def improve(
    library: Library,
    song: Song,
    package: Package,
    choice: str,
    *,
    record: Record,
    check: Callable[[], None] = lambda: None,
    parts: Container[str] | None = None,
) -> Improvement:
    """Add to `song` what `package` has and it lacks, and replace what differs if `choice` says so: all of it, or the
    `parts` that are named.

    `record` gets each step that was done, and `check` is called before each file, and may raise.
    """
    comparison = compare_package(library, song, package)
    done = Improvement()
    packed = song.path.lower().endswith(".sng")
    if packed:
        _add_to_sng(library, song, package, comparison, done)
    else:
        for name in comparison.missing:
            check()
            _add(library, song, package, name, done.added, record)
        _add_fields(library, song, comparison.fields, done.added, record)

    def is_replaced(part: str) -> bool:
        return choice == REPLACE and not packed and (parts is None or part in parts)

    for part, (ours, theirs) in comparison.differ.items():
        if not is_replaced(part):
            done.differ.append(part)
            continue
        check()
        for name in ours:
            key = library.tree.delete(paths.join(song.path, name))
            record(Step("delete", paths.join(song.path, name), key=key or ""))
        for name in theirs:
            _add(library, song, package, name, done.replaced, record)
    if is_replaced(INI):
        _add_fields(library, song, comparison.differing_fields, done.replaced, record)
    elif comparison.differing_fields:
        done.differ.append(_fields_text(comparison.differing_fields))
    return done


def _add(library: Library, song: Song, package: Package, name: str, named: list[str], record: Record) -> None:
    """Store the file `name` of `package` in the song's folder, unless somebody else did meanwhile."""
    path = paths.join(song.path, name)
    try:
        if "/" in name:
            library.tree.make_folder(paths.parent_of(path))
        if name in package.paths:
            library.tree.move(package.paths[name], path)
        else:
            with package.blocks(name) as blocks:
                send(library.tree.upload(path, size=package.sizes[name], guard=ABSENT), blocks)
    except (AlreadyExists, Conflict):
        library.tree.refresh(song.path)
        return
    named.append(name)
    record(Step("add", path))


def _add_fields(library: Library, song: Song, fields: Mapping[str, str], named: list[str], record: Record) -> None:
    now = library.songs.at(song.path)
    if not fields or now is None:
        return
    changes = library.songs.list_edit(now, fields)
    if changes:
        before, after = {each.key: each.before for each in changes}, {each.key: each.after for each in changes}
        named.append(_fields_text(after))
        record(Step("edit", song.path, before=before, after=after))


def _add_to_sng(library: Library, song: Song, package: Package, comparison: Comparison, done: Improvement) -> None:
    """Write the .sng again with the missing files and fields."""
    if comparison.missing or comparison.fields:
        sizes = {name: package.sizes[name] for name in comparison.missing}
        library.songs.extend_sng(song, comparison.fields, sizes, package.blocks)
        done.added += [*comparison.missing, *([_fields_text(comparison.fields)] if comparison.fields else [])]


def _fields_text(fields: Mapping[str, object]) -> str:
    return f"{INI} ({', '.join(fields)})"


def _digest_of_song(library: Library, song: Song, name: str) -> str:
    entry = library.tree.find(paths.join(song.path, name))
    if entry is not None and (known := _SHA1.search(entry.checksums)):
        return known[1].lower()
    with library.songs.stream_file(song, name) as blocks:
        return digest(blocks)


def _digest_of(library: Library, package: Package, name: str) -> str:
    entry = library.tree.find(package.paths[name]) if name in package.paths else None
    if entry is not None and (known := _SHA1.search(entry.checksums)):
        return known[1].lower()
    with package.blocks(name) as blocks:
        return digest(blocks)
