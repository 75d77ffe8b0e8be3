"""Step: an archive becomes a folder of files. Unpacking happens in a limited child; the parent checks the result."""

import os
import stat
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from davproxy import child, child_limits
from davproxy.errors import BadArchive, BadInput, DavproxyError
from davproxy.formats.identify import SNIFF_BYTES, Content, content, is_song
from davproxy.imports.archives import rar, seven_zip, tar, zip
from davproxy.imports.archives.extraction import DAMAGED, Extraction
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
    """Unpack `archive` into the empty `folder`. Returns the paths of the files, sorted, relative and with `/`.

    Raises BadArchive, TooLarge, NoSpace or Cancelled; the content of `folder` is then undefined.
    """
    request = {
        "archive": str(archive),
        "folder": str(folder),
        "size": settings.unpacked_limit,
        "entries": settings.archive_entries,
    }
    sizes: dict[str, int] = child.run(
        IN_CHILD,
        request,
        limits=child_limits.unpacking(settings, archive.stat().st_size),
        folder=folder.parent,
        report=lambda _step, progress: report(progress),
        cancelled=cancelled,
    )
    if sizes != _sizes_in(folder):
        raise BadArchive(DAMAGED)
    return sorted(sizes)


def unpack_in_child(request: Mapping[str, Any], report: child.Report) -> dict[str, int]:
    """Unpack `request["archive"]` into `request["folder"]`. Returns the sizes in bytes of the files, by path.

    `request["size"]` and `request["entries"]` limit how many bytes and members may come out.
    """
    archive = Path(request["archive"])
    extraction = Extraction(
        Path(request["folder"]),
        packed=archive.stat().st_size,
        max_size=request["size"],
        max_entries=request["entries"],
        report=lambda progress: report("unpacking", progress),
    )
    _read(archive, extraction)
    for path in _inner_archives(extraction):
        inner = (extraction.folder / path).rename(extraction.folder.with_name(extraction.folder.name + ".inner"))
        del extraction.files[path]
        extraction.prefix = path.rpartition(".")[0] or path
        try:
            _read(inner, extraction)
        except BadInput as error:
            raise type(error)(f"“{printable(path)[-80:]}” in it: {error.message}") from error
        inner.unlink()
    return extraction.files


IN_CHILD = "davproxy.imports.archives.unpack:unpack_in_child"
"""Names `unpack_in_child` for `child.run`."""


def _inner_archives(extraction: Extraction) -> list[str]:
    """The archives inside the archive, as song packs often have. An archive in a song's own folder is a file of it."""
    names: dict[str, list[str]] = {}
    for path in extraction.files:
        folder, _, name = path.rpartition("/")
        names.setdefault(folder, []).append(name)
    return sorted(
        path
        for path in extraction.files
        if kind_of(extraction.folder / path) in _READERS and not is_song(names[path.rpartition("/")[0]])
    )


def _read(archive: Path, extraction: Extraction) -> None:
    """Unpack one archive with the reader of its kind. Raises BadArchive for whatever the reader fails on."""
    kind = kind_of(archive)
    if kind not in _READERS:
        raise BadArchive("The file is no archive that can be opened here. Pack the song's folder as a zip.")
    try:
        _READERS[kind](archive, extraction)
    except (DavproxyError, MemoryError):
        raise
    except OSError as error:
        if error.errno is not None:  # from the disk, not about the archive
            raise
        raise BadArchive(DAMAGED) from error
    except Exception as error:  # readers raise errors of every kind for a damaged archive
        raise BadArchive(DAMAGED) from error


def kind_of(file: Path) -> Content:
    """The kind of `file`, by its first bytes."""
    with file.open("rb") as opened:
        return content(opened.read(SNIFF_BYTES))


def _sizes_in(folder: Path) -> dict[str, int]:
    """The sizes in bytes of the files in `folder`, by path. Raises BadArchive for anything but files and folders."""
    sizes = {}
    for parent, folders, files in os.walk(folder):
        for name in [*folders, *files]:
            path = Path(parent, name)
            status = path.lstat()
            if stat.S_ISREG(status.st_mode):
                sizes[path.relative_to(folder).as_posix()] = status.st_size
            elif not stat.S_ISDIR(status.st_mode):
                raise BadArchive(DAMAGED)
    return sizes
