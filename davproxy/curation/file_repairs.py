"""Repairs that look into files of a song: song.ini, which the index has, and the first bytes of audio and pictures."""

from collections.abc import Iterator
from functools import cached_property

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


class SongFiles:
    """A song and its files, as repairs look into them: song.ini is read and parsed once for all of them."""

    def __init__(self, library: Library, song: Song) -> None:
        self.library, self.song = library, song

    @cached_property
    def ini(self) -> bytes:
        """The bytes of song.ini; empty where there is none."""
        if INI_NAME not in self.song.files or self.song.files[INI_NAME] > song_ini.MAX_BYTES:
            return b""
        try:
            return self.library.tree.read(_ini_path(self.song))
        except NotFound:
            return b""

    @cached_property
    def heading(self) -> str | None:
        """The line of song.ini that should be [song], empty where there is none; None where nothing is to be done."""
        try:
            return ini_repairs.heading_to_repair(song_ini.parse(self.ini)) if self.ini else None
        except BadIni:
            return None

    def start(self, name: str, length: int) -> bytes:
        """The first `length` bytes of a file, or all."""
        with self.library.songs.stream_file(self.song, name, 0, min(length, self.song.files[name])) as blocks:
            return b"".join(blocks)


def encoding(files: SongFiles) -> Iterator[Step]:
    """song.ini as UTF-8, where it is in an encoding that not every game guesses."""
    song = files.song
    try:
        codec = ini_repairs.encoding_to_repair(files.ini)
    except BadIni:
        return
    if codec is not None:
        words = " – ".join(filter(None, (song.artist, song.title)))
        reason = f"Every game then reads “{words}”."
        yield Step("ini", _ini_path(song), before={ENCODING: codec}, after={ENCODING: UTF8.codec}, reason=reason)


def section(files: SongFiles) -> Iterator[Step]:
    """The heading [song], without which games read nothing from song.ini."""
    if files.heading is not None:
        before, after = {HEADING: files.heading or None}, {HEADING: ini_repairs.HEADING}
        yield Step("ini", _ini_path(files.song), before=before, after=after, reason="Games read only what is below it.")


def containers(files: SongFiles) -> Iterator[Step]:
    """Audio, pictures and videos under the extension that their first bytes say, where that name is free."""
    song = files.song
    taken = {name.lower() for name in song.files}
    for name, size in song.files.items():
        stem, extension = identify.split(name)
        other = stem in identify.STEMS and extension in identify.OTHER_AUDIO_EXTENSIONS
        if not size or not (other or identify.file_kind(name) in _IN_CONTAINERS):
            continue
        right = identify.extension_of(files.start(name, identify.SNIFF_BYTES))
        new = f"{name.rpartition('.')[0]}.{right}"
        kind = FileKind.AUDIO if other else identify.file_kind(name)
        is_wrong = bool(right) and _SAME.get(extension, extension) != right
        if is_wrong and identify.file_kind(new) is kind and new.lower() not in taken:
            taken.add(new.lower())
            paths_of = paths.join(song.path, name), paths.join(song.path, new)
            yield Step("move", *paths_of, reason=f"Its first bytes say {right}.", keeps_folder=True)


def art(files: SongFiles) -> Iterator[Step]:
    """Album art of the size that games show, where it is larger."""
    song = files.song
    names = [name for name in song.files if identify.file_kind(name) is FileKind.ART]
    if len(names) != 1 or song.files[names[0]] > UPLOAD_BYTES:
        return
    if is_large(files.start(names[0], START_BYTES)):
        stem, _, extension = names[0].rpartition(".")
        original = paths.join(song.path, f"{stem} (original).{extension}")
        reason = f"Games show {ART_SIDE} × {ART_SIDE} pixels."
        yield Step("shrink", paths.join(song.path, names[0]), original, reason=reason)


def _ini_path(song: Song) -> str:
    return paths.join(song.path, INI_NAME)
