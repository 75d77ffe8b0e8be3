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


def zip_of(files: Files, *, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip; names stay exactly as given."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, content in files.items():
            member = zipfile.ZipInfo("x")
            member.filename = name
            member.compress_type = method
            archive.writestr(member, content)
    return out.getvalue()


def tar_of(files: Files) -> bytes:
    """A plain tar."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return out.getvalue()


def tar_gz_of(files: Files) -> bytes:
    """tar.gz"""
    return gzip.compress(tar_of(files))


def tar_bz2_of(files: Files) -> bytes:
    """tar.bz2"""
    return bz2.compress(tar_of(files))


def tar_xz_of(files: Files) -> bytes:
    """tar.xz"""
    return lzma.compress(tar_of(files))


def tar_zst_of(files: Files) -> bytes:
    """tar.zst"""
    return zstandard.compress(tar_of(files))


def seven_zip_of(files: Files, *, password: str | None = None) -> bytes:
    """A 7z; names stay exactly as given."""
    out = io.BytesIO()
    with py7zr.SevenZipFile(out, "w", password=password) as archive:
        for number, content in enumerate(files.values()):
            archive.writestr(content, f"{number}")
        for entry, name in zip(archive.header.files_info.files, files, strict=True):
            entry["filename"] = name
    return out.getvalue()


PACKERS: dict[str, Callable[[Files], bytes]] = {
    "zip": zip_of,
    "tar": tar_of,
    "tar.gz": tar_gz_of,
    "tar.bz2": tar_bz2_of,
    "tar.xz": tar_xz_of,
    "tar.zst": tar_zst_of,
    "7z": seven_zip_of,
    "rar4": rar4,
    "rar5": rar5,
}
"""Every kind of archive by its name."""
