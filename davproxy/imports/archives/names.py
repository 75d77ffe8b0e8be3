"""The names of an archive's members: their encoding, and safe paths for them."""

import re
import unicodedata
from collections.abc import Iterable

from davproxy.errors import BadArchive
from davproxy.paths import is_junk, printable, safe_file_name

DEEPEST = 24
"""Most folders above a member of an archive; song packs use far fewer."""

_DRIVE = re.compile(r"^[A-Za-z]:([/\\]|$)")
_JAPANESE = re.compile(r"[\u3041-\u3096\u30a1-\u30fa]|[\u3041-\u30ff\u4e00-\u9fff\uff01-\uff5e]{2}")


def encoding_of(names: Iterable[bytes]) -> str:
    """The encoding of names for which the archive gives none: utf-8, cp932 or cp437.

    cp932 needs kana or two ideographs in a row, because it reads a western accent as a single ideograph.
    """
    joined = b"/".join(name for name in names if not name.isascii())
    for encoding in ("utf-8", "cp932"):
        try:
            text = joined.decode(encoding)
        except UnicodeDecodeError:
            continue
        if encoding == "utf-8" or _JAPANESE.search(text):
            return encoding
    return "cp437"


def parts_of(name: str) -> list[str]:
    """The parts of `name` between `/` or `\\`, in NFC; those at its start and end do not count, as for other programs.

    Raises BadArchive for a name that begins with a drive or climbs with `..`.
    """
    parts = [part for part in re.split(r"[/\\]", unicodedata.normalize("NFC", name)) if part not in ("", ".")]
    if _DRIVE.match(name) or ".." in (part.strip() for part in parts):
        raise BadArchive(
            f"The archive holds “{printable(name)[:80]}”, a name that points outside of it. It was not unpacked."
        )
    if len(parts) > DEEPEST:
        raise BadArchive(f"The archive holds folders more than {DEEPEST} deep. It was not unpacked.")
    return parts


def is_junk_path(parts: list[str]) -> bool:
    """Whether the member is a file that file managers leave behind, such as .DS_Store."""
    return any(part == "__MACOSX" or is_junk(part) for part in parts)


class Names:
    """Chooses the path of each member: valid on every system, and unique even if upper and lower case are the same."""

    def __init__(self) -> None:
        self._folders: dict[tuple[str, str], str] = {}
        self._taken: set[str] = set()

    def folder_in_place_of(self, path: str) -> str:
        """A new folder, with `/` at its end, called as the archive at `path` without its extension."""
        self._taken.discard(path.casefold())
        parent, slash, name = path.rpartition("/")
        return self._free(parent + slash, name.rpartition(".")[0] or name) + "/"

    def path_for(self, parts: list[str], folder: str = "") -> str:
        """The path, relative and with `/`, of the file with these parts below `folder`. A used name gets a number."""
        for part in parts[:-1]:
            key = (folder, part)
            if key not in self._folders:
                self._folders[key] = self._free(folder, part) + "/"
            folder = self._folders[key]
        return self._free(folder, parts[-1])

    def _free(self, folder: str, raw: str) -> str:
        name = safe_file_name(raw)
        stem, dot, suffix = name.rpartition(".") if "." in name[1:] else (name, "", "")
        path, number = folder + name, 1
        while path.casefold() in self._taken:
            number += 1
            path = f"{folder}{stem} ({number}){dot}{suffix}"
        self._taken.add(path.casefold())
        return path
