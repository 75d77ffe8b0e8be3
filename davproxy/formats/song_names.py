"""The names that a song's files get in the library, where games find them."""

from collections.abc import Iterable

from davproxy.formats import identify
from davproxy.formats.identify import FileKind


def names_in_song(names: Iterable[str]) -> dict[str, str]:
    """The names that files get in the song's folder, each with its present name.

    Names that games look for become lower case, because some games find no others. A chart or audio of its own name
    gets the one that games look for, if there is no other that could be meant.
    """
    chosen: dict[str, str] = {}
    for name in sorted(names, key=lambda name: (name != name.lower(), name)):
        lower = name.lower()
        known = "/" not in name and identify.file_kind(name) is not FileKind.OTHER
        chosen[lower if known and lower not in chosen else name] = name
    _rename_chart(chosen)
    _rename_audio(chosen)
    return chosen


def _rename_chart(chosen: dict[str, str]) -> None:
    """Give the only chart its name. A MIDI file may be any music, so it is one only beside a song.ini."""
    if any(name in chosen for name in identify.NOTES_NAMES):
        return
    endings = {"chart": "notes.chart"}
    if identify.INI_NAME in chosen:
        endings |= {"mid": "notes.mid", "midi": "notes.mid"}
    _rename_only(chosen, endings)


def _rename_audio(chosen: dict[str, str]) -> None:
    """Give the only audio of a chart its name."""
    is_song = any(name in chosen for name in (identify.INI_NAME, *identify.NOTES_NAMES))
    if is_song and not any(identify.is_music(name) for name in chosen):
        _rename_only(chosen, {ending: f"song.{ending}" for ending in identify.AUDIO_EXTENSIONS})


def _rename_only(chosen: dict[str, str], names: dict[str, str]) -> None:
    """Rename the one file at the top that is of no known kind and has one of these endings, if it is only one."""
    found = [
        name
        for name in chosen
        if "/" not in name and identify.file_kind(name) is FileKind.OTHER and identify.split(name)[1] in names
    ]
    if len(found) == 1:
        chosen[names[identify.split(found[0])[1]]] = chosen.pop(found[0])
