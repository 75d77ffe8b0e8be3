"""Archives unpacked as the imports do it, child included."""

from collections.abc import Sequence
from pathlib import Path

from davproxy.imports.archives.unpack import unpack
from davproxy.settings import Settings
from davproxy.work_dir import files_in

SONG = {
    "Pack/Artist - Title/song.ini": b"[song]\r\nname = Title\r\n",
    "Pack/Artist - Title/notes.chart": b"[Song]\n{\n}\n" * 400,
    "Pack/Artist - Title/song.ogg": bytes(range(256)) * 999,
    "Pack/Artist - Title/empty.txt": b"",
}


def archive_file(tmp_path: Path, content: bytes) -> Path:
    archive = tmp_path / "archive"
    archive.write_bytes(content)
    return archive


def unpack_files(
    tmp_path: Path, content: bytes, failed: Sequence[tuple[str, str]] = (), **limits: str
) -> dict[str, bytes]:
    """The files that the step, child included, unpacks from an archive with this content, but for those `failed`."""
    folder = tmp_path / "out"
    folder.mkdir()
    config = Settings.read({"TEMP_DIR": str(tmp_path), **limits}, tmp_path / "none")
    assert unpack(archive_file(tmp_path, content), folder, config) == list(failed)
    return {path: (folder / path).read_bytes() for path in files_in(folder)}
