"""Paths of the tree: their one form, the top folders, and names that every system can store.

A path is absolute, NFC, with `/` between names and none at the end; the root is `/`.
"""

import re
import unicodedata
from functools import lru_cache

from davproxy.errors import BadPath

SONGS = "/Songs"
DROP = "/Drop"
GENERATE = "/Generate"
BACKGROUNDS = "/Backgrounds"
COLORS = "/Colors"
HIGHWAYS = "/Highways"
SETLISTS = "/Setlists"
SCORES = "/Scores"
STATUS = "/Status"
TEMP = "/Temp"
DATABASE = "/Database"

STORED = (SONGS, DROP, GENERATE, BACKGROUNDS, COLORS, HIGHWAYS, SETLISTS, SCORES)
"""The top folders that always exist. People may make others beside them."""
HIDDEN = (TEMP, DATABASE)
"""Top folders of the remote that clients do not see."""

NAME_BYTES = 250
"""The longest name that a Nextcloud stores."""
MOST_NAMES = 100
"""The most names of a path. What lies deeper is refused, or not shown: many programs enter folders by recursion."""
SAFE_NAME_BYTES = 120
"""The longest name that we choose, so that whole paths stay short."""

_REFUSED = re.compile(r"[\x00-\x1f\x7f\\]")
_SURROGATE = re.compile(r"[\ud800-\udfff]")
_WINDOWS_DEVICES = re.compile(r"(?i)^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\.|$)")
_UNSAFE = re.compile(r'[\x00-\x1f\x7f<>:"/\\|?*]')
_STAND_INS = {":": " -", '"': "'", "/": "-", "\\": "-"}
_EXTENSION = re.compile(r"[A-Za-z0-9]{1,8}")
_UNFINISHED = (".part", ".filepart")
"""Extensions that a Nextcloud refuses."""
_FINDER_ICON = "Icon\r"
"""The file with a folder's icon: the one name with a control character that clients do send."""
_JUNK = re.compile(
    r"""(?ix)
      \._.* | \.ds_store | \.(spotlight-v100|trashes|fseventsd|localized|temporaryitems|apdisk|volumeicon\.icns)
    | \.apple(double|db|desktop) | \.documentrevisions-v100 | \.com\.apple\..* | icon\r  # all by macOS
    | (eh)?thumbs\.db | desktop\.ini | \$recycle\.bin | system\ volume\ information | ~\$.* | ~wr[dla]\d+\.tmp
    | \.trash(-\d+)? | \.directory | \.hidden | \.goutputstream-.* | \.xdg-volume-info  # Linux desktops
    | \.fuse_hidden.* | \.nfs[0-9a-f]+
    | \.~lock\..*\# | \..*\.sw[a-p] | \..*\.kate-swp | \.\#.*  # editors
    """
)


@lru_cache(maxsize=4096)
def normalise(raw: str) -> str:
    """The one form of a path.

    Raises BadPath for `..`, control characters, backslashes, names that are too long, and too many of them.
    """
    names = [name for name in unicodedata.normalize("NFC", raw).split("/") if name not in ("", ".")]
    if len(names) > MOST_NAMES:
        raise BadPath(f"This is more than {MOST_NAMES} folders deep. Choose a place further up.")
    for name in names:
        _check_name(name)
    return "/" + "/".join(names)


@lru_cache(maxsize=4096)  # most names come again and again: song.ini, and the folders above
def _check_name(name: str) -> None:
    if name == ".." or (_REFUSED.search(name) and name != _FINDER_ICON):
        raise BadPath(f"“{printable(name)}” cannot be used as a name here. Choose another name.")
    if len(name.encode("utf-8", "surrogatepass")) > NAME_BYTES:
        raise BadPath(f"The name “{printable(name)[:40]}…” is longer than {NAME_BYTES} bytes. Choose a shorter one.")
    if _SURROGATE.search(name):
        raise BadPath(f"The name “{printable(name)}” is not valid text. Choose another name.")


def join(folder: str, *names: str) -> str:
    """The path of `names` below `folder`."""
    return "/".join([folder.rstrip("/"), *names])


def name_of(path: str) -> str:
    """The last name of `path`; empty for the root."""
    return path.rpartition("/")[2]


def parent_of(path: str) -> str:
    """The folder that `path` is in; that of the root is the root."""
    return path.rpartition("/")[0] or "/"


def top_of(path: str) -> str:
    """The top folder of `path`, `/Songs` for `/Songs/A/B`; `/` for the root."""
    return "/" + path.split("/", 2)[1]


def is_below(path: str, folder: str) -> bool:
    """Whether `path` lies below `folder`. A folder is not below itself."""
    return path != folder and path.startswith(folder.rstrip("/") + "/")


def is_at_or_below(path: str, folder: str) -> bool:
    """Whether `path` is `folder` or lies below it."""
    return path == folder or is_below(path, folder)


def ancestors(path: str) -> list[str]:
    """Every folder above `path`, nearest first, the root last."""
    folders = []
    end = path.rfind("/")
    while end > 0:
        folders.append(path[:end])
        end = path.rfind("/", 0, end)
    return [] if path == "/" else [*folders, "/"]


def is_stored(path: str) -> bool:
    """Whether the remote stores `path` and clients see it: all but the root, /Status, /Temp and /Database."""
    return path != "/" and top_of(path).casefold() not in _NOT_STORED


_NOT_STORED = frozenset(top.casefold() for top in (STATUS, *HIDDEN))


def is_junk(name: str) -> bool:
    """Whether `name` is one that file managers, editors and network file systems use for themselves.

    Such files (`._*`, `.DS_Store`, `Thumbs.db`, `~$song.ini`, `.song.ini.swp` …) are no part of a library.
    """
    return _JUNK.fullmatch(name) is not None


def safe_name(raw: str, fallback: str = "Unknown") -> str:
    """`raw` as a name that Windows, macOS, Linux and Nextcloud can all store, at most SAFE_NAME_BYTES long.

    Readable characters replace forbidden ones. Two different names can become the same; the caller must expect that.
    """
    return _storable(_shorten(_without_unsafe(raw), SAFE_NAME_BYTES), fallback)


def safe_file_name(raw: str) -> str:
    """As `safe_name`; a name that is too long keeps its extension, which says what the file is."""
    text = _without_unsafe(raw)
    stem, dot, extension = text.rpartition(".")
    if stem and _EXTENSION.fullmatch(extension):
        text = _shorten(stem, SAFE_NAME_BYTES - len(extension) - 1) + dot + extension
    return _storable(_shorten(text, SAFE_NAME_BYTES), "Unknown")


def _without_unsafe(raw: str) -> str:
    text = unicodedata.normalize("NFC", raw.encode("utf-8", "replace").decode())
    text = _UNSAFE.sub(lambda match: _STAND_INS.get(match.group(), ""), text)
    text = " ".join(text.split()).strip(". ")
    return f"_{text}" if _WINDOWS_DEVICES.match(text) else text


def _shorten(text: str, most: int) -> str:
    """As much of `text` as fits into `most` bytes."""
    return text.encode()[:most].decode(errors="ignore").strip(". ")


def _storable(text: str, fallback: str) -> str:
    if not text:
        return fallback
    return "_".join(text.rsplit(".", 1)) if text.lower().endswith(_UNFINISHED) else text


def printable(name: str) -> str:
    """`name` for a message: each character that a terminal or a log could interpret is replaced by U+FFFD."""
    return "".join(character if character.isprintable() else "�" for character in name)
