"""Step: an archive becomes a folder. `main` runs in a limited child; the parent calls `unpack`, and looks again."""

import os
import stat
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from davproxy import child, child_limits
from davproxy.errors import BadArchive, BadInput, DavproxyError
from davproxy.formats.identify import SNIFF_BYTES, Content, content, is_song
from davproxy.imports.archives import rar, seven_zip, tar, zip
from davproxy.imports.archives.extraction import DAMAGED, Tree
from davproxy.paths import printable
from davproxy.settings import Settings

_READERS = {
    Content.ZIP: zip.unpack,
    Content.RAR: rar.unpack,
    Content.SEVEN_ZIP: seven_zip.unpack,
    Content.TAR: tar.unpack,
    Content.GZIP: tar.unpack,
    Content.XZ: tar.unpack,
    Content.ZSTD: tar.unpack,
}


def unpack(
    archive: Path,
    folder: Path,
    settings: Settings,
    report: Callable[[float], None] = lambda _progress: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> list[str]:
    """Unpack `archive` into the empty `folder`; the paths of the files, relative and with `/`.

    Raises BadArchive, TooLarge, NoSpace, Cancelled; what is in the folder is then no use.
    """
    request = {
        "archive": str(archive),
        "folder": str(folder),
        "size": settings.unpacked_limit,
        "entries": settings.archive_entries,
    }
    told: dict[str, int] = child.run(
        "davproxy.imports.archives.unpack:main",
        request,
        limits=child_limits.unpacking(settings, archive.stat().st_size),
        folder=folder.parent,
        report=lambda _step, progress: report(progress),
        cancelled=cancelled,
    )
    if told != _look(folder):
        raise BadArchive(DAMAGED)
    return sorted(told)


def main(request: Mapping[str, Any], report: child.Report) -> dict[str, int]:
    """In the child: unpack `request["archive"]` into `request["folder"]`; the sizes of the files by path."""
    archive = Path(request["archive"])
    tree = Tree(
        Path(request["folder"]),
        packed=archive.stat().st_size,
        size=request["size"],
        entries=request["entries"],
        report=lambda progress: report("unpacking", progress),
    )
    _open(archive, tree)
    for path in _packed_songs(tree):
        packed = (tree.folder / path).rename(tree.folder.with_name(tree.folder.name + ".inner"))
        del tree.files[path]
        tree.inside = path.rpartition(".")[0] or path
        try:
            _open(packed, tree)
        except BadInput as error:
            raise type(error)(f"“{printable(path)[-80:]}” in it: {error.message}") from error
        packed.unlink()
    return tree.files


def _packed_songs(tree: Tree) -> list[str]:
    """Archives inside: packs are often made of them. What lies in a song's own folder stays as it is."""
    names: dict[str, list[str]] = {}
    for path in tree.files:
        folder, _, name = path.rpartition("/")
        names.setdefault(folder, []).append(name)
    return sorted(
        path
        for path in tree.files
        if kind_of(tree.folder / path) in _READERS and not is_song(names[path.rpartition("/")[0]])
    )


def _open(archive: Path, tree: Tree) -> None:
    kind = kind_of(archive)
    if kind not in _READERS:
        raise BadArchive("The file is no archive that can be opened here. Pack the song's folder as a zip.")
    try:
        _READERS[kind](archive, tree)
    except (DavproxyError, MemoryError):
        raise
    except OSError as error:
        if error.errno is not None:  # the disk's, not the archive's
            raise
        raise BadArchive(DAMAGED) from error
    except Exception as error:  # whatever a reader trips over, the archive is why
        raise BadArchive(DAMAGED) from error


def kind_of(file: Path) -> Content:
    """What the file at `file` is."""
    with file.open("rb") as opened:
        return content(opened.read(SNIFF_BYTES))


def _look(folder: Path) -> dict[str, int]:
    """The sizes of the files that are really there. Raises BadArchive for anything but plain files and folders."""
    found = {}
    for parent, folders, files in os.walk(folder):
        for name in [*folders, *files]:
            path = Path(parent, name)
            status = path.lstat()
            if stat.S_ISREG(status.st_mode):
                found[path.relative_to(folder).as_posix()] = status.st_size
            elif not stat.S_ISDIR(status.st_mode):
                raise BadArchive(DAMAGED)
    return found
