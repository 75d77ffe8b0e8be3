"""Repairs that look into files of a song: song.ini, which the index has, and the first bytes of audio and pictures."""

from collections.abc import Iterator

from davproxy import paths
from davproxy.curation.file_steps import ENCODING, HEADING, is_large
from davproxy.curation.steps import Step
from davproxy.errors import BadIni, NotFound
from davproxy.formats import identify, ini_repairs, song_ini
from davproxy.formats.encoding import UTF8
from davproxy.formats.identify import INI_NAME, FileKind
from davproxy.library import Library
from davproxy.model import Song
from davproxy.pictures import ART_SIDE, UPLOAD_BYTES

START_BYTES = 128 * 1024
"""Bytes in which a picture says its size: JPEGs of cameras hold a small picture before that."""
_SAME = {"jpeg": "jpg", "vp8": "webm"}
"""Extensions that name the same container as others."""
_IN_CONTAINERS = (FileKind.AUDIO, FileKind.ART, FileKind.VIDEO, FileKind.BACKGROUND, FileKind.HIGHWAY)


def encoding(library: Library, song: Song) -> Iterator[Step]:
    """song.ini as UTF-8, where it is in an encoding that not every game guesses."""
    data = _ini(library, song)
    try:
        codec = ini_repairs.encoding_to_repair(data) if data else None
    except BadIni:
        return
    if codec is not None:
        words = " – ".join(filter(None, (song.artist, song.title)))
        reason = f"Every game then reads “{words}”."
        yield Step("ini", _ini_path(song), before={ENCODING: codec}, after={ENCODING: UTF8.codec}, reason=reason)


def section(library: Library, song: Song) -> Iterator[Step]:
    """The heading [song], without which games read nothing from song.ini."""
    data = _ini(library, song)
    try:
        old = ini_repairs.heading_to_repair(song_ini.parse(data)) if data else None
    except BadIni:
        return
    if old is not None:
        before, after = {HEADING: old or None}, {HEADING: ini_repairs.HEADING}
        yield Step("ini", _ini_path(song), before=before, after=after, reason="Games read only what is below it.")


def containers(library: Library, song: Song) -> Iterator[Step]:
    """Audio, pictures and videos under the extension that their first bytes say, where that name is free."""
    taken = {name.lower() for name in song.files}
    for name, size in song.files.items():
        stem, extension = identify.split(name)
        other = stem in identify.STEMS and extension in identify.OTHER_AUDIO_EXTENSIONS
        if not size or not (other or identify.file_kind(name) in _IN_CONTAINERS):
            continue
        right = identify.extension_of(_start(library, song, name, identify.SNIFF_BYTES))
        new = f"{name.rpartition('.')[0]}.{right}"
        kind = FileKind.AUDIO if other else identify.file_kind(name)
        is_wrong = bool(right) and _SAME.get(extension, extension) != right
        if is_wrong and identify.file_kind(new) is kind and new.lower() not in taken:
            taken.add(new.lower())
            paths_of = paths.join(song.path, name), paths.join(song.path, new)
            yield Step("move", *paths_of, reason=f"Its first bytes say {right}.", keeps_folder=True)


def art(library: Library, song: Song) -> Iterator[Step]:
    """Album art of the size that games show, where it is larger."""
    names = [name for name in song.files if identify.file_kind(name) is FileKind.ART]
    if len(names) != 1 or song.files[names[0]] > UPLOAD_BYTES:
        return
    if is_large(_start(library, song, names[0], START_BYTES)):
        stem, _, extension = names[0].rpartition(".")
        original = paths.join(song.path, f"{stem} (original).{extension}")
        reason = f"Games show {ART_SIDE} × {ART_SIDE} pixels."
        yield Step("shrink", paths.join(song.path, names[0]), original, reason=reason)


def _ini_path(song: Song) -> str:
    return paths.join(song.path, INI_NAME)


def _ini(library: Library, song: Song) -> bytes:
    """The bytes of song.ini; empty where there is none."""
    if INI_NAME not in song.files or song.files[INI_NAME] > song_ini.MAX_BYTES:
        return b""
    try:
        return library.tree.read(_ini_path(song))
    except NotFound:
        return b""


def _start(library: Library, song: Song, name: str, length: int) -> bytes:
    with library.songs.stream_file(song, name, 0, min(length, song.files[name])) as blocks:
        return b"".join(blocks)
