"""Archives of every kind, made of a dictionary of files."""

import bz2
import gzip
import io
import lzma
import tarfile
import zipfile
from collections.abc import Callable, Mapping

import py7zr
import zstandard

from tests.imports.rar_writer import rar4, rar5

Files = Mapping[str, bytes]


def zipped(files: Files, *, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip; names stay exactly as given."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, content in files.items():
            member = zipfile.ZipInfo("x")
            member.filename = name
            member.compress_type = method
            archive.writestr(member, content)
    return out.getvalue()


def tarred(files: Files) -> bytes:
    """A plain tar."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return out.getvalue()


def tarred_gz(files: Files) -> bytes:
    """tar.gz"""
    return gzip.compress(tarred(files))


def tarred_bz2(files: Files) -> bytes:
    """tar.bz2"""
    return bz2.compress(tarred(files))


def tarred_xz(files: Files) -> bytes:
    """tar.xz"""
    return lzma.compress(tarred(files))


def tarred_zst(files: Files) -> bytes:
    """tar.zst"""
    return zstandard.compress(tarred(files))


def seven_zipped(files: Files, *, password: str | None = None) -> bytes:
    """A 7z; names stay exactly as given."""
    out = io.BytesIO()
    with py7zr.SevenZipFile(out, "w", password=password) as archive:
        for number, content in enumerate(files.values()):
            archive.writestr(content, f"{number}")
        for entry, name in zip(archive.header.files_info.files, files, strict=True):
            entry["filename"] = name
    return out.getvalue()


PACKERS: dict[str, Callable[[Files], bytes]] = {
    "zip": zipped,
    "tar": tarred,
    "tar.gz": tarred_gz,
    "tar.bz2": tarred_bz2,
    "tar.xz": tarred_xz,
    "tar.zst": tarred_zst,
    "7z": seven_zipped,
    "rar4": rar4,
    "rar5": rar5,
}
"""Every kind of archive by its name."""
