"""Media types by file name: the Content-Type that a file has at every door, the same on every machine."""

import mimetypes
from functools import lru_cache

UNKNOWN = "application/octet-stream"

_OWN = {
    "chart": "text/plain; charset=utf-8",
    "ini": "text/plain; charset=utf-8",
    "txt": "text/plain; charset=utf-8",
    "mid": "audio/midi",
    "opus": "audio/ogg",
    "ogg": "audio/ogg",
    "wav": "audio/wav",
    "flac": "audio/flac",
    "m4a": "audio/mp4",
    "webm": "video/webm",
    "ogv": "video/ogg",
    "rar": "application/vnd.rar",
    "7z": "application/x-7z-compressed",
}
"""Extensions that the standard library lacks, or knows under another name."""
_BUILT_IN = mimetypes.MimeTypes()
"""The standard library's table alone, without the files of the operating system."""


def media_type(path: str) -> str:
    """The media type of the file at `path`, or called so, by its extension in any case."""
    _, dot, extension = path.rpartition("/")[2].rpartition(".")
    return _of_extension(extension.lower()) if dot else UNKNOWN


@lru_cache(maxsize=4096)
def _of_extension(extension: str) -> str:
    return _OWN.get(extension) or _BUILT_IN.guess_type(f"a.{extension}")[0] or UNKNOWN
