"""The tags and the picture of an audio file of unknown origin, read in a limited child."""

import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from davproxy import child, child_limits, paths
from davproxy.settings import Settings
from davproxy.work_dir import work_dir

FIELDS = ("title", "artist", "album", "year", "genre", "track")
_PICTURE = "picture"


def read_tags(name: str, start: bytes, settings: Settings) -> dict[str, str]:
    """The FIELDS of the audio file `name`, whose first megabytes are `start`. The name gives what tags do not."""
    return read_tags_and_picture(name, start, settings)[0]


def read_tags_and_picture(name: str, start: bytes, settings: Settings) -> tuple[dict[str, str], bytes]:
    """As `read_tags`, and the embedded picture; empty where there is none."""
    with work_dir(settings.temp_dir, f"tags-{uuid.uuid4().hex}") as folder:
        file = folder / paths.safe_file_name(name)
        file.write_bytes(start)
        tags = child.run(IN_CHILD, {"file": str(file)}, limits=child_limits.reading_tags(settings), folder=folder)
        picture = folder / _PICTURE
        return {key: str(value) for key, value in tags.items()}, picture.read_bytes() if picture.is_file() else b""


def read_in_child(request: Mapping[str, Any], _report: child.Report) -> dict[str, str]:
    """The FIELDS of the file at `request["file"]`; its picture becomes a file beside it."""
    from davproxy.charter.output.tags import read  # only the child loads the charter

    file = Path(request["file"])
    tags = read([file], file.stem)
    if tags.cover:
        file.with_name(_PICTURE).write_bytes(tags.cover)
    return {name: getattr(tags, name) for name in FIELDS}


IN_CHILD = "davproxy.audio_tags:read_in_child"
"""Names `read_in_child` for `child.run`."""
