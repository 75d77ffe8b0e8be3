"""Does steps and reverts them.

Both are idempotent: doing a step that is done changes nothing, nor does reverting one that is not. So a job that was
cut short runs all of its steps again.
"""

from collections.abc import Callable
from contextlib import suppress

from davproxy import paths
from davproxy.curation import file_steps, list_files
from davproxy.curation.improve import KEEP, improve
from davproxy.curation.list_files import ENTRIES, ListEntry
from davproxy.curation.lists import Lists
from davproxy.curation.packages import Package, digest
from davproxy.curation.steps import Step, Values
from davproxy.curation.tags import Tags
from davproxy.errors import AlreadyExists, Conflict, NotFound
from davproxy.library import Library
from davproxy.model import ABSENT, Song

TEXT, SHA1 = "text", "sha1"
"""The names of a file's text and of a file's SHA-1 in a step."""
Record = Callable[[Step], None]
PictureOf = Callable[[str], bytes]
"""The bytes of the picture that a text of a step names."""


def _no_picture(source: str) -> bytes:
    raise NotFound(f"There is no picture at “{paths.printable(source)}”.")


def perform(library: Library, step: Step, record: Record, picture_of: PictureOf = _no_picture) -> str:
    """Do a step, unless it is done. Returns the key of what it put into the trash bin, if known.

    `record` gets the steps that a `merge`, a `follow` or an `art` consists of. Raises AlreadyExists, Conflict,
    Unavailable …
    """
    match step.kind:
        case "delete":
            if library.tree.find(step.path) is not None:
                if step.target and library.songs.at(step.target) is None:
                    raise Conflict("The song that was to be kept is gone, so this one stays.")
                with suppress(NotFound):
                    return library.tree.delete(step.path) or ""
        case "move":
            _move(library, step.path, step.target, keeps_folder=step.keeps_folder)
        case "edit":
            song = _song_at(library, step.path)
            now = song.metadata
            fields = {key: value for key, value in step.after.items() if now.get(key) in (step.before.get(key), value)}
            if not fields:
                raise Conflict(f"“{song.title}” was changed since.")
            library.songs.list_edit(song, fields)
        case "merge":
            _merge(library, step, record)
        case "follow":
            _follow(library, step, record)
        case "art":
            _add_art(library, step, record, picture_of)
        case "write":
            _add_file(library, step.path, _text_of(step))
        case "ini":
            file_steps.change_ini(library, step)
        case "shrink":
            return file_steps.shrink(library, step)
        case "list":
            Lists(library).change(step.path, _entries(step.before), _entries(step.after))
        case "add":
            raise AssertionError("it is only recorded")
    return ""


def revert(library: Library, step: Step) -> None:
    """Revert a step, unless it is not done. Raises AlreadyExists, NotFound, Conflict, Unavailable …"""
    if step.kind in ("add", "list") and step.target and library.songs.at(step.target) is None:
        raise Conflict("The song that was replaced is not back, so the new one stays.")
    match step.kind:
        case "add":
            sha1 = step.after.get(SHA1)
            _delete_file(library, step.path, (lambda content: digest([content]) == sha1) if sha1 else None)
        case "delete":
            if library.tree.find(step.path) is None:
                library.trash.restore(step.key or file_steps.trashed_key(library, step.path))
        case "move":
            _move(library, step.target, step.path, keeps_folder=step.keeps_folder)
        case "edit":
            song = _song_at(library, step.path)
            ours = [key for key, value in step.after.items() if song.metadata.get(key) == value]
            if changes := {key: step.before.get(key) for key in ours}:
                library.songs.list_edit(song, changes)
        case "list":
            Lists(library).change(step.path, _entries(step.after), _entries(step.before))
        case "write":
            _delete_file(library, step.path, lambda content: content == _text_of(step))
        case "ini":
            file_steps.revert_ini(library, step)
        case "shrink":
            file_steps.revert_shrink(library, step)
        case "merge" | "follow" | "art":
            return  # the steps that it consisted of are recorded


def _merge(library: Library, step: Step, record: Record) -> None:
    if (other := library.songs.at(step.target)) is None:
        return  # it was merged and then deleted
    package = Package(library.songs.files(other), other.metadata, lambda name: library.songs.stream_file(other, name))
    improve(library, _song_at(library, step.path), package, KEEP, record=record)


def _follow(library: Library, step: Step, record: Record) -> None:
    if (old := library.songs.at(step.path)) is None:
        return
    lists = Lists(library)
    for name in lists.lists_with(old):
        before, after = lists.entries_before_and_after(name, old, _song_at(library, step.target))
        texts = {ENTRIES: list_files.as_line(before)}, {ENTRIES: list_files.as_line(after)}
        record(Step("list", name, before=texts[0], after=texts[1]))
        lists.save(name, after)
    Tags(library).follow(old, _song_at(library, step.target))


def _add_art(library: Library, step: Step, record: Record, picture_of: PictureOf) -> None:
    song = _song_at(library, step.path)
    name, content = library.album_art.make(picture_of(step.target))
    art = paths.join(song.path, name)
    if song.has_art and library.tree.find(art) is None:
        return  # another picture came meanwhile
    _add_file(library, art, content)
    record(Step("add", art, after={SHA1: digest([content])}))


def _add_file(library: Library, path: str, content: bytes) -> None:
    """Store a new file, unless it was stored before the program was killed. Raises Conflict where another is there."""
    try:
        library.tree.write(path, content, guard=ABSENT)
    except (AlreadyExists, Conflict):
        library.tree.refresh(paths.parent_of(path))
        if library.tree.read(path) != content:
            raise


def _delete_file(library: Library, path: str, is_ours: Callable[[bytes], bool] | None) -> None:
    """Delete a file that a step stored, unless it is gone. Raises Conflict where its content is not ours any more.

    Without `is_ours` the file, which may be large, is not read.
    """
    if library.tree.find(path) is not None:
        if is_ours is not None and not is_ours(library.tree.read(path)):
            raise Conflict(f"“{paths.printable(path)}” was changed again since.")
        library.tree.delete(path)


def _text_of(step: Step) -> bytes:
    return (step.after[TEXT] or "").encode()


def _entries(values: Values) -> list[ListEntry] | None:
    line = values[ENTRIES]
    return None if line is None else list_files.from_line(line)


def _song_at(library: Library, path: str) -> Song:
    song = library.songs.at(path)
    if song is None:
        raise NotFound(f"There is no song at “{paths.printable(path)}” any more.")
    return song


def _move(library: Library, source: str, target: str, *, keeps_folder: bool) -> None:
    """Move, unless it is moved, and remove the folders that are empty then, unless it `keeps_folder`."""
    if library.tree.find(source) is None and library.tree.find(target) is not None:
        return
    if library.tree.find(paths.parent_of(target)) is None:
        library.tree.make_folder(paths.parent_of(target))
    try:
        library.tree.move(source, target)
    except (NotFound, AlreadyExists, Conflict):
        library.tree.refresh(source)
        library.tree.refresh(target)
        if library.tree.find(source) is not None or library.tree.find(target) is None:
            raise  # else it moved before the program was killed, and the index did not know
    if keeps_folder:
        return
    folder = paths.parent_of(source)
    while folder.count("/") > 1 and library.tree.find(folder) is not None and not library.tree.children(folder):
        library.tree.delete(folder)
        folder = paths.parent_of(folder)
