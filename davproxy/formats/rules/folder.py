"""Rules for the files of a song: which are missing, there twice, or named so that games ignore them."""

from collections import Counter
from collections.abc import Iterator, Mapping

from davproxy.formats import identify
from davproxy.formats.identify import FileKind
from davproxy.formats.rules.problem import Problem, Severity
from davproxy.paths import is_junk

MAX_PATH = 256
"""Characters that Windows allows in a path after the drive letter."""


def check(files: Mapping[str, int], *, packed: bool, path: str = "") -> list[Problem]:
    """The problems of the `files` of a song, name to size. An .sng is `packed`: it needs no song.ini."""
    files = {name: size for name, size in files.items() if not is_junk(name) and "/" not in name}
    clashes = list(_clashes(files))
    if packed:  # games read these names in lower case
        files = {name.lower(): size for name, size in files.items()}
    kinds = {name: identify.file_kind(name) for name in files}
    # In a folder games distinguish upper and lower case; a file that they ignore counts as missing.
    seen = {name: kind for name, kind in kinds.items() if name == name.lower()}
    return [
        *clashes,
        *_capitals(kinds),
        *_path(files, path),
        *([] if packed else _ini(files, seen)),
        *_notes(files, seen),
        *_audio(files, seen),
        *_art(files, seen),
        *_video(seen),
    ]


def _refusal(code: str, message: str) -> Problem:
    return Problem(code, Severity.REFUSED, message)


def _warning(code: str, message: str) -> Problem:
    return Problem(code, Severity.WARNING, message)


def _clashes(files: Mapping[str, int]) -> Iterator[Problem]:
    for name, count in Counter(name.lower() for name in files).items():
        if count > 1:
            yield _refusal("nameClash", f"Two files differ from “{name}” only in case: delete one of them.")


def _capitals(kinds: Mapping[str, FileKind]) -> Iterator[Problem]:
    codes = {FileKind.NOTES: "invalidChart", FileKind.INI: "invalidIni", FileKind.AUDIO: "invalidAudio"}
    for name, kind in kinds.items():
        if kind in codes and name != name.lower():
            yield _warning(codes[kind], f"“{name}” is not seen by games: rename it to “{name.lower()}”.")


def _path(files: Mapping[str, int], path: str) -> Iterator[Problem]:
    longest = max(map(len, files), default=0)
    if path and len(path) + 1 + longest > MAX_PATH:
        yield _refusal(
            "pathTooLong", "The path of this song is too long for Windows: shorten the names of its folders."
        )


def _ini(files: Mapping[str, int], seen: Mapping[str, FileKind]) -> Iterator[Problem]:
    others = [name for name in files if name.lower().endswith(".ini") and name.lower() != identify.INI_NAME]
    for name in others:
        yield _warning("invalidIni", f"“{name}” is not read by games: only song.ini is.")
    if FileKind.INI in seen.values():
        if others:
            yield _warning("multipleIniFiles", "There are several .ini files: keep song.ini alone.")
    elif identify.CHART_NAME in seen:
        message = (
            "There is no song.ini; games fall back on what notes.chart says. Fill in title and artist to make one."
        )
        yield Problem("noMetadata", Severity.ERROR, message)
    else:
        yield _refusal("noMetadata", "There is no song.ini. Fill in title and artist to make one.")


def _notes(files: Mapping[str, int], seen: Mapping[str, FileKind]) -> Iterator[Problem]:
    notes = [name for name, kind in seen.items() if kind is FileKind.NOTES]
    for name in files:
        stem, extension = identify.split(name)
        if extension in ("chart", "mid") and stem != "notes":
            yield _warning(
                "invalidChart", f"“{name}” is not read by games: a notes file is called “notes.{extension}”."
            )
    if not notes:
        yield _refusal("noChart", "There is no notes.chart or notes.mid, so there is nothing to play.")
    if len(notes) > 1:
        yield _warning("multipleChart", "There are notes.mid and notes.chart: games play notes.mid. Keep one of them.")
    played = min(notes, key=lambda name: identify.NOTES_NAMES.index(name.lower()), default="")
    for name in notes:
        if files[name] == 0:
            problem = _refusal if name == played else _warning
            is_only = len(notes) == 1
            message = f"“{name}” is empty. Copy it again." if is_only else f"“{name}” is empty. Delete it."
            yield problem("badChart", message)


def _audio(files: Mapping[str, int], seen: Mapping[str, FileKind]) -> Iterator[Problem]:
    audio = [name for name, kind in seen.items() if kind is FileKind.AUDIO]
    for name in files:
        stem, extension = identify.split(name)
        if extension in identify.AUDIO_EXTENSIONS and stem not in identify.STEMS:
            yield _warning("invalidAudio", f"“{name}” is not played by games: call it after its instrument, or “song”.")
        elif stem in identify.STEMS and extension in identify.OTHER_AUDIO_EXTENSIONS:
            yield _warning("invalidAudio", f"“{name}” is not played by games: convert it to ogg, opus, mp3 or wav.")
    empty = [name for name in audio if files[name] == 0]
    for name in empty:
        yield Problem("badAudio", Severity.ERROR, f"“{name}” is empty. Copy it again.")
    if all(identify.split(name)[0] in identify.NO_MUSIC_STEMS for name in audio if name not in empty):
        yield _refusal(
            "noAudio", "There is no audio that games play: ogg, opus, mp3 or wav, called “song” or after a stem."
        )
    for stem, count in Counter(identify.split(name)[0] for name in audio).items():
        if count > 1:
            yield _warning("multipleAudio", f"There are several audio files called “{stem}”: keep one of them.")


def _art(files: Mapping[str, int], seen: Mapping[str, FileKind]) -> Iterator[Problem]:
    art = [name for name, kind in seen.items() if kind is FileKind.ART]
    if not art:
        yield _warning("noAlbumArt", "There is no album art: add a square picture, 512x512, as album.jpg or album.png.")
    if len(art) > 1:
        yield _warning("multipleAlbumArt", "There are several album pictures: keep one of them.")
    for name in art:
        if files[name] == 0:
            yield _warning("badAlbumArt", f"“{name}” is empty. Copy it again.")


def _video(seen: Mapping[str, FileKind]) -> Iterator[Problem]:
    videos = [name for name, kind in seen.items() if kind is FileKind.VIDEO]
    for name in videos:
        if identify.split(name)[1] not in identify.LINUX_VIDEO_EXTENSIONS:
            yield _warning("badVideo", f"“{name}” does not play on Linux: convert it to webm.")
    if len(videos) > 1:
        yield _warning("multipleVideo", "There are several videos: keep one of them.")
