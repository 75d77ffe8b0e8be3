"""Checksums of files as the header OC-Checksum writes them, `SHA1:… MD5:…`: Nextcloud and ownCloud store them so.

rclone compares MD5 with vendor=owncloud, and SHA-1 with vendor=nextcloud.
"""

import hashlib
import re
from pathlib import Path

LONGEST = 255
"""Most characters of all checksums of a file."""
_ONE = re.compile(r"[A-Za-z0-9-]{2,16}:[0-9A-Za-z+/=]{6,128}(?!\S)")


class Checksums:
    """SHA-1 and MD5 of the bytes of an upload, computed as they pass."""

    def __init__(self) -> None:
        self._sha1, self._md5 = hashlib.sha1(usedforsecurity=False), hashlib.md5(usedforsecurity=False)

    def update(self, block: bytes) -> None:
        """Add the next bytes."""
        self._sha1.update(block)
        self._md5.update(block)

    def __str__(self) -> str:
        return f"SHA1:{self._sha1.hexdigest()} MD5:{self._md5.hexdigest()}"


def of_file(file: Path) -> str:
    """The checksums of a file on this disk."""
    checksums = Checksums()
    with file.open("rb") as opened:
        while block := opened.read(1 << 20):
            checksums.update(block)
    return str(checksums)


def readable(text: str) -> str:
    """The well-formed checksums among those that another program wrote."""
    found = ""
    for each in _ONE.findall(text):
        if len(found) + len(each) < LONGEST:
            found = f"{found} {each}".lstrip()
    return found


def one_of(algorithm: str, checksums: str) -> str:
    """The checksum of an algorithm such as `SHA1`, in lower case; empty where there is none."""
    for each in checksums.split():
        name, _, value = each.partition(":")
        if name.upper() == algorithm:
            return value.lower()
    return ""
