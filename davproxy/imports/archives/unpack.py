"""Step: an archive becomes a folder of files. Unpacking happens in a limited child; the parent checks the result."""

import os
import re
import stat
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from davproxy import child, child_limits
from davproxy.errors import BadArchive, BadInput, DavproxyError
from davproxy.formats.identify import SNIFF_BYTES, Content, content
from davproxy.imports.archives import rar, tar, zip
from davproxy.imports.archives.extraction import DAMAGED, VOLUME, Extraction
from davproxy.imports.find_songs import song_folders
from davproxy.settings import Settings


def _unpack_seven_zip(archive: Path, extraction: Extraction) -> None:
    from davproxy.imports.archives import seven_zip  # py7zr takes longer to load than most archives to unpack

    seven_zip.unpack(archive, extraction)


_READERS = {
    Content.ZIP: zip.unpack,
    Content.RAR: rar.unpack,
    Content.SEVEN_ZIP: _unpack_seven_zip,
    Content.TAR: tar.unpack,
    Content.GZIP: tar.unpack,
    Content.BZIP2: tar.unpack,
    Content.XZ: tar.unpack,
    Content.ZSTD: tar.unpack,
}
LEVELS = 3
"""How deep archives may lie in archives, the outermost included. Packs of packs need three."""
TOO_DEEP = "It is an archive inside too many others. Unpack them, and put this one here."
NO_ARCHIVE = "The file is no archive that can be opened here. Pack the song's folder as a zip."
_VOLUME_NAME = re.compile(r"(?i)\.(\d{3}|[zr]\d\d|part\d+\.rar)$")

Reasons = list[tuple[str, str]]
"""(path, reason) of each file that could not be unpacked."""


def unpack(
    archive: Path,
    folder: Path,
    settings: Settings,
    report: Callable[[float], None] = lambda _progress: None,
    cancelled: Callable[[], bool] = lambda: False,
    *,
    name: str = "",
) -> Reasons:
    """Unpack `archive`, called `name`, into the empty `folder`. Returns what in it could not be unpacked, and why.

    That are damaged files and archives inside the archive; the others are there. Raises BadArchive where nothing is,
    TooLarge, NoSpace or Cancelled; the content of `folder` is then undefined.
    """
    request = {
        "archive": str(archive),
        "folder": str(folder),
        "size": settings.unpacked_limit,
        "entries": settings.archive_entries,
    }
    try:
        answer: dict[str, Any] = child.run(
            IN_CHILD,
            request,
            limits=child_limits.unpacking(settings, archive.stat().st_size),
            folder=folder.parent,
            report=lambda _step, progress: report(progress),
            cancelled=cancelled,
        )
    except BadArchive as error:
        raise BadArchive(_explanation(error, name)) from error
    if answer["sizes"] != _sizes_in(folder):
        raise BadArchive(DAMAGED)
    return [(path, reason) for path, reason in answer["failed"]]


def unpack_in_child(request: Mapping[str, Any], report: child.Report) -> dict[str, Any]:
    """Unpack `request["archive"]` into `request["folder"]`: `{"sizes": {path: bytes}, "failed": [(path, reason)]}`.

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
    _unpack_one(archive, extraction)
    for _ in range(LEVELS - 1):
        for path in _inner_archives(extraction):
            _read_inner(path, extraction)
    extraction.failed += [(path, TOO_DEEP) for path in _inner_archives(extraction)]
    if extraction.failed and not extraction.files:
        path, reason = extraction.failed[0]
        raise BadArchive(f"“{path}” in it: {reason}")
    return {"sizes": extraction.files, "failed": extraction.failed}


IN_CHILD = "davproxy.imports.archives.unpack:unpack_in_child"
"""Names `unpack_in_child` for `child.run`."""


def _inner_archives(extraction: Extraction) -> list[str]:
    """The archives inside the archive, as song packs often have. An archive in a song is a file of it."""
    in_songs = song_folders(extraction.files)
    return sorted(
        path for path in extraction.files if in_songs(path) is None and kind_of(extraction.folder / path) in _READERS
    )


def _read_inner(path: str, extraction: Extraction) -> None:
    """Unpack an archive inside the archive into a folder of its name. If it is bad, that costs no other anything."""
    inner = (extraction.folder / path).rename(extraction.folder.with_name(extraction.folder.name + ".inner"))
    with extraction.in_place_of(path):
        before = set(extraction.files)
        try:
            _unpack_one(inner, extraction)
        except BadInput as error:
            extraction.remove(set(extraction.files) - before)
            extraction.failed.append((path, _explanation(error, path)))
    inner.unlink()


def _explanation(error: BadInput, name: str) -> str:
    """The error's message; that of one of several volumes says so, since alone it looks damaged."""
    is_volume = error.message in (DAMAGED, NO_ARCHIVE) and _VOLUME_NAME.search(name)
    return VOLUME if is_volume else error.message


def _unpack_one(archive: Path, extraction: Extraction) -> None:
    """Unpack one archive with the reader of its kind. Raises BadArchive for whatever the reader fails on."""
    kind = kind_of(archive)
    if kind not in _READERS and zipfile.is_zipfile(archive):
        kind = Content.ZIP  # behind a program that unpacks it, or other bytes
    if kind not in _READERS:
        raise BadArchive(NO_ARCHIVE)
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
